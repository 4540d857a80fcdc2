//! The way to the collector, for the life of the process.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use reqwest::redirect::Policy;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::collector::Collector;
use crate::exported;
use crate::sampling::Sampling;
use crate::settings::TraceSettings;

/// How long one batch may take to be sent.
pub const EXPORT_DEADLINE: Duration = Duration::from_secs(5);
/// How long a connection to the collector may take to stand.
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// After a flush that failed nobody waits for another one for so long.
const FLUSH_PAUSE: Duration = Duration::from_secs(30);
/// How long the last spans may hold up the end of the process.
const STOP_DEADLINE: Duration = Duration::from_secs(2);

/// Why there are no traces although they are wanted.
#[derive(Debug, thiserror::Error)]
pub enum StartTracesError {
    /// The machine has no usable roots of trust.
    #[error("cannot make the HTTP client for traces")]
    Client(#[source] reqwest::Error),
    /// A variable that the exporter reads is wrong.
    #[error("cannot make the exporter of traces")]
    Exporter(#[source] ExporterBuildError),
}

/// Sends spans until it is stopped. Its queue is bounded (2048 spans unless
/// `OTEL_BSP_MAX_QUEUE_SIZE` says otherwise); what finds no room is lost.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
    sampling: Sampling,
    paused_until: Mutex<Option<Instant>>,
}

impl Traces {
    /// Begins to send to the collector of `settings` as `service`, unless the
    /// operator names it. The requests run on `runtime`.
    ///
    /// # Errors
    /// See [`StartTracesError`].
    pub fn start(
        settings: &TraceSettings,
        service: &str,
        runtime: Handle,
    ) -> Result<Self, StartTracesError> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_DEADLINE)
            .redirect(Policy::none())
            .user_agent(concat!("causeway/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(StartTracesError::Client)?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(client, runtime))
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(settings.endpoint.as_str())
            .with_timeout(EXPORT_DEADLINE)
            .build()
            .map_err(StartTracesError::Exporter)?;
        let name = settings.service.as_deref().unwrap_or(service);
        let resource = Resource::builder()
            .with_service_name(name.to_owned())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(settings.sampling.sampler())
            .with_resource(resource)
            .build();
        Ok(Self {
            provider,
            sampling: settings.sampling,
            paused_until: Mutex::new(None),
        })
    }

    /// Which traces are recorded.
    #[must_use]
    pub const fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// What turns spans of [`TARGET`](crate::TARGET) into what is sent. Where in
    /// the source, on which thread and how busy is nobody's business outside.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("causeway"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_error_fields_to_exceptions(false)
            .with_error_records_to_exceptions(false)
            .with_filter(exported())
    }

    /// Has everything sent that has ended, and waits for it, `longest` at most.
    /// After one that failed the next ones return at once for a while, so that a
    /// collector that is gone holds up one request and not each.
    pub async fn flush(&self, longest: Duration) {
        if self.is_paused() {
            return;
        }
        let provider = self.provider.clone();
        let flushed = timeout(longest, spawn_blocking(move || provider.force_flush())).await;
        if !matches!(flushed, Ok(Ok(Ok(())))) {
            self.pause();
        }
    }

    /// Sends what is left and ends, within two seconds. Blocks: to be called
    /// outside of the runtime that the requests run on, while it still runs.
    pub fn stop(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(STOP_DEADLINE) {
            tracing::debug!(%error, "the last traces are lost");
        }
    }

    fn is_paused(&self) -> bool {
        let until = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn pause(&self) {
        let mut until = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *until = Some(Instant::now() + FLUSH_PAUSE);
    }
}
