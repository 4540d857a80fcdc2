//! The operations of the embedded engine: which ones, and how their bodies
//! are read and written.
//!
//! Only what this crate uses is here. Reading a request and writing an answer
//! happen on the caller's task; only [`Request::run`] needs the engine.

use aws_smithy_types::body::SdkBody;
use dynoxide::actions;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What precedes an operation's name in the `X-Amz-Target` header.
const TARGET_PREFIX: &str = "DynamoDB_20120810.";

macro_rules! operations {
    ($($name:ident => $method:ident ($request:path, $response:path) $kind:ident;)*) => {
        /// A request as the engine takes it.
        #[derive(Debug)]
        pub(crate) enum Request {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                $name(Box<$request>),
            )*
        }

        /// What the engine answered.
        pub(crate) enum Response {
            $(
                #[doc = concat!("To `", stringify!($name), "`.")]
                $name(Box<$response>),
            )*
        }

        impl Request {
            /// Reads a request from its target header and body.
            pub(crate) fn read(target: &str, body: &[u8]) -> Result<Self, DynoxideError> {
                match target.strip_prefix(TARGET_PREFIX) {
                    $(Some(stringify!($name)) => Ok(Self::$name(Box::new(parse(body)?))),)*
                    _ => Err(DynoxideError::UnsupportedCapability(target.to_owned())),
                }
            }

            /// Whether it changes anything.
            pub(crate) const fn writes(&self) -> bool {
                match self {
                    $(Self::$name(_) => $kind,)*
                }
            }

            /// Has the engine do it.
            pub(crate) fn run(self, database: &Database) -> Result<Response, DynoxideError> {
                match self {
                    $(Self::$name(request) => {
                        database.$method(*request).map(|answer| Response::$name(Box::new(answer)))
                    })*
                }
            }
        }

        impl Response {
            /// Writes the answer's body.
            pub(crate) fn write(&self) -> Result<SdkBody, DynoxideError> {
                match self {
                    $(Self::$name(response) => render(response),)*
                }
            }
        }
    };
}

const READ: bool = false;
const WRITE: bool = true;

operations! {
    GetItem => get_item(actions::get_item::GetItemRequest, actions::get_item::GetItemResponse) READ;
    BatchGetItem => batch_get_item(actions::batch_get_item::BatchGetItemRequest, actions::batch_get_item::BatchGetItemResponse) READ;
    Query => query(actions::query::QueryRequest, actions::query::QueryResponse) READ;
    Scan => scan(actions::scan::ScanRequest, actions::scan::ScanResponse) READ;
    PutItem => put_item(actions::put_item::PutItemRequest, actions::put_item::PutItemResponse) WRITE;
    UpdateItem => update_item(actions::update_item::UpdateItemRequest, actions::update_item::UpdateItemResponse) WRITE;
    DeleteItem => delete_item(actions::delete_item::DeleteItemRequest, actions::delete_item::DeleteItemResponse) WRITE;
    TransactWriteItems => transact_write_items(actions::transact_write_items::TransactWriteItemsRequest, actions::transact_write_items::TransactWriteItemsResponse) WRITE;
    CreateTable => create_table(actions::create_table::CreateTableRequest, actions::create_table::CreateTableResponse) WRITE;
    DescribeTable => describe_table(actions::describe_table::DescribeTableRequest, actions::describe_table::DescribeTableResponse) READ;
    UpdateTimeToLive => update_time_to_live(actions::update_time_to_live::UpdateTimeToLiveRequest, actions::update_time_to_live::UpdateTimeToLiveResponse) WRITE;
    DescribeTimeToLive => describe_time_to_live(actions::describe_time_to_live::DescribeTimeToLiveRequest, actions::describe_time_to_live::DescribeTimeToLiveResponse) READ;
}

impl Request {
    /// Drops the idempotency token that the SDK adds to a transaction.
    ///
    /// It guards a request that is sent twice over a network. There is none
    /// here, and the engine would remember every token for ten minutes and
    /// walk through all of them at each transaction.
    pub(crate) fn without_idempotency_token(mut self) -> Self {
        if let Self::TransactWriteItems(request) = &mut self {
            request.client_request_token = None;
        }
        self
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body)
        .map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn render<T: Serialize>(response: &T) -> Result<SdkBody, DynoxideError> {
    serde_json::to_vec(response)
        .map(SdkBody::from)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What would read the whole table, this engine does not do. Only a
    /// migration does, by `Scan`: `migrate` is the one that asks for it.
    #[test]
    fn nothing_else_reads_the_whole_table() {
        for operation in ["ExecuteStatement", "BatchExecuteStatement"] {
            let error = Request::read(&format!("{TARGET_PREFIX}{operation}"), b"{}").unwrap_err();
            assert!(matches!(error, DynoxideError::UnsupportedCapability(_)));
        }
        let mut asking = Vec::new();
        let mut folders = vec![std::path::PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src"
        ))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read_to_string(&path)
                    .unwrap()
                    .contains(".scan_keys(")
                {
                    asking.push(
                        path.strip_prefix(env!("CARGO_MANIFEST_DIR"))
                            .unwrap()
                            .to_owned(),
                    );
                }
            }
        }
        asking.retain(|path| !path.ends_with("dispatch.rs"));
        assert_eq!(asking, [std::path::Path::new("src/migrate/mod.rs")]);
    }
}
