//! The same templates and functions on LocalStack's community edition, deployed
//! and seeded by the script that people run, and reached by Function URLs alone.
//!
//! It enforces no roles and has no HTTP API: of those the other deployment tells.

use anyhow::{Context, Result, ensure};
use causeway_tests::cloud::{Cloud, NAME};
use reqwest::StatusCode;
use serde_json::json;

use crate::story;

/// What localstack/seed.yaml makes.
const SEEDED_ENDPOINT: &str = "web-01";

#[tokio::test]
async fn localstack_is_deployed_to_and_serves_the_story_by_function_urls() -> Result<()> {
    let cloud = Cloud::on_localstack().await?;
    let told = async {
        each_function_url_is_ready(&cloud).await?;
        the_doors_page_may_ask_and_no_other(&cloud).await?;
        let admin = cloud.first_sign_in().await?;
        let endpoints = admin.list("/api/v1/admin/endpoints").await?;
        let names: Vec<_> = endpoints.iter().map(|one| &one["name"]).collect();
        ensure!(names == [SEEDED_ENDPOINT], "seeded, but {names:?}");
        let begun = story::begun_from_there(&cloud, admin).await?;
        story::told(&cloud, begun).await.map(drop)
    };
    crate::with_log(&cloud, told.await)
}

/// Each function answers at its own URL, and can work.
async fn each_function_url_is_ready(cloud: &Cloud) -> Result<()> {
    for function in ["portal", "admin", "nodes"] {
        for path in ["healthz", "readyz"] {
            let answer = reqwest::Client::new()
                .get(format!("{}/{path}", cloud.aws.endpoint()))
                .header("host", function_host(cloud, function).await?)
                .send()
                .await?;
            let status = answer.status();
            ensure!(
                status == StatusCode::OK,
                "{function} answers {path} with {status}: {:?}",
                answer.text().await
            );
        }
    }
    Ok(())
}

/// A browser says which page asks, and LocalStack lets but few ask.
async fn the_doors_page_may_ask_and_no_other(cloud: &Cloud) -> Result<()> {
    for (origin, expected) in [
        (cloud.url.as_str(), StatusCode::UNAUTHORIZED),
        ("http://elsewhere.example", StatusCode::FORBIDDEN),
    ] {
        let answer = reqwest::Client::new()
            .post(format!("{}/api/v1/session", cloud.url))
            .header("origin", origin)
            .json(&json!({ "username": "nobody", "password": "wrong" }))
            .send()
            .await?;
        let status = answer.status();
        ensure!(
            status == expected,
            "a page of {origin} is answered {status}"
        );
    }
    Ok(())
}

/// The host by which LocalStack knows a function.
async fn function_host(cloud: &Cloud, function: &str) -> Result<String> {
    let configured = cloud
        .aws
        .ask(&[
            "lambda",
            "get-function-url-config",
            "--function-name",
            &format!("{NAME}-{function}"),
        ])
        .await?;
    let url = configured["FunctionUrl"].as_str().context("no URL")?;
    let url = url::Url::parse(url)?;
    let host = url.host_str().context("no host")?;
    let port = url.port().context("no port")?;
    Ok(format!("{host}:{port}"))
}
