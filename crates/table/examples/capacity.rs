//! Counts the capacity units that each operation consumes, as DynamoDB Local
//! counts them (docs/cloud-capacity.md).
//!
//!     scripts/with-services cargo run -p causeway-table --example capacity

#![allow(clippy::unwrap_used, reason = "a measuring program")]

#[path = "../tests/suite/fixtures.rs"]
#[allow(dead_code, unreachable_pub, reason = "made for tests")]
mod fixtures;

use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use causeway_model::object::{EndReason, MaximumConnections};
use causeway_table::{CloudConfig, EndpointKey, HttpTransport, LaunchKeys, Table};
use fixtures::{World, endpoint, now, uuid, write};
use serde_json::Value;

/// Read and write units so far.
type Units = Arc<Mutex<(f64, f64)>>;

/// Asks for what each request consumes, and adds it up. The service does not
/// look at signatures.
#[derive(Debug, Clone)]
struct Metered {
    transport: HttpTransport,
    units: Units,
}

impl HttpClient for Metered {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Metered {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let reads = ["GetItem", "BatchGetItem", "Query"]
            .iter()
            .any(|name| target.ends_with(&format!(".{name}")));
        let mut body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        if !target.ends_with("Table") && !target.ends_with("TimeToLive") {
            body["ReturnConsumedCapacity"] = "TOTAL".into();
        }
        let body = body.to_string();
        let length = body.len().to_string();
        request.headers_mut().insert("content-length", length);
        *request.body_mut() = SdkBody::from(body);
        let (answer, units) = (self.transport.call(request), Arc::clone(&self.units));
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            add(&units, &answer, reads);
            Ok(answer)
        })
    }
}

fn add(units: &Units, answer: &HttpResponse, reads: bool) {
    let body: Value = serde_json::from_slice(answer.body().bytes().unwrap()).unwrap_or_default();
    let consumed = match &body["ConsumedCapacity"] {
        Value::Array(tables) => tables.iter().filter_map(of_table).sum(),
        table => of_table(table).unwrap_or(0.0),
    };
    let mut units = units.lock().unwrap();
    if reads {
        units.0 += consumed;
    } else {
        units.1 += consumed;
    }
}

fn of_table(consumed: &Value) -> Option<f64> {
    consumed["CapacityUnits"].as_f64()
}

#[tokio::main]
async fn main() {
    let units = Units::default();
    let url = std::env::var("CAUSEWAY_TEST_DYNAMODB_LOCAL").unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let credentials = Credentials::new("id", "secret", None, None, "test");
    let table = Table::cloud(CloudConfig {
        table_name: format!("causeway-{}", uuid()),
        region: "eu-central-1".to_owned(),
        endpoint_url: Some(url),
        credentials: SharedCredentialsProvider::new(credentials),
        http_client: SharedHttpClient::new(Metered {
            transport: HttpTransport::new(client),
            units: Arc::clone(&units),
        }),
    });
    table.create_if_missing().await.unwrap();
    let world = World::new(&table, MaximumConnections::Unlimited, &[1000; 2]).await;
    for _ in 0..50 {
        let more = endpoint(&world.provider, MaximumConnections::Unlimited);
        write(&table, causeway_table::Change::Create(more))
            .await
            .unwrap();
    }
    let told = |what: &str| {
        let (read, written) = std::mem::take(&mut *units.lock().unwrap());
        println!("{what:<28} {read:>6.1} read units {written:>6.1} write units");
    };
    told("(made ready)");
    let nodes: Vec<_> = world.nodes.iter().map(|node| node.id).collect();
    let keys = LaunchKeys {
        user: world.user.id,
        credential: world.credential(),
        endpoint: EndpointKey::Id(world.endpoint.id),
        nodes: &nodes,
        edges: &[world.edge.id],
    };
    table.launch_read(keys).await.unwrap();
    told("launch, its read, 2 nodes");
    let (connection, ticket) = world.launched(&table).await;
    told("launch, its transaction");
    table
        .connections()
        .claim(world.claim(&connection, ticket))
        .await
        .unwrap();
    told("claim, its write");
    world.beat(&table, &world.nodes[0], false, now()).await;
    told("heartbeat of a node");
    world.end(&table, &connection, EndReason::Exited).await;
    told("end");
    table
        .endpoints()
        .list(world.provider.id, None, 50)
        .await
        .unwrap();
    told("list page, 50 endpoints");
    table.events().list(None, 50, now()).await.unwrap();
    told("list page, 50 events");
}
