//! The whole suite on a service that speaks DynamoDB by HTTP: DynamoDB Local,
//! an emulator of the cloud, or DynamoDB itself. All tests share one table.
//!
//!     java -jar DynamoDBLocal.jar -inMemory -sharedDb -port 8000 &
//!     CAUSEWAY_TEST_DYNAMODB=http://127.0.0.1:8000 cargo test -p causeway-table --test service -- --ignored
//!
//! The tests are ignored elsewhere: they need a service that is not started here.

#![allow(clippy::unwrap_used, reason = "tests")]

mod suite;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use causeway_table::{CloudConfig, Table};
use suite::Test;
use tokio::runtime::Runtime;

/// Where the service is.
const URL_VARIABLE: &str = "CAUSEWAY_TEST_DYNAMODB";

suite::conforms!(
    #[ignore = "needs a DynamoDB service at CAUSEWAY_TEST_DYNAMODB"]
    crate::run
);

fn run(test: impl FnOnce(Table) -> Test) {
    let url = std::env::var(URL_VARIABLE).unwrap();
    Runtime::new().unwrap().block_on(async {
        let table = Table::cloud(CloudConfig {
            table_name: "causeway-conformance".to_owned(),
            region: "eu-central-1".to_owned(),
            endpoint_url: Some(url),
            credentials: SharedCredentialsProvider::new(Credentials::new(
                "id", "secret", None, None, "test",
            )),
            http_client: SharedHttpClient::new(Reqwest(reqwest::Client::new())),
        });
        // Of tests that start at once, one makes the table.
        if table.create_if_missing().await.is_err() {
            table.create_if_missing().await.unwrap();
        }
        test(table).await;
    });
}

/// The plainest HTTP client.
#[derive(Debug, Clone)]
struct Reqwest(reqwest::Client);

impl HttpClient for Reqwest {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Reqwest {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let mut outgoing = client.post(request.uri());
            for (name, value) in request.headers() {
                outgoing = outgoing.header(name, value);
            }
            let body = request.body().bytes().unwrap_or_default().to_vec();
            let io = |error: reqwest::Error| ConnectorError::io(error.into());
            let answer = outgoing.body(body).send().await.map_err(io)?;
            let status = answer.status().as_u16().try_into().unwrap();
            let body = answer.bytes().await.map_err(io)?;
            Ok(HttpResponse::new(status, SdkBody::from(body.to_vec())))
        })
    }
}
