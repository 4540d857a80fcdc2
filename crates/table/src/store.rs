//! The few requests that everything above is made of, in the crate's own
//! types, with contention retried.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnValue, Select};
// The SDK's futures are some 15 KB each, too large to be moved about.
use futures_util::FutureExt as _;

use crate::action::{Act, Action, key_attributes};
use crate::error::TableError;
use crate::failure::{Cancellation, Cancelled, Refused, SingleError};
use crate::item::{Attributes, Item, text};
use crate::key::{GSI1, GSI1_PK, Key, PK, SK};
use crate::retry;

/// Keys in one BatchGetItem at most (DynamoDB's limit).
const BATCH_KEYS: usize = 100;

/// Actions in one transaction at most (DynamoDB's limit).
pub const ACTIONS_MAX: usize = 100;

/// The table, by name, through a client.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    client: Client,
    table: String,
}

/// A range of one partition, or of one of the index.
#[derive(Debug, Clone)]
pub(crate) struct Range<'a> {
    /// Partition key.
    pub(crate) pk: &'a str,
    /// What the sort keys begin with; empty for all.
    pub(crate) prefix: &'a str,
    /// Only sort keys between these two, both included; instead of `prefix`.
    pub(crate) between: Option<(&'a str, &'a str)>,
    /// In the index instead of the table.
    pub(crate) indexed: bool,
    /// In falling order.
    pub(crate) newest_first: bool,
    /// Items at most; 0 for as many as there are.
    pub(crate) limit: usize,
    /// Continue behind this key.
    pub(crate) after: Option<Attributes>,
}

impl<'a> Range<'a> {
    /// All of a partition whose sort keys begin with `prefix`.
    pub(crate) const fn new(pk: &'a str, prefix: &'a str) -> Self {
        Self {
            pk,
            prefix,
            between: None,
            indexed: false,
            newest_first: false,
            limit: 0,
            after: None,
        }
    }
}

/// A page of a range.
#[derive(Debug, Default)]
pub(crate) struct Slice {
    pub(crate) items: Vec<Item>,
    /// Where the next page continues; absent at the end.
    pub(crate) last: Option<Attributes>,
}

impl Store {
    pub(crate) const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    /// One item, strongly consistent.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .consistent_read(true)
            .send()
            .boxed()
            .await
            .map_err(TableError::from_sdk)?;
        Ok(answer.item.map(Item::from_attributes))
    }

    /// Many items, each strongly consistent; missing ones are left out.
    pub(crate) async fn get_many(&self, keys: &[Key]) -> Result<HashMap<Key, Item>, TableError> {
        let mut found = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(BATCH_KEYS) {
            let mut wanted: Vec<Attributes> = chunk.iter().map(key_attributes).collect();
            for attempt in 1..=retry::ATTEMPTS {
                wanted = self.get_chunk(wanted, &mut found).await?;
                if wanted.is_empty() {
                    break;
                }
                retry::back_off(attempt).await;
            }
            if !wanted.is_empty() {
                return Err(TableError::Contention);
            }
        }
        Ok(found)
    }

    /// Reads what it can of `wanted`; returns what it could not.
    async fn get_chunk(
        &self,
        wanted: Vec<Attributes>,
        found: &mut HashMap<Key, Item>,
    ) -> Result<Vec<Attributes>, TableError> {
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(wanted))
            .consistent_read(true)
            .build()
            .map_err(TableError::refused)?;
        let answer = self
            .client
            .batch_get_item()
            .request_items(&self.table, keys)
            .send()
            .boxed()
            .await
            .map_err(TableError::from_sdk)?;
        let items = answer.responses.unwrap_or_default().into_values().flatten();
        for item in items.map(Item::from_attributes) {
            found.insert(item.key()?, item);
        }
        let rest = answer.unprocessed_keys.unwrap_or_default().into_values();
        Ok(rest.flat_map(|keys| keys.keys).collect())
    }

    /// One page of a range.
    pub(crate) async fn query(&self, range: Range<'_>) -> Result<Slice, TableError> {
        let (pk, sk) = if range.indexed {
            (GSI1_PK, crate::key::GSI1_SK)
        } else {
            (PK, SK)
        };
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .expression_attribute_values(":pk", text(range.pk))
            .scan_index_forward(!range.newest_first)
            .set_exclusive_start_key(range.after);
        query = if range.indexed {
            query.index_name(GSI1)
        } else {
            query.consistent_read(true)
        };
        query = if let Some((first, last)) = range.between {
            query
                .key_condition_expression(format!("{pk} = :pk AND {sk} BETWEEN :first AND :last"))
                .expression_attribute_values(":first", text(first))
                .expression_attribute_values(":last", text(last))
        } else if range.prefix.is_empty() {
            query.key_condition_expression(format!("{pk} = :pk"))
        } else {
            query
                .key_condition_expression(format!("{pk} = :pk AND begins_with({sk}, :prefix)"))
                .expression_attribute_values(":prefix", text(range.prefix))
        };
        if range.limit > 0 {
            query = query.limit(i32::try_from(range.limit).unwrap_or(i32::MAX));
        }
        let answer = query.send().boxed().await.map_err(TableError::from_sdk)?;
        Ok(Slice {
            items: answer
                .items
                .unwrap_or_default()
                .into_iter()
                .map(Item::from_attributes)
                .collect(),
            last: answer.last_evaluated_key,
        })
    }

    /// How many entries a partition of the index has, counted in at most
    /// `requests` requests of up to 1 MB of entries each.
    pub(crate) async fn count_indexed(&self, pk: &str, requests: usize) -> Result<u64, TableError> {
        let (mut count, mut after) = (0, None);
        for _ in 0..requests {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(GSI1)
                .key_condition_expression(format!("{GSI1_PK} = :pk"))
                .expression_attribute_values(":pk", text(pk))
                .select(Select::Count)
                .set_exclusive_start_key(after.take())
                .send()
                .boxed()
                .await
                .map_err(TableError::from_sdk)?;
            count += u64::try_from(answer.count).unwrap_or(0);
            match answer.last_evaluated_key {
                None => break,
                last => after = last,
            }
        }
        Ok(count)
    }

    /// A whole range, page by page.
    pub(crate) async fn query_all(&self, range: Range<'_>) -> Result<Vec<Item>, TableError> {
        let mut all = Vec::new();
        let mut after = range.after.clone();
        loop {
            let slice = self
                .query(Range {
                    after: after.take(),
                    ..range.clone()
                })
                .await?;
            all.extend(slice.items);
            match slice.last {
                Some(last) => after = Some(last),
                None => return Ok(all),
            }
        }
    }

    /// One conditional write on its own. `Ok(Ok(item))` carries the item as it
    /// is after an update, or as it was before a delete.
    pub(crate) async fn write(
        &self,
        action: Action,
    ) -> Result<Result<Option<Item>, Refused>, TableError> {
        for attempt in 1..=retry::ATTEMPTS {
            match self.write_once(action.clone()).await {
                Err(SingleError::Conflict) => retry::back_off(attempt).await,
                Err(SingleError::Refused(old)) => {
                    return Ok(Err(Refused(old.map(Item::from_attributes))));
                }
                Err(SingleError::Table(error)) => return Err(error),
                Ok(item) => return Ok(Ok(item.map(Item::from_attributes))),
            }
        }
        Err(TableError::Contention)
    }

    async fn write_once(&self, action: Action) -> Result<Option<Attributes>, SingleError> {
        use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
        let values = (!action.values.is_empty()).then_some(action.values);
        let old = action.condition.as_ref().map(|_| AllOld);
        match action.act {
            Act::Put(item) => self
                .client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item.into_attributes()))
                .set_condition_expression(action.condition)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old)
                .send()
                .boxed()
                .await
                .map(|_| None)
                .map_err(SingleError::of),
            Act::Update { key, update } => self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_attributes(&key)))
                .update_expression(update)
                .set_condition_expression(action.condition)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old)
                .return_values(ReturnValue::AllNew)
                .send()
                .boxed()
                .await
                .map(|answer| answer.attributes)
                .map_err(SingleError::of),
            Act::Delete(key) => self
                .client
                .delete_item()
                .table_name(&self.table)
                .set_key(Some(key_attributes(&key)))
                .set_condition_expression(action.condition)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old)
                .return_values(ReturnValue::AllOld)
                .send()
                .boxed()
                .await
                .map(|answer| answer.attributes)
                .map_err(SingleError::of),
            Act::Check(_) => Err(SingleError::Table(TableError::refused(
                "a check is no write of its own",
            ))),
        }
    }

    /// All of the actions or none of them. At most [`ACTIONS_MAX`], each on
    /// another item.
    pub(crate) async fn transact(
        &self,
        actions: Vec<Action>,
    ) -> Result<Result<(), Cancelled>, TableError> {
        let items = actions
            .into_iter()
            .map(|action| action.into_transact_item(&self.table))
            .collect::<Result<Vec<_>, _>>()?;
        for attempt in 1..=retry::ATTEMPTS {
            let answer = self
                .client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .send()
                .boxed()
                .await;
            let error = match answer {
                Ok(_) => return Ok(Ok(())),
                Err(error) => error,
            };
            match Cancellation::of(error) {
                Cancellation::Conditions(cancelled) => return Ok(Err(cancelled)),
                Cancellation::Conflict => retry::back_off(attempt).await,
                Cancellation::Failed(error) => return Err(error),
            }
        }
        Err(TableError::Contention)
    }
}
