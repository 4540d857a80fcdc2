//! Orders of the control plane on their way to a node.
//!
//! Whoever sends one needs no other right than the signature on it. The edge
//! checks it to keep strangers off its tunnels; the node checks it again.

use causeway_trust::token::TOKEN_LEN_MAX;
use causeway_trust::{Order, TokenError};
use causeway_tunnel::{OrderError, Text};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use jiff::Timestamp;
use tokio::time::timeout;

use crate::config::BODY_DEADLINE;
use crate::refusal::Refused;
use crate::routes::Answer;
use crate::shared::Shared;

/// Answers 204 when the node's end of the tunnel has the order.
pub(crate) async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Answer, Refused> {
    if *request.method() != Method::POST {
        return Err(Refused::Method("POST"));
    }
    let text = read(request.into_body()).await?;
    let order = verify(shared, &text)?;
    let tunnel = shared
        .tunnels
        .newest(order.node)
        .ok_or(Refused::NodeNotHere)?;
    tunnel.order(text).await.map_err(|error| {
        tracing::warn!(order = %order.id, node = %order.node, error = &error as &dyn std::error::Error, "not delivered");
        refused(&error)
    })?;
    shared.metrics.orders_relayed.add(1);
    tracing::info!(order = %order.id, node = %order.node, connection = %order.connection, "order relayed");
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    Ok(answer)
}

async fn read(body: Incoming) -> Result<Text, Refused> {
    let collected = timeout(BODY_DEADLINE, Limited::new(body, TOKEN_LEN_MAX).collect())
        .await
        .map_err(|_elapsed| Refused::TooSlow)?
        .map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                Refused::OrderTooLong
            } else {
                Refused::OrderInvalid
            }
        })?;
    let bytes = collected.to_bytes();
    let text = str::from_utf8(&bytes).map_err(|_| Refused::OrderInvalid)?;
    Text::new(text).ok_or(Refused::OrderTooLong)
}

fn verify(shared: &Shared, text: &Text) -> Result<Order, Refused> {
    shared
        .keys
        .borrow()
        .verify(text.as_str(), Timestamp::now())
        .map_err(|error| match error {
            TokenError::Expired => Refused::OrderExpired,
            TokenError::TooLong
            | TokenError::Malformed
            | TokenError::UnknownKey
            | TokenError::BadSignature => Refused::OrderInvalid,
        })
}

const fn refused(error: &OrderError) -> Refused {
    match error {
        OrderError::Lost(_) => Refused::NodeNotHere,
        OrderError::Deadline => Refused::NodeTimeout,
        OrderError::NotTaken => Refused::NodeLost,
    }
}
