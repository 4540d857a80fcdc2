//! The tree of a source, names as written.

/// A node, with the byte that it is shown at: an operator's own, a name's
/// first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: u32,
    /// How many nodes stand on one another here, at most.
    pub(crate) depth: u16,
    pub(crate) tree: Tree,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Literal(Literal),
    Name(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Select(Box<Node>, String),
    Index(Box<Node>, Box<Node>),
    Call(Call),
    Not(Box<Node>),
    Negate(Box<Node>),
    /// Two or more, joined by `&&`.
    And(Vec<Node>),
    /// Two or more, joined by `||`.
    Or(Vec<Node>),
    If(Box<[Node; 3]>),
    Binary(Binary, Box<[Node; 2]>),
}

/// A call of a function, a method or a macro.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// What stands before the dot.
    pub(crate) receiver: Option<Box<Node>>,
    pub(crate) name: String,
    /// Byte of the name.
    pub(crate) name_at: u32,
    pub(crate) arguments: Vec<Node>,
}

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// An operator between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Binary {
    /// As it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}
