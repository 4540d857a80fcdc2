//! From text to tokens.

use super::literal;
use super::{Fault, SYNTAX, TOO_LONG};
use crate::limits::{SOURCE_BYTES_MAX, TOKENS_MAX};

/// A token and the byte where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) at: u32,
    pub(super) kind: Kind,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Name(String),
    /// A whole number; a minus before it is an operator of its own.
    Int(u64),
    Uint(u64),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// An operator or a bracket.
    Mark(&'static str),
    End,
}

impl Kind {
    /// What it is called in a sentence.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Name(name) => format!("`{name}`"),
            Self::Int(_) | Self::Uint(_) | Self::Double(_) => "a number".to_owned(),
            Self::Text(_) => "a text".to_owned(),
            Self::Bytes(_) => "bytes".to_owned(),
            Self::Mark(mark) => format!("`{mark}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longer marks stand before their beginnings.
const MARKS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "?", ":", "+", "-", "*", "/", "%", "(", ")",
    "[", "]", "{", "}", ",", ".",
];

/// The tokens of `source`, with an `End` at their end.
///
/// # Errors
/// What is no token; a source or a number of tokens over the limit.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, Fault> {
    if source.len() > SOURCE_BYTES_MAX {
        let message = format!("the expression is longer than {SOURCE_BYTES_MAX} bytes");
        return Err(Fault::new(0, TOO_LONG, message));
    }
    let mut tokens = Vec::new();
    let mut rest = Cursor { source, at: 0 };
    loop {
        rest.skip_blanks();
        let at = rest.at;
        let kind = rest.token()?;
        let ended = kind == Kind::End;
        tokens.push(Token {
            at: offset(at),
            kind,
        });
        if ended {
            return Ok(tokens);
        }
        if tokens.len() > TOKENS_MAX {
            let message = format!("the expression has more than {TOKENS_MAX} parts");
            return Err(Fault::new(offset(at), TOO_LONG, message));
        }
    }
}

/// A byte's place; a source is never longer than [`SOURCE_BYTES_MAX`].
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Where reading has got to.
pub(super) struct Cursor<'s> {
    pub(super) source: &'s str,
    pub(super) at: usize,
}

impl<'s> Cursor<'s> {
    pub(super) fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(offset(self.at), SYNTAX, message)
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn token(&mut self) -> Result<Kind, Fault> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(Kind::End);
        };
        if let Some(text) = literal::text(self)? {
            return Ok(text);
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            self.at += end;
            return Ok(Kind::Name(rest[..end].to_owned()));
        }
        let is_fraction = rest
            .strip_prefix('.')
            .is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()));
        if first.is_ascii_digit() || is_fraction {
            return literal::number(self);
        }
        match MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            Some(mark) => {
                self.at += mark.len();
                Ok(Kind::Mark(mark))
            }
            None => Err(self.no_token(first)),
        }
    }

    fn no_token(&self, first: char) -> Fault {
        let (message, hint) = match first {
            '=' => ("a single `=` compares nothing", "write `==`"),
            '&' => ("a single `&` joins nothing", "write `&&`"),
            '|' => ("a single `|` joins nothing", "write `||`"),
            ';' => ("an expression has no `;`", "leave it out"),
            '#' => ("`#` begins no comment", "comments begin with `//`"),
            '`' => ("a name cannot be put in backticks", "write map[\"name\"]"),
            '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}' => {
                ("this is a typographer's quote", "write \" or '")
            }
            _ => {
                return self
                    .fault(format!("{first:?} means nothing here"))
                    .maybe_hint(
                        first
                            .is_alphabetic()
                            .then(|| "names are of ASCII letters, digits and `_`".to_owned()),
                    );
            }
        };
        self.fault(message).hint(hint)
    }
}
