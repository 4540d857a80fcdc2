//! How an item of the table is read as what it holds.

use causeway_model::object::{
    Application, Edge, Endpoint, Event, Group, Node, Outpost, PropertyMapping, Provider, Token,
    User,
};

use crate::error::TableError;
use crate::item::Item;

/// What can be read from an item.
pub(crate) trait Stored: Sized {
    fn read(item: &Item) -> Result<Self, TableError>;
}

macro_rules! stored_as_document {
    ($($object:ty),*) => {$(
        impl Stored for $object {
            fn read(item: &Item) -> Result<Self, TableError> {
                item.document()
            }
        }
    )*};
}

stored_as_document!(
    Application,
    Edge,
    Endpoint,
    Event,
    Group,
    Node,
    Outpost,
    PropertyMapping,
    Provider,
    Token,
    User
);
