//! The table's invariants over HTTP, under launches that race each other:
//! maximum_connections and a node's capacity are never overshot, and what is
//! refused leaves nothing behind.

use std::collections::BTreeMap;

use anyhow::Result;
use causeway_tests::silent::Silent;
use causeway_tests::stack::{Answer, Api, Stack};
use futures_util::future::join_all;
use serde_json::json;

use crate::lab::{LAB, connection_in, eventually, lab};

/// Launches that race each other.
const RACERS: usize = 40;

#[tokio::test]
async fn maximum_connections_is_never_overshot() -> Result<()> {
    let stack = lab().await?;
    let silent = Silent::start().await?;
    stack
        .endpoint_with(
            LAB,
            "narrow",
            &silent.address().to_string(),
            json!({ "maximum_connections": 3 }),
        )
        .await?;
    for round in 0..3 {
        let outcomes = race(&stack.admin, "narrow").await?;
        let (granted, refused) = split(&outcomes);
        assert_eq!(granted.len(), 3, "round {round}: {refused:?}");
        assert_eq!(
            refused,
            BTreeMap::from([((409, "maximum_connections_reached".to_owned()), RACERS - 3)])
        );
        assert_eq!(live(&stack).await?, 3);
        for connection in granted {
            stack.admin.terminate(&connection).await?;
            connection_in(&stack, &connection, "ended").await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_endpoint_without_places_admits_nobody() -> Result<()> {
    let stack = lab().await?;
    stack
        .endpoint_with(
            LAB,
            "closed",
            "127.0.0.1:9",
            json!({ "maximum_connections": 0 }),
        )
        .await?;
    let answer = stack.admin.try_launch(LAB, "closed").await?;
    assert_eq!(answer.problem(), (409, "maximum_connections_reached"));
    Ok(())
}

#[tokio::test]
async fn a_nodes_capacity_is_never_overshot() -> Result<()> {
    let stack = Stack::up_with(&["--capacity", "5"]).await?;
    stack.application(LAB, json!({})).await?;
    let silent = Silent::start().await?;
    stack
        .endpoint(LAB, "wide", silent.address(), json!({}))
        .await?;
    let outcomes = race(&stack.admin, "wide").await?;
    let (granted, refused) = split(&outcomes);
    assert_eq!(granted.len(), 5, "{refused:?}");
    assert_eq!(
        refused,
        BTreeMap::from([((503, "no_node_available".to_owned()), RACERS - 5)])
    );
    Ok(())
}

#[tokio::test]
async fn the_default_is_one_connection_and_a_freed_place_is_free_at_once() -> Result<()> {
    let stack = lab().await?;
    let endpoint =
        json!({ "name": "one", "provider": LAB, "protocol": "ssh", "host": "127.0.0.1:9" });
    stack.admin.create("endpoints", endpoint).await?;
    for _ in 0..5 {
        let launched = stack.admin.launch(LAB, "one").await?;
        let answer = stack.admin.try_launch(LAB, "one").await?;
        assert_eq!(answer.problem(), (409, "maximum_connections_reached"));
        stack.admin.terminate(&launched.connection).await?;
        eventually("a free place", || async {
            let answer = stack.admin.try_launch(LAB, "one").await?;
            if !answer.status.is_success() {
                return Ok(Err(format!("{answer:?}")));
            }
            let connection = answer.body["connection"]["id"].as_str().unwrap_or_default();
            stack.admin.terminate(connection).await?;
            Ok(Ok(()))
        })
        .await?;
        eventually("no live connection", || async {
            let live = live(&stack).await?;
            Ok(if live == 0 {
                Ok(())
            } else {
                Err(format!("{live} live"))
            })
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn another_providers_endpoint_is_not_found() -> Result<()> {
    let stack = lab().await?;
    stack.application("other", json!({})).await?;
    let id = stack
        .endpoint_with("other", "theirs", "127.0.0.1:9", json!({}))
        .await?;
    for endpoint in [id.as_str(), "theirs", "nobodys"] {
        let answer = stack.admin.try_launch(LAB, endpoint).await?;
        assert_eq!(answer.problem(), (404, "endpoint_not_found"), "{endpoint}");
    }
    assert_eq!(
        stack.admin.try_launch("nothing", "theirs").await?.problem(),
        (404, "application_not_found")
    );
    assert_eq!(
        Api::new(stack.admin.base())?
            .try_launch("other", &id)
            .await?
            .problem(),
        (401, "not_signed_in")
    );
    Ok(())
}

#[tokio::test]
async fn users_see_and_end_only_their_own_connections() -> Result<()> {
    let stack = lab().await?;
    stack
        .endpoint_with(LAB, "shared", "127.0.0.1:9", json!({}))
        .await?;
    let (ada, bob) = (
        stack.user("ada", "marker-ada").await?,
        stack.user("bob", "marker-bob").await?,
    );
    let launched = ada.launch(LAB, "shared").await?;
    let path = format!("/api/v1/connections/{}", launched.connection);
    assert_eq!(ada.list("/api/v1/connections").await?.len(), 1);
    assert_eq!(bob.list("/api/v1/connections").await?.len(), 0);
    assert_eq!(
        bob.get(&path).await?.problem(),
        (404, "connection_not_found")
    );
    assert_eq!(
        bob.delete(&path).await?.problem(),
        (404, "connection_not_found")
    );
    assert_eq!(
        bob.post(&format!("{path}/ticket"), json!({}))
            .await?
            .problem(),
        (404, "connection_not_found")
    );
    ada.terminate(&launched.connection).await
}

async fn race(api: &Api, endpoint: &str) -> Result<Vec<Answer>> {
    join_all((0..RACERS).map(|_| api.try_launch(LAB, endpoint)))
        .await
        .into_iter()
        .collect()
}

/// Ids of the connections granted, and how often each refusal came.
fn split(outcomes: &[Answer]) -> (Vec<String>, BTreeMap<(u16, String), usize>) {
    let mut granted = Vec::new();
    let mut refused = BTreeMap::new();
    for answer in outcomes {
        if let Some(id) = answer.body["connection"]["id"].as_str() {
            granted.push(id.to_owned());
        } else {
            let (status, code) = answer.problem();
            *refused.entry((status, code.to_owned())).or_default() += 1;
        }
    }
    (granted, refused)
}

async fn live(stack: &Stack) -> Result<usize> {
    let connections = stack.admin.list("/api/v1/connections").await?;
    Ok(connections
        .iter()
        .filter(|connection| connection["state"] != "ended")
        .count())
}
