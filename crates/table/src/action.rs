//! One conditional write, on its own or as a part of a transaction.

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};

use crate::error::TableError;
use crate::item::{Attributes, Item};
use crate::key::{Key, PK, SK};

/// Condition: nothing is there yet.
pub(crate) const ABSENT: &str = "attribute_not_exists(pk)";
/// Condition: something is there.
pub(crate) const PRESENT: &str = "attribute_exists(pk)";

/// What an action does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Put(Item),
    Update { key: Key, update: String },
    Delete(Key),
    Check(Key),
}

/// A write with the condition under which it happens. When the condition
/// fails, the item as it is comes back with the refusal.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    pub(crate) act: Act,
    pub(crate) condition: Option<String>,
    pub(crate) values: Attributes,
}

impl Action {
    const fn new(act: Act, values: Attributes) -> Self {
        Self {
            act,
            condition: None,
            values,
        }
    }

    /// Writes a whole item.
    pub(crate) fn put(item: Item) -> Self {
        Self::new(Act::Put(item), Attributes::new())
    }

    /// Changes attributes by an update expression.
    pub(crate) fn update(key: Key, update: impl Into<String>) -> Self {
        let update = update.into();
        Self::new(Act::Update { key, update }, Attributes::new())
    }

    /// Deletes an item.
    pub(crate) fn delete(key: Key) -> Self {
        Self::new(Act::Delete(key), Attributes::new())
    }

    /// Only checks a condition; for transactions.
    pub(crate) fn check(key: Key, condition: impl Into<String>) -> Self {
        Self::new(Act::Check(key), Attributes::new()).when(condition)
    }

    /// Happens only under this condition.
    #[must_use]
    pub(crate) fn when(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Gives the value of a placeholder such as `:now`.
    #[must_use]
    pub(crate) fn value(mut self, placeholder: &str, value: AttributeValue) -> Self {
        self.values.insert(placeholder.to_owned(), value);
        self
    }

    /// As a part of a transaction on `table`.
    pub(crate) fn into_transact_item(self, table: &str) -> Result<TransactWriteItem, TableError> {
        let values = (!self.values.is_empty()).then_some(self.values);
        let old = self
            .condition
            .as_ref()
            .map(|_| ReturnValuesOnConditionCheckFailure::AllOld);
        let item = TransactWriteItem::builder();
        let item = match self.act {
            Act::Put(put) => item.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(put.into_attributes()))
                    .set_condition_expression(self.condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old)
                    .build()
                    .map_err(TableError::refused)?,
            ),
            Act::Update { key, update } => item.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(key_attributes(&key)))
                    .update_expression(update)
                    .set_condition_expression(self.condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old)
                    .build()
                    .map_err(TableError::refused)?,
            ),
            Act::Delete(key) => item.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(key_attributes(&key)))
                    .set_condition_expression(self.condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old)
                    .build()
                    .map_err(TableError::refused)?,
            ),
            Act::Check(key) => item.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key_attributes(&key)))
                    .set_condition_expression(self.condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old)
                    .build()
                    .map_err(TableError::refused)?,
            ),
        };
        Ok(item.build())
    }
}

/// A key as the SDK takes it.
pub(crate) fn key_attributes(key: &Key) -> Attributes {
    Attributes::from([
        (PK.to_owned(), AttributeValue::S(key.pk.clone())),
        (SK.to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}
