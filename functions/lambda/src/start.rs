//! The life of a function's process: configuration, one client, the control
//! plane's parts, then invocations until Lambda ends it.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use causeway_functions::order::HttpOrders;
use causeway_functions::outside_secret::aws::{Aws, EnvironmentCredentials};
use causeway_functions::outside_secret::{Local, Stores};
use causeway_functions::signing::{Rotation, SigningSecret, rotate};
use causeway_functions::{App, Config, Parts};
use causeway_table::{CloudConfig, Table};
use causeway_telemetry::Traces;
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use url::Url;

use crate::bootstrap::bootstrap;
use crate::client;
use crate::environment::{ENDPOINT_URL, Environment, Function, REGION};
use crate::event::{ANSWER_LENGTH_MAX, Answer, Event};
use crate::front_door::FrontDoor;
use crate::handler::Handler;
use crate::keys;
use crate::log;
use crate::sweep::sweep;
use crate::traces;

/// Serves `router` as `function` until the process is ended.
pub fn serve(function: Function, router: fn(&App) -> Router) -> ExitCode {
    live(function.name(), async |traces| {
        let parts = open(function, traces).await?;
        let handler = parts.handler(router);
        run(traces, async |event: LambdaEvent<Box<RawValue>>| {
            let request = serde_json::from_str(event.payload.get()).context(NO_REQUEST)?;
            let answer = handler.answer(request, &event.context.request_id).await;
            Ok(Output::Http(answer))
        })
        .await
    })
}

/// Serves `router` as the admin function, which makes the first objects too.
pub fn serve_admin(router: fn(&App) -> Router) -> ExitCode {
    live(Function::Admin.name(), async |traces| {
        let parts = open(Function::Admin, traces).await?;
        let handler = parts.handler(router);
        let password = parts.environment.admin_password_secret.as_deref();
        run(traces, async |event: LambdaEvent<Box<RawValue>>| {
            let text = event.payload.get();
            if let Ok(Asked::Bootstrap) =
                serde_json::from_str(text).map(|asked: Ask| asked.causeway)
            {
                let made = bootstrap(&parts.app, &*parts.aws, password).await?;
                return Ok(Output::Other(made));
            }
            let request: Event<'_> = serde_json::from_str(text).context(NO_REQUEST)?;
            let answer = handler.answer(request, &event.context.request_id).await;
            Ok(Output::Http(answer))
        })
        .await
    })
}

/// Sweeps at each invocation, whatever its payload.
pub fn sweep_on_schedule() -> ExitCode {
    live(Function::Sweep.name(), async |traces| {
        let parts = open(Function::Sweep, traces).await?;
        run(traces, async |event: LambdaEvent<Box<RawValue>>| {
            let deadline = event.context.deadline();
            let left = deadline.duration_since(SystemTime::now());
            let rounds = sweep(&parts.app, left.unwrap_or(Duration::ZERO)).await?;
            Ok(Output::Other(json!({"rounds": rounds})))
        })
        .await
    })
}

/// Rotates the signing keys, one step an invocation.
pub fn rotate_on_request() -> ExitCode {
    live("rotate", async |traces| {
        let region = std::env::var(REGION).context("AWS_REGION is not set")?;
        let endpoint = std::env::var(ENDPOINT_URL)
            .ok()
            .filter(|text| !text.is_empty())
            .map(|text| Url::parse(&text).context("AWS_ENDPOINT_URL is no URL"))
            .transpose()?;
        let aws = Arc::new(aws(&client()?, region, endpoint.as_ref()));
        run(traces, async |event: LambdaEvent<Box<RawValue>>| {
            let rotation: Rotation = serde_json::from_str(event.payload.get())
                .context("the event is no step of a rotation")?;
            let secret = SigningSecret::new(Arc::clone(&aws), rotation.secret_id.clone());
            rotate(&secret, &rotation, Timestamp::now()).await?;
            Ok(Output::Other(Value::Null))
        })
        .await
    })
}

const NO_REQUEST: &str = "the event is no request of an HTTP API or a Function URL";

/// What the admin function may be asked without HTTP.
#[derive(Deserialize)]
struct Ask {
    causeway: Asked,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    Bootstrap,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Output {
    Http(Answer),
    Other(Value),
}

async fn run<F>(traces: Option<&Traces>, function: F) -> anyhow::Result<()>
where
    F: AsyncFn(LambdaEvent<Box<RawValue>>) -> anyhow::Result<Output>,
{
    let service = service_fn(async |event| {
        let answer = function(event).await.map_err(told);
        traces::flush(traces).await;
        answer
    });
    lambda_runtime::run(service)
        .await
        .map_err(|error| anyhow::anyhow!(error))
}

/// The error of an invocation, logged once and told to whoever invoked.
fn told(error: anyhow::Error) -> lambda_runtime::Diagnostic {
    tracing::error!(error = format!("{error:#}"), "the invocation failed");
    lambda_runtime::Diagnostic {
        error_type: "InvocationFailed".to_owned(),
        error_message: error.to_string(),
    }
}

fn live(name: &str, life: impl AsyncFnOnce(Option<&Traces>) -> anyhow::Result<()>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = runtime
        .context("cannot start the runtime")
        .and_then(|runtime| {
            let (traces, problem) = traces::start(name, runtime.handle());
            log::start(traces.as_ref());
            if let Some(error) = problem {
                tracing::error!(error = format!("{error:#}"), "traces are off");
            }
            runtime.block_on(life(traces.as_ref()))
        });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without a runtime nobody has started it yet.
            log::start(None);
            tracing::error!(error = format!("{error:#}"), "the function cannot run");
            ExitCode::FAILURE
        }
    }
}

/// A control plane, opened.
struct Opened {
    environment: Environment,
    app: App,
    aws: Arc<Aws>,
}

impl Opened {
    fn handler(&self, router: fn(&App) -> Router) -> Handler {
        let function = self.environment.function;
        let secret = self.environment.origin_secret.as_deref();
        Handler {
            function,
            app: self.app.clone(),
            router: router(&self.app),
            front_door: FrontDoor::new(secret, function.is_behind_front_door(), self.aws.clone()),
        }
    }
}

fn client() -> anyhow::Result<reqwest::Client> {
    // Fails when there is one already, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    client::client().context("cannot make the HTTP client")
}

fn aws(client: &reqwest::Client, region: String, endpoint: Option<&Url>) -> Aws {
    let aws = Aws::with_environment(client.clone(), region);
    match endpoint {
        Some(endpoint) => aws.at(endpoint.clone()),
        None => aws,
    }
}

async fn open(function: Function, traces: Option<&Traces>) -> anyhow::Result<Opened> {
    let environment = environment(function)?;
    let client = client()?;
    let region = environment.region.clone();
    let aws = Arc::new(aws(&client, region, environment.endpoint.as_ref()));
    let mut table = CloudConfig::over_http(
        environment.table.clone(),
        environment.region.clone(),
        SharedCredentialsProvider::new(EnvironmentCredentials),
        client.clone(),
    );
    table.endpoint_url = environment.endpoint.as_ref().map(ToString::to_string);
    let table = Table::cloud(table);
    let mut config = Config::new(environment.public_url.clone());
    config.member_roles.clone_from(&environment.member_roles);
    config.traces = traces.map(Traces::sampling);
    config.answer_bytes_max = Some(ANSWER_LENGTH_MAX);
    let orders = Arc::new(HttpOrders::new(client));
    let sealing = keys::sealing(&aws, &environment, &table);
    let signing = keys::signing(&aws, &environment);
    let mut parts = Parts::new(table, signing, sealing, config, orders);
    let local = Local::new(Default::default(), None);
    parts.outside_secrets = Arc::new(Stores::new(local, Some(aws.clone())));
    let app = App::new(parts)?;
    Ok(Opened {
        environment,
        app,
        aws,
    })
}

fn environment(function: Function) -> anyhow::Result<Environment> {
    Environment::read(function, |name| std::env::var(name).ok()).map_err(|problems| {
        for problem in &problems {
            let (variable, code) = (problem.variable, problem.code);
            tracing::error!(variable, code, "{problem}");
        }
        anyhow::anyhow!("{} environment variables are wrong", problems.len())
    })
}
