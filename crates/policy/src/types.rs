//! Types, as far as they are known before anything runs. `Dyn` is everything
//! that JSON can be.

use std::fmt;

use crate::scope::RecordKind;

/// A type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    /// Known only when it runs.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Timestamp,
    Duration,
    /// A reference to a secret that is kept elsewhere.
    Secret,
    List(&'static Self),
    Map(&'static Self),
    /// The type of types.
    Meta,
    /// `user`, `request` and the like: a map whose fields are known.
    Record(RecordKind),
    /// A record's field that may be `null`.
    Maybe(&'static Self),
}

impl Type {
    /// What `type(x)` is compared with: names of types and what they mean.
    pub(crate) const NAMED: [(&'static str, Self); 12] = [
        ("null_type", Self::Null),
        ("bool", Self::Bool),
        ("int", Self::Int),
        ("uint", Self::Uint),
        ("double", Self::Double),
        ("string", Self::Text),
        ("bytes", Self::Bytes),
        ("timestamp", Self::Timestamp),
        ("duration", Self::Duration),
        ("list", Self::List(&Self::Dyn)),
        ("map", Self::Map(&Self::Dyn)),
        ("type", Self::Meta),
    ];

    /// Whether a value of this type can stand where `wanted` is asked for.
    pub(crate) fn fits(self, wanted: Self) -> bool {
        match (self.plain(), wanted.plain()) {
            (Self::Dyn, _) | (_, Self::Dyn) => true,
            (Self::List(held), Self::List(wanted)) | (Self::Map(held), Self::Map(wanted)) => {
                held.fits(*wanted)
            }
            (Self::Record(_), Self::Map(_)) => true,
            (held, wanted) => held == wanted,
        }
    }

    /// Whether values of both can be equal at all. Numbers of different types
    /// are compared by their value.
    pub(crate) fn comparable(self, other: Self) -> bool {
        if matches!(self, Self::Null | Self::Maybe(_))
            && matches!(other, Self::Null | Self::Maybe(_))
        {
            return true;
        }
        match (self, other) {
            // That a record is known at all is asked with `!= null`.
            (Self::Null, Self::Record(_)) | (Self::Record(_), Self::Null) => true,
            (Self::List(left), Self::List(right)) | (Self::Map(left), Self::Map(right)) => {
                left.comparable(*right)
            }
            _ => (self.is_number() && other.is_number()) || self.fits(other) || other.fits(self),
        }
    }

    /// Whether it is one of the three number types.
    pub(crate) fn is_number(self) -> bool {
        matches!(self.plain(), Self::Int | Self::Uint | Self::Double)
    }

    /// The type without the possibility of `null`.
    pub(crate) fn plain(self) -> Self {
        match self {
            Self::Maybe(inner) => *inner,
            other => other,
        }
    }

    /// What a `list` or `map` of such elements is a list or map of.
    pub(crate) fn as_element(self) -> &'static Self {
        match self {
            Self::Bool => &Self::Bool,
            Self::Int => &Self::Int,
            Self::Uint => &Self::Uint,
            Self::Double => &Self::Double,
            Self::Text => &Self::Text,
            Self::Bytes => &Self::Bytes,
            Self::Timestamp => &Self::Timestamp,
            Self::Duration => &Self::Duration,
            _ => &Self::Dyn,
        }
    }

    /// What is true of a value that is of one type or the other.
    pub(crate) fn join(self, other: Self) -> Self {
        if self == other { self } else { Self::Dyn }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dyn => f.write_str("any"),
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Uint => f.write_str("uint"),
            Self::Double => f.write_str("double"),
            Self::Text => f.write_str("string"),
            Self::Bytes => f.write_str("bytes"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            Self::Secret => f.write_str("secret"),
            Self::List(Self::Dyn) => f.write_str("list"),
            Self::List(element) => write!(f, "list of {element}"),
            Self::Map(Self::Dyn) => f.write_str("map"),
            Self::Map(element) => write!(f, "map of {element}"),
            Self::Meta => f.write_str("type"),
            Self::Record(kind) => f.write_str(kind.name()),
            Self::Maybe(inner) => write!(f, "{inner} or null"),
        }
    }
}
