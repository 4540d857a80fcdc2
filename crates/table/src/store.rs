//! The few requests that everything above is made of, in the crate's own
//! types, with contention retried.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnValue, Select};
// The SDK's futures are some 15 KB each, too large to be moved about.
use futures_util::FutureExt as _;
use tokio::sync::Semaphore;
use tokio::time::{timeout, timeout_at};
use uuid::Uuid;

use crate::action::{Act, Action, key_attributes};
use crate::error::TableError;
use crate::failure::{Cancellation, Cancelled, Refused, SingleError, why_again};
use crate::item::{Attributes, Item, text};
use crate::key::{GSI1, GSI1_PK, Key, PK, SK};
use crate::retry::{Tries, Why};

/// Keys in one BatchGetItem at most (DynamoDB's limit).
const BATCH_KEYS: usize = 100;

/// Actions in one transaction at most (DynamoDB's limit).
pub const ACTIONS_MAX: usize = 100;

/// Requests of one process that are on their way at once. A table with little
/// room answers few at a time in time, and many at a time too late.
const AT_ONCE_MAX: usize = 32;

/// The table, by name, through a client.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    client: Client,
    table: String,
    /// For a table that is elsewhere; the engine in this process needs none.
    turns: Option<Arc<Semaphore>>,
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
    /// The engine in this process: it answers, or it is broken.
    #[cfg(feature = "embedded")]
    pub(crate) const fn here(client: Client, table: String) -> Self {
        Self {
            client,
            table,
            turns: None,
        }
    }

    /// A table that is reached over a network: slow at times, and asked again.
    pub(crate) fn elsewhere(client: Client, table: String) -> Self {
        let turns = Some(Arc::new(Semaphore::new(AT_ONCE_MAX)));
        Self {
            client,
            table,
            turns,
        }
    }

    /// Sends a request in its turn, and again when it was throttled, lost or
    /// too slow, until it is answered or `tries` are over. What it asks for
    /// must be good when it is done twice, or have a token.
    async fn ask<T, E, R, F>(
        &self,
        tries: &mut Tries,
        send: impl Fn() -> F,
    ) -> Result<T, SdkError<E, R>>
    where
        F: Future<Output = Result<T, SdkError<E, R>>> + Send,
        E: ProvideErrorMetadata,
    {
        let Some(turns) = &self.turns else {
            return send().boxed().await;
        };
        loop {
            let error = {
                let turn = timeout_at(tries.deadline(), turns.acquire()).await;
                let _turn = turn.map_err(SdkError::timeout_error)?;
                match timeout(tries.patience(), send().boxed()).await {
                    Ok(Ok(answer)) => return Ok(answer),
                    Ok(Err(error)) => error,
                    Err(elapsed) => SdkError::timeout_error(elapsed),
                }
            };
            let Some(why) = why_again(&error) else {
                return Err(error);
            };
            if !tries.again(why).await {
                return Err(error);
            }
        }
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    /// One item, strongly consistent.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .consistent_read(true);
        let answer = self.ask(&mut Tries::new(), || get.clone().send()).await;
        let answer = answer.map_err(TableError::from_sdk)?;
        Ok(answer.item.map(Item::from_attributes))
    }

    /// Many items, each strongly consistent; missing ones are left out.
    pub(crate) async fn get_many(&self, keys: &[Key]) -> Result<HashMap<Key, Item>, TableError> {
        let mut found = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(BATCH_KEYS) {
            let mut tries = Tries::new();
            let mut wanted: Vec<Attributes> = chunk.iter().map(key_attributes).collect();
            loop {
                wanted = self.get_chunk(&mut tries, wanted, &mut found).await?;
                if wanted.is_empty() {
                    break;
                }
                // What is not answered was more than the table gives at once.
                if !tries.again(Why::Busy).await {
                    return Err(TableError::Contention);
                }
            }
        }
        Ok(found)
    }

    /// Reads what it can of `wanted`; returns what it could not.
    async fn get_chunk(
        &self,
        tries: &mut Tries,
        wanted: Vec<Attributes>,
        found: &mut HashMap<Key, Item>,
    ) -> Result<Vec<Attributes>, TableError> {
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(wanted))
            .consistent_read(true)
            .build()
            .map_err(TableError::refused)?;
        let get = self
            .client
            .batch_get_item()
            .request_items(&self.table, keys);
        let answer = self.ask(tries, || get.clone().send()).await;
        let answer = answer.map_err(TableError::from_sdk)?;
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
        let answer = self.ask(&mut Tries::new(), || query.clone().send()).await;
        let answer = answer.map_err(TableError::from_sdk)?;
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

    /// Keys of a part of the whole table, strongly consistent. For migrations
    /// alone: it costs what reading the items would.
    pub(crate) async fn scan_keys(&self, after: Option<Attributes>) -> Result<Slice, TableError> {
        let scan = self
            .client
            .scan()
            .table_name(&self.table)
            .projection_expression(format!("{PK}, {SK}"))
            .consistent_read(true)
            .set_exclusive_start_key(after);
        let answer = self.ask(&mut Tries::new(), || scan.clone().send()).await;
        let answer = answer.map_err(TableError::from_sdk)?;
        let items = answer.items.unwrap_or_default().into_iter();
        Ok(Slice {
            items: items.map(Item::from_attributes).collect(),
            last: answer.last_evaluated_key,
        })
    }

    /// How many entries a partition of the index has, counted in at most
    /// `requests` requests of up to 1 MB of entries each.
    pub(crate) async fn count_indexed(&self, pk: &str, requests: usize) -> Result<u64, TableError> {
        let (mut count, mut after) = (0, None);
        for _ in 0..requests {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(GSI1)
                .key_condition_expression(format!("{GSI1_PK} = :pk"))
                .expression_attribute_values(":pk", text(pk))
                .select(Select::Count)
                .set_exclusive_start_key(after.take());
            let answer = self.ask(&mut Tries::new(), || query.clone().send()).await;
            let answer = answer.map_err(TableError::from_sdk)?;
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
        let mut tries = Tries::new();
        loop {
            match self.write_once(&mut tries, action.clone()).await {
                Err(SingleError::Conflict) => {
                    if !tries.again(Why::Conflict).await {
                        return Err(TableError::Contention);
                    }
                }
                Err(SingleError::Refused(old)) => {
                    return Ok(Err(Refused(old.map(Item::from_attributes))));
                }
                Err(SingleError::Table(error)) => return Err(error),
                Ok(item) => return Ok(Ok(item.map(Item::from_attributes))),
            }
        }
    }

    async fn write_once(
        &self,
        tries: &mut Tries,
        action: Action,
    ) -> Result<Option<Attributes>, SingleError> {
        use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
        let values = (!action.values.is_empty()).then_some(action.values);
        let old = action.condition.as_ref().map(|_| AllOld);
        match action.act {
            Act::Put(item) => {
                let put = self
                    .client
                    .put_item()
                    .table_name(&self.table)
                    .set_item(Some(item.into_attributes()))
                    .set_condition_expression(action.condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old);
                let done = self.ask(tries, || put.clone().send()).await;
                done.map(|_| None).map_err(SingleError::of)
            }
            Act::Update { key, update } => {
                let update = self
                    .client
                    .update_item()
                    .table_name(&self.table)
                    .set_key(Some(key_attributes(&key)))
                    .update_expression(update)
                    .set_condition_expression(action.condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old)
                    .return_values(ReturnValue::AllNew);
                let done = self.ask(tries, || update.clone().send()).await;
                done.map(|answer| answer.attributes)
                    .map_err(SingleError::of)
            }
            Act::Delete(key) => {
                let delete = self
                    .client
                    .delete_item()
                    .table_name(&self.table)
                    .set_key(Some(key_attributes(&key)))
                    .set_condition_expression(action.condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old)
                    .return_values(ReturnValue::AllOld);
                let done = self.ask(tries, || delete.clone().send()).await;
                done.map(|answer| answer.attributes)
                    .map_err(SingleError::of)
            }
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
        let mut tries = Tries::new();
        loop {
            // The same while the answer is not known: what was done is not done
            // again. Another after a refusal.
            let transaction = self
                .client
                .transact_write_items()
                .client_request_token(Uuid::new_v4())
                .set_transact_items(Some(items.clone()));
            let answer = self.ask(&mut tries, || transaction.clone().send()).await;
            let error = match answer {
                Ok(_) => return Ok(Ok(())),
                Err(error) => error,
            };
            let why = match Cancellation::of(error) {
                Cancellation::Conditions(cancelled) => return Ok(Err(cancelled)),
                Cancellation::Failed(error) => return Err(error),
                Cancellation::Conflict => Why::Conflict,
                Cancellation::Throttled => Why::Busy,
            };
            if !tries.again(why).await {
                return Err(TableError::Contention);
            }
        }
    }
}
