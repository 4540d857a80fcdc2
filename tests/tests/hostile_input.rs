//! Hostile input is refused with its code before any work is done: nothing
//! reaches a target, no ticket is burnt, no place is taken.

use std::str::FromStr;

use anyhow::{Context, Result};
use causeway_model::id::{ParseIdError, TicketId};
use causeway_tests::session::{Entry, Refused, Viewer, protocols, try_upgrade};
use causeway_tests::stack::{Api, Launched, Stack};
use causeway_trust::SigningKey;
use causeway_trust::token::{self, Ticket};
use causeway_wire::limits;
use causeway_wire::message::{InputOrigin, TerminalInput, to_node};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use uuid::Uuid;

use crate::lab::{LAB, connection, lab, lab_with_shell, shell};

#[tokio::test]
async fn a_websocket_without_a_ticket() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let edge = &launched.entry.edge_url;
    is(&try_upgrade(edge, &[]).await?, 401, "ticket_missing");
    is(
        &try_upgrade(edge, &[("sec-websocket-protocol", "causeway.v1")]).await?,
        401,
        "ticket_missing",
    );
    untouched(&stack, &launched, &sshd).await
}

#[tokio::test]
async fn a_ticket_in_the_url_is_no_ticket() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let edge = format!(
        "{}?ticket={}",
        launched.entry.edge_url, launched.entry.ticket
    );
    let refused = try_upgrade(&edge, &[("sec-websocket-protocol", "causeway.v1")]).await?;
    is(&refused, 401, "ticket_missing");
    untouched(&stack, &launched, &sshd).await
}

#[tokio::test]
async fn a_ticket_that_is_none() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let real = &launched.entry.ticket;
    let parts: Vec<_> = real.split('.').collect();
    let [version, key, payload, signature] = parts[..] else {
        panic!("a ticket has four parts")
    };
    let tickets = [
        "x".to_owned(),
        "v1...".to_owned(),
        "A".repeat(2049),
        format!("{version}.{key}.{payload}"),
        format!("v2.{key}.{payload}.{signature}"),
        format!("{version}.{key}.{payload}.{}", altered(signature)),
        format!("{version}.{key}.{}.{signature}", altered(payload)),
        format!("{version}.{}.{payload}.{signature}", altered(key)),
    ];
    for ticket in tickets {
        let refused = present(&launched.entry.edge_url, &ticket, &[]).await?;
        assert_eq!(
            (refused.status, &*refused.code),
            (401, "ticket_invalid"),
            "{ticket}"
        );
    }
    untouched(&stack, &launched, &sshd).await
}

#[tokio::test]
async fn a_ticket_of_another_deployment() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let other = lab().await?;
    other
        .endpoint_with(LAB, "shell", "127.0.0.1:9", json!({}))
        .await?;
    let foreign = other.admin.launch(LAB, "shell").await?.entry.ticket;
    is(
        &present(&launched.entry.edge_url, &foreign, &[]).await?,
        401,
        "ticket_invalid",
    );
    untouched(&stack, &launched, &sshd).await
}

/// A ticket lives for a minute; instead of waiting for it, the test signs one
/// that is over with the deployment's own key.
#[tokio::test]
async fn a_ticket_whose_time_is_over() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let answer = connection(&stack, &launched.connection).await?;
    let key = std::fs::read(stack.data_directory().join("keys/signing.pk8"))?;
    let key = SigningKey::from_pkcs8(&key)?;
    let now = Timestamp::now();
    let ticket = Ticket {
        id: TicketId::new(Uuid::now_v7()),
        connection: id(&answer, "id")?,
        node: id(&answer, "node")?,
        edge: id(&answer, "edge")?,
        user: id(&answer, "user")?,
        session: id(&answer, "session")?,
        issued_at: now - SignedDuration::from_secs(61),
        expires_at: now - SignedDuration::from_secs(1),
        trace: None,
    };
    let edge = &launched.entry.edge_url;
    let over = token::sign(&key, &ticket)?;
    is(&present(edge, &over, &[]).await?, 401, "ticket_expired");
    untouched(&stack, &launched, &sshd).await
}

#[tokio::test]
async fn a_ticket_for_another_edge() -> Result<()> {
    let mut stack = Stack::split(1, 1).await?;
    stack.application(LAB, json!({})).await?;
    stack
        .endpoint_with(LAB, "shell", "127.0.0.1:9", json!({}))
        .await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let own = &launched.entry.edge_url;
    let edges = [stack.up.fact("edge")?, stack.edges[0].fact("url")?];
    let other = edges
        .iter()
        .find(|edge| !own.starts_with(**edge))
        .context("two edges")?;
    let other = format!("{}/edge/v1/connect", other.trim_end_matches('/'));
    is(
        &present(&other, &launched.entry.ticket, &[]).await?,
        403,
        "ticket_for_other_edge",
    );
    stack.edges.clear();
    Ok(())
}

#[tokio::test]
async fn a_ticket_used_before() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let (launched, mut viewer) = shell(&stack).await?;
    let refused = present(&launched.entry.edge_url, &launched.entry.ticket, &[]).await?;
    is(&refused, 401, "ticket_used");
    assert_eq!(sshd.accepted(), 1);
    // The session that it was used for goes on undisturbed.
    viewer.enter("echo $((40 + 2))-undisturbed").await?;
    viewer.wait_for("42-undisturbed").await?;
    drop(viewer);
    let refused = present(&launched.entry.edge_url, &launched.entry.ticket, &[]).await?;
    is(&refused, 401, "ticket_used");
    Ok(())
}

#[tokio::test]
async fn a_ticket_of_a_connection_that_has_ended() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    stack.admin.terminate(&launched.connection).await?;
    let refused = present(&launched.entry.edge_url, &launched.entry.ticket, &[]).await?;
    assert_eq!(refused.code, "connection_ended", "{refused}");
    assert_eq!(sshd.accepted(), 0);
    Ok(())
}

#[tokio::test]
async fn a_ticket_of_a_sign_in_that_has_ended() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let user = stack.user("ada", "marker-ada").await?;
    let launched = user.launch(LAB, "shell").await?;
    user.sign_out().await?;
    let refused = present(&launched.entry.edge_url, &launched.entry.ticket, &[]).await?;
    assert!(
        ["connection_ended", "signed_out"].contains(&&*refused.code),
        "{refused}"
    );
    assert_eq!(sshd.accepted(), 0);
    Ok(())
}

#[tokio::test]
async fn a_page_of_another_origin() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let Entry { edge_url, ticket } = &launched.entry;
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        is(
            &present(edge_url, ticket, &[("origin", origin)]).await?,
            403,
            "origin_not_allowed",
        );
    }
    untouched(&stack, &launched, &sshd).await
}

#[tokio::test]
async fn a_request_that_is_no_websocket() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let url = launched.entry.edge_url.replacen("ws", "http", 1);
    let answer = reqwest::Client::new()
        .get(&url)
        .header("sec-websocket-protocol", protocols(&launched.entry.ticket))
        .send()
        .await?;
    assert!(answer.status().is_client_error());
    let problem: serde_json::Value = serde_json::from_slice(&answer.bytes().await?)?;
    assert_eq!(problem["code"], "not_a_websocket");
    untouched(&stack, &launched, &sshd).await
}

#[tokio::test]
async fn a_launch_forged_by_another_site() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let jar = reqwest::Client::builder().cookie_store(true).build()?;
    let base = stack.admin.base();
    let credentials =
        json!({ "username": "admin", "password": causeway_tests::stack::ADMIN_PASSWORD });
    jar.post(format!("{base}/api/v1/session"))
        .json(&credentials)
        .send()
        .await?
        .error_for_status()?;
    let url = format!("{base}/api/v1/applications/{LAB}/endpoints/shell/launch");
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        let answer = jar.post(&url).header(name, value).send().await?;
        assert_eq!(answer.status().as_u16(), 403, "{name}: {value}");
        let problem: serde_json::Value = serde_json::from_slice(&answer.bytes().await?)?;
        assert_eq!(problem["code"], "cross_site_request");
    }
    Ok(())
}

#[tokio::test]
async fn a_message_longer_than_any_may_be() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (_, mut viewer) = shell(&stack).await?;
    let long = Bytes::from(vec![0_u8; limits::MESSAGE_BYTES_MAX + 1]);
    breaks_off(&mut viewer, Message::Binary(long)).await?;
    still_works(&stack).await
}

#[tokio::test]
async fn more_input_in_one_message_than_may_be() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (_, mut viewer) = shell(&stack).await?;
    let data = vec![b'x'; limits::TERMINAL_INPUT_BYTES_MAX + 1].into();
    let input = to_node::Body::TerminalInput(TerminalInput {
        data,
        origin: InputOrigin::Typed as i32,
    });
    breaks_off(
        &mut viewer,
        Message::Binary(causeway_wire::encode(
            &causeway_wire::message::ToNode::from(input),
        )),
    )
    .await?;
    still_works(&stack).await
}

#[tokio::test]
async fn bytes_that_are_no_message() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    for frame in [
        Message::Binary(Bytes::from_static(b"\xff\xff\xff\xff")),
        Message::Text("hello".into()),
    ] {
        let (_, mut viewer) = shell(&stack).await?;
        breaks_off(&mut viewer, frame).await?;
    }
    still_works(&stack).await
}

#[tokio::test]
async fn a_viewer_that_does_not_begin_with_a_hello() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let mut viewer = Viewer::attach(&launched.entry).await?;
    viewer.type_text("id\r").await?;
    assert_eq!(viewer.failure().await?.code, "viewer_protocol_error");
    Ok(())
}

fn id<T: FromStr<Err = ParseIdError>>(answer: &serde_json::Value, name: &str) -> Result<T> {
    Ok(answer[name].as_str().unwrap_or_default().parse()?)
}

async fn present(edge_url: &str, ticket: &str, further: &[(&str, &str)]) -> Result<Refused> {
    let protocols = protocols(ticket);
    let mut headers = vec![("sec-websocket-protocol", protocols.as_str())];
    headers.extend_from_slice(further);
    try_upgrade(edge_url, &headers).await
}

fn is(refused: &Refused, status: u16, code: &str) {
    assert_eq!((refused.status, &*refused.code), (status, code));
}

/// Nothing was done for the refused, and the rightful browser gets in.
async fn untouched(
    stack: &Stack,
    launched: &Launched,
    sshd: &causeway_tests::sshd::Sshd,
) -> Result<()> {
    assert_eq!(sshd.accepted(), 0, "the target was spoken to");
    assert_eq!(
        connection(stack, &launched.connection).await?["state"],
        "pending"
    );
    Viewer::open(&launched.entry).await?.wait_for("$ ").await
}

/// The node says that the viewer broke the protocol, or closes at once.
async fn breaks_off(viewer: &mut Viewer, frame: Message) -> Result<()> {
    // The node may close while the frame is still being sent.
    let _ = viewer.send_frame(frame).await;
    viewer
        .wait_until("the close", |viewer| viewer.heard.closed)
        .await?;
    if let Some(failure) = &viewer.heard.failure {
        assert_eq!(failure.code, "viewer_protocol_error");
    }
    Ok(())
}

async fn still_works(stack: &Stack) -> Result<()> {
    let admin = Api::sign_in(
        stack.admin.base(),
        "admin",
        causeway_tests::stack::ADMIN_PASSWORD,
    )
    .await?;
    let launched = admin.launch(LAB, "shell").await?;
    Viewer::open(&launched.entry).await?.wait_for("$ ").await
}

/// Changes a base64url text so that it decodes to other bytes.
fn altered(text: &str) -> String {
    let (at, old) = text.char_indices().next().unwrap();
    let new = if old == 'A' { 'B' } else { 'A' };
    format!("{}{new}{}", &text[..at], &text[at + 1..])
}
