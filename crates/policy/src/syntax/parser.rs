//! From tokens to a tree: recursive descent, one function a level of binding.
//!
//! Each function counts how deep it stands, and each node how deep it is: a
//! chain of a thousand `+` leans as deep as a thousand brackets nest.

use super::lexer::{Kind, Token, offset, tokens};
use super::tree::{Binary, Call, Literal, Node, Tree};
use super::{Fault, SYNTAX, TOO_DEEP};
use crate::limits::DEPTH_MAX;

/// Words that CEL keeps for later or for others.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// The tree of `source`.
///
/// # Errors
/// The first thing that is wrong with it.
pub(crate) fn parse(source: &str) -> Result<Node, Fault> {
    let tokens = tokens(source)?;
    let mut parser = Parser {
        tokens,
        next: 0,
        standing: 0,
    };
    if parser.peek() == &Kind::End {
        return Err(parser.fault("the expression is empty"));
    }
    let node = parser.expression()?;
    match parser.peek() {
        Kind::End => Ok(node),
        _ => Err(parser.unexpected("the expression should end here")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    /// Brackets and conditions that are open.
    standing: u16,
}

impl Parser {
    fn peek(&self) -> &Kind {
        self.tokens
            .get(self.next)
            .map_or(&Kind::End, |token| &token.kind)
    }

    fn at(&self) -> u32 {
        self.tokens
            .get(self.next)
            .or(self.tokens.last())
            .map_or(offset(0), |token| token.at)
    }

    /// Takes the next token.
    fn take(&mut self) -> Kind {
        match self.tokens.get_mut(self.next) {
            Some(token) => {
                self.next += 1;
                // The place stays; what it was is not asked again.
                std::mem::replace(&mut token.kind, Kind::End)
            }
            None => Kind::End,
        }
    }

    fn is(&self, mark: &str) -> bool {
        matches!(self.peek(), Kind::Mark(next) if *next == mark)
    }

    /// Takes the next token if it is `mark`; the byte where it was.
    fn accept(&mut self, mark: &str) -> Option<u32> {
        let at = self.at();
        self.is(mark).then(|| {
            self.next += 1;
            at
        })
    }

    fn expect(&mut self, mark: &str, why: &str) -> Result<u32, Fault> {
        self.accept(mark)
            .ok_or_else(|| self.unexpected(&format!("{why} needs `{mark}` here")))
    }

    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.at(), SYNTAX, message)
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        let found = self.peek();
        let hint = match found {
            Kind::Name(word) => match word.as_str() {
                "and" => Some("write `&&`"),
                "or" => Some("write `||`"),
                "not" => Some("write `!`"),
                "is" => Some("write `==`"),
                "if" | "else" => Some("write `condition ? this : that`"),
                _ => None,
            },
            _ => None,
        };
        self.fault(format!("{wanted}, not {}", found.in_words()))
            .maybe_hint(hint.map(str::to_owned))
    }

    /// Everything that opens something stands one deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.standing >= DEPTH_MAX {
            return Err(too_deep(self.at()));
        }
        self.standing += 1;
        let read = read(self);
        self.standing -= 1;
        read
    }

    fn expression(&mut self) -> Result<Node, Fault> {
        self.deeper(|parser| {
            let condition = parser.alternatives()?;
            let Some(at) = parser.accept("?") else {
                return Ok(condition);
            };
            let this = parser.alternatives()?;
            parser.expect(":", "a condition `? this : that`")?;
            let that = parser.expression()?;
            let parts = [condition, this, that];
            let depth = deepest(&parts);
            node(at, depth, Tree::If(Box::new(parts)))
        })
    }

    fn alternatives(&mut self) -> Result<Node, Fault> {
        self.joined("||", Self::conjunction, Tree::Or)
    }

    fn conjunction(&mut self) -> Result<Node, Fault> {
        self.joined("&&", Self::relation, Tree::And)
    }

    fn joined(
        &mut self,
        mark: &str,
        part: fn(&mut Self) -> Result<Node, Fault>,
        join: fn(Vec<Node>) -> Tree,
    ) -> Result<Node, Fault> {
        let first = part(self)?;
        if !self.is(mark) {
            return Ok(first);
        }
        let at = self.at();
        let mut parts = vec![first];
        while self.accept(mark).is_some() {
            parts.push(part(self)?);
        }
        node(at, deepest(&parts), join(parts))
    }

    fn relation(&mut self) -> Result<Node, Fault> {
        self.leaning(
            &[
                ("==", Binary::Equal),
                ("!=", Binary::NotEqual),
                ("<=", Binary::LessOrEqual),
                (">=", Binary::GreaterOrEqual),
                ("<", Binary::Less),
                (">", Binary::Greater),
            ],
            Self::sum,
        )
    }

    fn sum(&mut self) -> Result<Node, Fault> {
        self.leaning(
            &[("+", Binary::Add), ("-", Binary::Subtract)],
            Self::product,
        )
    }

    fn product(&mut self) -> Result<Node, Fault> {
        self.leaning(
            &[
                ("*", Binary::Multiply),
                ("/", Binary::Divide),
                ("%", Binary::Remainder),
            ],
            Self::unary,
        )
    }

    /// Operators that lean to the left.
    fn leaning(
        &mut self,
        operators: &[(&str, Binary)],
        part: fn(&mut Self) -> Result<Node, Fault>,
    ) -> Result<Node, Fault> {
        let mut left = part(self)?;
        loop {
            let operator = match self.peek() {
                Kind::Mark(mark) => operators
                    .iter()
                    .find(|(written, _)| written == mark)
                    .map(|(_, operator)| *operator),
                Kind::Name(word) if word == "in" && operators[0].1 == Binary::Equal => {
                    Some(Binary::In)
                }
                _ => None,
            };
            let Some(operator) = operator else {
                return Ok(left);
            };
            let at = self.at();
            self.next += 1;
            let sides = [left, part(self)?];
            left = node(at, deepest(&sides), Tree::Binary(operator, Box::new(sides)))?;
        }
    }

    fn unary(&mut self) -> Result<Node, Fault> {
        if let Some(at) = self.accept("!") {
            let inner = self.deeper(Self::unary)?;
            return node(at, inner.depth, Tree::Not(Box::new(inner)));
        }
        if let Some(at) = self.accept("-") {
            return self.negative(at);
        }
        self.member()
    }

    /// What follows a minus. The least `int` has no positive counterpart, so a
    /// minus before a number belongs to it.
    fn negative(&mut self, at: u32) -> Result<Node, Fault> {
        match self.peek() {
            Kind::Int(value) => {
                let Some(value) = 0_i64.checked_sub_unsigned(*value) else {
                    return Err(self.fault("this number is too large"));
                };
                self.next += 1;
                let literal = node(at, 0, Tree::Literal(Literal::Int(value)))?;
                self.suffixes(literal)
            }
            Kind::Double(value) => {
                let value = -*value;
                self.next += 1;
                let literal = node(at, 0, Tree::Literal(Literal::Double(value)))?;
                self.suffixes(literal)
            }
            _ => {
                let inner = self.deeper(Self::unary)?;
                node(at, inner.depth, Tree::Negate(Box::new(inner)))
            }
        }
    }

    fn member(&mut self) -> Result<Node, Fault> {
        let primary = self.primary()?;
        self.suffixes(primary)
    }

    /// `.name`, `.name(...)` and `[...]`, as many as follow.
    fn suffixes(&mut self, mut left: Node) -> Result<Node, Fault> {
        loop {
            if self.accept(".").is_some() {
                let at = self.at();
                let name = self.field_name()?;
                left = if self.is("(") {
                    let arguments = self.arguments()?;
                    call(at, Some(left), name, arguments)?
                } else {
                    node(at, left.depth, Tree::Select(Box::new(left), name))?
                };
            } else if let Some(at) = self.accept("[") {
                let index = self.expression()?;
                self.expect("]", "an index")?;
                let depth = left.depth.max(index.depth);
                left = node(at, depth, Tree::Index(Box::new(left), Box::new(index)))?;
            } else {
                return Ok(left);
            }
        }
    }

    /// The name after a dot. Words that are reserved elsewhere are names here.
    fn field_name(&mut self) -> Result<String, Fault> {
        match self.peek() {
            Kind::Name(name) if matches!(name.as_str(), "in" | "true" | "false" | "null") => {
                Err(self
                    .fault(format!("`{name}` cannot stand after a dot"))
                    .hint(format!("write [\"{name}\"]")))
            }
            Kind::Name(_) => match self.take() {
                Kind::Name(name) => Ok(name),
                _ => Err(self.fault("a dot needs a name after it")),
            },
            _ => Err(self
                .unexpected("a dot needs a name after it")
                .hint("a key that is no plain name is written [\"like-this\"]")),
        }
    }

    fn primary(&mut self) -> Result<Node, Fault> {
        let at = self.at();
        let literal = match self.peek() {
            Kind::Name(_) => return self.named(at),
            Kind::Mark("(") => {
                self.next += 1;
                let inner = self.expression()?;
                self.expect(")", "an open `(`")?;
                return Ok(inner);
            }
            Kind::Mark("[") => {
                self.next += 1;
                let elements = self.list("]", Self::expression)?;
                let depth = deepest(&elements);
                return node(at, depth, Tree::List(elements));
            }
            Kind::Mark("{") => {
                self.next += 1;
                return self.map(at);
            }
            Kind::Int(value) => match i64::try_from(*value) {
                Ok(value) => Literal::Int(value),
                Err(_) => return Err(self.fault("this number is too large")),
            },
            Kind::Uint(value) => Literal::Uint(*value),
            Kind::Double(value) => Literal::Double(*value),
            Kind::Text(_) | Kind::Bytes(_) => match self.take() {
                Kind::Text(text) => return node(at, 0, Tree::Literal(Literal::Text(text))),
                Kind::Bytes(bytes) => return node(at, 0, Tree::Literal(Literal::Bytes(bytes))),
                _ => return Err(self.fault("a value should stand here")),
            },
            Kind::Mark(_) | Kind::End => {
                return Err(self.unexpected("a value should stand here"));
            }
        };
        self.next += 1;
        node(at, 0, Tree::Literal(literal))
    }

    fn named(&mut self, at: u32) -> Result<Node, Fault> {
        let unexpected = self.unexpected("a value should stand here");
        let Kind::Name(name) = self.take() else {
            return Err(unexpected);
        };
        let literal = match name.as_str() {
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            "null" => Literal::Null,
            "in" | "and" | "or" | "not" => return Err(unexpected),
            word if RESERVED.contains(&word) => {
                let message = format!("`{word}` is kept for later and cannot be a name");
                return Err(Fault::new(at, SYNTAX, message).maybe_hint(unexpected.hint));
            }
            _ if self.is("(") => {
                let arguments = self.arguments()?;
                return call(at, None, name, arguments);
            }
            _ => return node(at, 0, Tree::Name(name)),
        };
        node(at, 0, Tree::Literal(literal))
    }

    fn arguments(&mut self) -> Result<Vec<Node>, Fault> {
        self.expect("(", "a call")?;
        self.list(")", Self::expression)
    }

    /// Parts with commas between them up to `end`; one more comma may follow.
    fn list<T>(
        &mut self,
        end: &'static str,
        part: fn(&mut Self) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut parts = Vec::new();
        loop {
            if self.accept(end).is_some() {
                return Ok(parts);
            }
            parts.push(part(self)?);
            if self.accept(",").is_none() {
                self.accept(end)
                    .ok_or_else(|| self.unexpected(&format!("`,` or `{end}` should stand here")))?;
                return Ok(parts);
            }
        }
    }

    fn map(&mut self, at: u32) -> Result<Node, Fault> {
        let entries = self.list("}", |parser| {
            let key = parser.expression()?;
            parser.expect(":", "an entry of a map")?;
            Ok((key, parser.expression()?))
        })?;
        let depth = entries
            .iter()
            .map(|(key, value)| key.depth.max(value.depth))
            .max()
            .unwrap_or(0);
        node(at, depth, Tree::Map(entries))
    }
}

fn call(
    at: u32,
    receiver: Option<Node>,
    name: String,
    arguments: Vec<Node>,
) -> Result<Node, Fault> {
    let depth = receiver
        .iter()
        .chain(&arguments)
        .map(|node| node.depth)
        .max()
        .unwrap_or(0);
    let call = Call {
        receiver: receiver.map(Box::new),
        name,
        name_at: at,
        arguments,
    };
    node(at, depth, Tree::Call(call))
}

/// A node upon parts that are `below` deep.
fn node(at: u32, below: u16, tree: Tree) -> Result<Node, Fault> {
    let depth = below + 1;
    if depth > DEPTH_MAX {
        return Err(too_deep(at));
    }
    Ok(Node { at, depth, tree })
}

fn deepest(nodes: &[Node]) -> u16 {
    nodes.iter().map(|node| node.depth).max().unwrap_or(0)
}

fn too_deep(at: u32) -> Fault {
    Fault::new(
        at,
        TOO_DEEP,
        format!("the expression nests deeper than {DEPTH_MAX} levels"),
    )
    .hint("a list with `in`, or a map, often says the same flatly")
}
