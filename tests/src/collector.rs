//! A collector of traces: takes OTLP over HTTP and keeps what it is sent, as
//! bytes and as spans.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use http::HeaderMap;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, status::StatusCode};
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

/// How long spans may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running collector, gone when it is dropped.
pub struct Collector {
    address: SocketAddr,
    kept: Arc<Kept>,
    _server: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct Kept {
    batches: Mutex<Vec<Bytes>>,
    count: watch::Sender<usize>,
}

/// A span that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Id of its trace, in hexadecimal digits.
    pub trace: String,
    /// Its own id, likewise.
    pub id: String,
    /// Id of its parent; empty for none.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// `service.name` of the process that sent it.
    pub service: String,
    /// Its attributes as text.
    pub attributes: BTreeMap<String, String>,
    /// Whether it failed.
    pub failed: bool,
}

impl Collector {
    /// Starts one on loopback.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start() -> Result<Self> {
        let kept = Arc::new(Kept::default());
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Arc::clone(&kept));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the collector ended: {error}");
            }
        });
        Ok(Self {
            address,
            kept,
            _server: AbortOnDropHandle::new(server),
        })
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` is to say.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that was sent so far.
    #[must_use]
    pub fn batches(&self) -> Vec<Bytes> {
        let batches = self.kept.batches.lock();
        batches.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The spans that have arrived.
    ///
    /// # Errors
    /// When something arrived that is no OTLP.
    pub fn spans(&self) -> Result<Vec<Span>> {
        let mut spans = Vec::new();
        for batch in self.batches() {
            let batch = ExportTraceServiceRequest::decode(batch)?;
            spans.extend(batch.resource_spans.into_iter().flat_map(of_service));
        }
        Ok(spans)
    }

    /// Waits until what has arrived is enough.
    ///
    /// # Errors
    /// When it is not in time; the error lists what has arrived.
    pub async fn wait_for(
        &self,
        what: &str,
        enough: impl Fn(&[Span]) -> bool,
    ) -> Result<Vec<Span>> {
        let mut count = self.kept.count.subscribe();
        let waiting = async {
            loop {
                let spans = self.spans()?;
                if enough(&spans) {
                    return Ok::<_, anyhow::Error>(spans);
                }
                count.changed().await?;
            }
        };
        match timeout(PATIENCE, waiting).await {
            Ok(spans) => spans,
            Err(_) => bail!(
                "{what} did not arrive within {PATIENCE:?}, but {:#?}",
                self.spans()?
            ),
        }
    }
}

async fn take(State(kept): State<Arc<Kept>>, headers: HeaderMap, body: Bytes) -> http::StatusCode {
    if headers
        .get("content-type")
        .is_none_or(|kind| kind != "application/x-protobuf")
    {
        return http::StatusCode::UNSUPPORTED_MEDIA_TYPE;
    }
    let mut batches = kept.batches.lock().unwrap_or_else(PoisonError::into_inner);
    batches.push(body);
    kept.count.send_replace(batches.len());
    http::StatusCode::OK
}

fn of_service(spans: ResourceSpans) -> Vec<Span> {
    let resource = spans.resource.unwrap_or_default();
    let service = attributes(resource.attributes).remove("service.name");
    let service = service.unwrap_or_default();
    let spans = spans.scope_spans.into_iter().flat_map(|scope| scope.spans);
    spans
        .map(|span| Span {
            trace: hexadecimal(&span.trace_id),
            id: hexadecimal(&span.span_id),
            parent: hexadecimal(&span.parent_span_id),
            name: span.name,
            service: service.clone(),
            attributes: attributes(span.attributes),
            failed: span
                .status
                .is_some_and(|status| status.code == StatusCode::Error as i32),
        })
        .collect()
}

fn attributes(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    let written = attributes.into_iter();
    written
        .map(|attribute| (attribute.key, text(attribute.value)))
        .collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(any_value::Value::StringValue(text)) => text,
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        Some(any_value::Value::BoolValue(boolean)) => boolean.to_string(),
        other => format!("{other:?}"),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
