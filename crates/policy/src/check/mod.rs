//! From a tree of names to steps: every variable, field and function is known,
//! arguments fit as far as types are known, patterns compile.
//!
//! Types flow upwards. What comes out of JSON (`user.attributes`, settings,
//! claims) is `Dyn` and fits everywhere; what is known to be wrong is refused
//! here, where it is written, rather than found out when somebody is let in or
//! not.

mod call;
mod operator;
mod suggest;

use causeway_model::settings::{REFERENCE_KEY, SecretReference};

use crate::limits::MACRO_DEPTH_MAX;
use crate::program::{Act, Constant, Step};
use crate::purpose::Purpose;
use crate::scope::{RecordKind, VARIABLES};
use crate::syntax::{Fault, Literal, Node, Tree};
use crate::types::Type;
use suggest::{did_you_mean, one_of};

/// A variable that the purpose does not have.
pub(crate) const UNKNOWN_VARIABLE: &str = "unknown_variable";
/// A field that the record does not have.
pub(crate) const UNKNOWN_FIELD: &str = "unknown_field";
/// A function, method or macro that is not there.
pub(crate) const UNKNOWN_FUNCTION: &str = "unknown_function";
/// Arguments that do not fit, by number or kind.
pub(crate) const WRONG_ARGUMENTS: &str = "wrong_arguments";
/// Types that cannot go together.
pub(crate) const WRONG_TYPE: &str = "wrong_type";
/// A regular expression that does not compile, or a value that cannot be read.
pub(crate) const BAD_VALUE: &str = "bad_value";
/// A result that the purpose does not take.
pub const WRONG_RESULT: &str = "wrong_result";

/// A step and what is known of its type.
pub(crate) struct Checked {
    pub(crate) step: Step,
    pub(crate) kind: Type,
}

/// Checks a whole expression.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn check(node: &Node, purpose: Purpose) -> Result<Step, Fault> {
    let mut checker = Checker {
        purpose,
        locals: Vec::new(),
        patterns: 0,
    };
    let checked = checker.node(node)?;
    let kind = checked.kind.plain();
    let (fits, wanted) = match purpose {
        Purpose::Policy | Purpose::PromptValidation => (kind.fits(Type::Bool), "`true` or `false`"),
        Purpose::PropertyMapping | Purpose::Stage | Purpose::SourceAttributes => {
            (kind.fits(Type::Map(&Type::Dyn)), "a map")
        }
        Purpose::PromptDefault => (
            matches!(
                kind,
                Type::Dyn
                    | Type::Null
                    | Type::Bool
                    | Type::Int
                    | Type::Uint
                    | Type::Double
                    | Type::Text
            ),
            "a text, a number, `true`, `false` or `null`",
        ),
    };
    if fits {
        return Ok(checked.step);
    }
    let message = format!(
        "{} must give {wanted}, and this gives {kind}",
        purpose.in_words()
    );
    Err(Fault::new(node.at, WRONG_RESULT, message).maybe_hint(result_hint(purpose, kind)))
}

fn result_hint(purpose: Purpose, kind: Type) -> Option<String> {
    let hint = match (purpose, kind) {
        (Purpose::Policy | Purpose::PromptValidation, Type::Text) => {
            "compare the text with `==`, or look for it with `in`"
        }
        (Purpose::Policy | Purpose::PromptValidation, _) => "compare it with something",
        (Purpose::PropertyMapping, _) => "write {\"username\": user.username}",
        (Purpose::Stage, _) => "write {\"connection_settings\": {\"username\": user.username}}",
        (Purpose::SourceAttributes, _) => "write {\"department\": claims.department}",
        (Purpose::PromptDefault, _) => return None,
    };
    Some(hint.to_owned())
}

struct Checker {
    purpose: Purpose,
    /// Variables of the macros around, the innermost last.
    locals: Vec<(String, Type)>,
    /// Regular expressions so far.
    patterns: usize,
}

impl Checker {
    fn node(&mut self, node: &Node) -> Result<Checked, Fault> {
        let at = node.at;
        match &node.tree {
            Tree::Literal(literal) => Ok(constant(at, literal)),
            Tree::Name(name) => self.name(at, name),
            Tree::List(elements) => self.list(at, elements),
            Tree::Map(entries) => self.map(at, entries),
            Tree::Select(of, field) => self.select(at, of, field),
            Tree::Index(of, index) => self.index(at, of, index),
            Tree::Call(call) => self.call(at, call),
            Tree::Not(inner) => self.not(at, inner),
            Tree::Negate(inner) => self.negate(at, inner),
            Tree::And(parts) => self.joined(at, parts, "&&", Act::And),
            Tree::Or(parts) => self.joined(at, parts, "||", Act::Or),
            Tree::If(parts) => self.condition(at, parts),
            Tree::Binary(operator, sides) => self.binary(at, *operator, sides),
        }
    }

    fn name(&self, at: u32, name: &str) -> Result<Checked, Fault> {
        if let Some((index, (_, kind))) = self
            .locals
            .iter()
            .enumerate()
            .rev()
            .find(|(_, (local, _))| local == name)
        {
            return Ok(checked(at, Act::Local(index), *kind));
        }
        if let Some(shape) = VARIABLES
            .iter()
            .find(|shape| shape.name == name && shape.variable.is_for(self.purpose))
        {
            return Ok(checked(at, Act::Variable(shape.variable), shape.kind));
        }
        if let Some((_, kind)) = Type::NAMED.iter().find(|(named, _)| *named == name) {
            return Ok(checked(
                at,
                Act::Constant(Constant::Type(*kind)),
                Type::Meta,
            ));
        }
        Err(self.unknown_name(at, name))
    }

    fn unknown_name(&self, at: u32, name: &str) -> Fault {
        if VARIABLES.iter().any(|shape| shape.name == name) {
            let message = format!("{} has no `{name}`", self.purpose.in_words());
            return Fault::new(at, UNKNOWN_VARIABLE, message)
                .hint(format!("it has {}", one_of(&self.variables())));
        }
        let known: Vec<&str> = self
            .locals
            .iter()
            .map(|(local, _)| local.as_str())
            .chain(self.variables())
            .collect();
        let hint = suggest::variable(name)
            .map(str::to_owned)
            .or_else(|| did_you_mean(name, known.iter().copied()))
            .unwrap_or_else(|| format!("there is {}", one_of(&known)));
        Fault::new(
            at,
            UNKNOWN_VARIABLE,
            format!("there is no variable `{name}`"),
        )
        .hint(hint)
    }

    fn variables(&self) -> Vec<&'static str> {
        VARIABLES
            .iter()
            .filter(|shape| shape.variable.is_for(self.purpose))
            .map(|shape| shape.name)
            .collect()
    }

    fn list(&mut self, at: u32, elements: &[Node]) -> Result<Checked, Fault> {
        let mut kind = None;
        let mut steps = Vec::with_capacity(elements.len());
        for element in elements {
            let element = self.node(element)?;
            kind = Some(kind.map_or(element.kind, |kind: Type| kind.join(element.kind)));
            steps.push(element.step);
        }
        let element = kind.unwrap_or(Type::Dyn).as_element();
        Ok(checked(at, Act::List(steps.into()), Type::List(element)))
    }

    fn map(&mut self, at: u32, entries: &[(Node, Node)]) -> Result<Checked, Fault> {
        if let Some(reference) = written_reference(entries)
            && self.purpose.gives_settings()
        {
            let message = "in an expression a reference to a secret is no map";
            return Err(
                Fault::new(at, BAD_VALUE, message).hint(format!("write secret(\"{reference}\")"))
            );
        }
        let mut kind = None;
        let mut steps: Vec<(Step, Step)> = Vec::with_capacity(entries.len());
        let mut texts: Vec<&str> = Vec::new();
        for (key, value) in entries {
            if let Tree::Name(name) = &key.tree
                && !self.is_known(name)
            {
                let message = format!("there is no variable `{name}`");
                return Err(Fault::new(key.at, UNKNOWN_VARIABLE, message)
                    .hint(format!("a key is a text: write \"{name}\"")));
            }
            if let Tree::Literal(Literal::Text(text)) = &key.tree {
                if texts.contains(&text.as_str()) {
                    let message = "this key stands in the map already".to_owned();
                    return Err(Fault::new(key.at, BAD_VALUE, message));
                }
                texts.push(text);
            }
            let key_at = key.at;
            let key = self.node(key)?;
            if !matches!(
                key.kind.plain(),
                Type::Dyn | Type::Text | Type::Bool | Type::Int | Type::Uint
            ) {
                let message = format!("a key cannot be {}", key.kind);
                return Err(Fault::new(key_at, WRONG_TYPE, message));
            }
            let value = self.node(value)?;
            kind = Some(kind.map_or(value.kind, |kind: Type| kind.join(value.kind)));
            steps.push((key.step, value.step));
        }
        let value = kind.unwrap_or(Type::Dyn).as_element();
        Ok(checked(at, Act::Map(steps.into()), Type::Map(value)))
    }

    fn is_known(&self, name: &str) -> bool {
        self.name(0, name).is_ok()
    }

    fn select(&mut self, at: u32, of: &Node, field: &str) -> Result<Checked, Fault> {
        let of = self.node(of)?;
        let kind = field_type(at, of.kind, field)?;
        Ok(checked(
            at,
            Act::Select(Box::new(of.step), field.into()),
            kind,
        ))
    }

    fn index(&mut self, at: u32, of: &Node, index: &Node) -> Result<Checked, Fault> {
        let of = self.node(of)?;
        let literal = match &index.tree {
            Tree::Literal(Literal::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let index_at = index.at;
        let index = self.node(index)?;
        let kind = match (of.kind.plain(), literal) {
            (Type::Dyn, _) => Type::Dyn,
            (Type::Record(_), Some(field)) => field_type(index_at, of.kind, field)?,
            (Type::Record(_), None) => Type::Dyn,
            (Type::List(element), _) => {
                if !matches!(index.kind.plain(), Type::Dyn | Type::Int | Type::Uint) {
                    let message = format!(
                        "an element of a list is found by its number, not by {}",
                        index.kind
                    );
                    return Err(Fault::new(index_at, WRONG_TYPE, message)
                        .hint("write `\"x\" in list` to ask whether it is there"));
                }
                *element
            }
            (Type::Map(value), _) => *value,
            (kind, _) => {
                let message = format!("{kind} has no elements");
                return Err(Fault::new(at, WRONG_TYPE, message));
            }
        };
        let steps = Box::new([of.step, index.step]);
        Ok(checked(at, Act::Index(steps), kind))
    }

    /// Checks what stands inside a macro, with its variable.
    fn inside<T>(
        &mut self,
        at: u32,
        variable: &str,
        kind: Type,
        check: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if self.locals.len() >= MACRO_DEPTH_MAX {
            let message = format!("macros nest deeper than {MACRO_DEPTH_MAX}");
            return Err(Fault::new(at, crate::syntax::TOO_DEEP, message)
                .hint("what works on each element of each element soon never ends"));
        }
        self.locals.push((variable.to_owned(), kind));
        let checked = check(self);
        self.locals.pop();
        checked
    }
}

/// The reference to a secret that a map is when it is written as settings have
/// it: `{"secret": "env:NAME"}`.
fn written_reference(entries: &[(Node, Node)]) -> Option<SecretReference> {
    let [(key, value)] = entries else {
        return None;
    };
    match (&key.tree, &value.tree) {
        (Tree::Literal(Literal::Text(key)), Tree::Literal(Literal::Text(value)))
            if key == REFERENCE_KEY =>
        {
            value.parse().ok()
        }
        _ => None,
    }
}

fn checked(at: u32, act: Act, kind: Type) -> Checked {
    Checked {
        step: Step { at, act },
        kind,
    }
}

fn constant(at: u32, literal: &Literal) -> Checked {
    let (constant, kind) = match literal {
        Literal::Null => (Constant::Null, Type::Null),
        Literal::Bool(value) => (Constant::Bool(*value), Type::Bool),
        Literal::Int(value) => (Constant::Int(*value), Type::Int),
        Literal::Uint(value) => (Constant::Uint(*value), Type::Uint),
        Literal::Double(value) => (Constant::Double(*value), Type::Double),
        Literal::Text(text) => (Constant::Text(text.as_str().into()), Type::Text),
        Literal::Bytes(bytes) => (Constant::Bytes(bytes.as_slice().into()), Type::Bytes),
    };
    checked(at, Act::Constant(constant), kind)
}

/// The type of a field of something.
fn field_type(at: u32, of: Type, field: &str) -> Result<Type, Fault> {
    match of.plain() {
        Type::Dyn => Ok(Type::Dyn),
        Type::Map(value) => Ok(*value),
        Type::Record(record) => match record.fields().find(|shape| shape.name == field) {
            Some(shape) => Ok(shape.kind),
            None => Err(unknown_field(at, record, field)),
        },
        kind => {
            let fault = Fault::new(at, WRONG_TYPE, format!("{kind} has no fields"));
            Err(match field {
                "length" | "size" | "len" | "count" => fault.hint("write `.size()`"),
                _ => fault,
            })
        }
    }
}

fn unknown_field(at: u32, record: RecordKind, field: &str) -> Fault {
    let known: Vec<&str> = record.fields().map(|shape| shape.name).collect();
    let name = record.name();
    let hint = did_you_mean(field, known.iter().copied())
        .map(|hint| hint.replace("mean `", &format!("mean `{name}.")))
        .unwrap_or_else(|| format!("{name} has {}", one_of(&known)));
    Fault::new(at, UNKNOWN_FIELD, format!("{name} has no field `{field}`")).hint(hint)
}
