//! Orders: what the control plane tells a node at once, through whichever edge
//! holds its tunnel. An order that does not arrive is no loss: the node's next
//! heartbeat is answered with the same.

mod over_http;

pub use over_http::HttpOrders;

use std::collections::BTreeMap;

use async_trait::async_trait;
use causeway_model::id::{ConnectionId, NodeId};
use causeway_model::object::EndReason;
use causeway_table::{Batch, TableError};
use causeway_trust::{Order, OrderAction, OrderId, token};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::SignedDuration;

use crate::app::App;
use crate::problem::Chain;

/// How long an order is worth carrying out.
pub const ORDER_LIFE: SignedDuration = SignedDuration::from_secs(30);

/// Why an order did not reach its node.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The edge holds no tunnel of that node.
    #[error("the node has no tunnel to this edge")]
    NodeNotHere,
    /// The edge did not answer in time.
    #[error("the edge did not answer in time")]
    Deadline,
    /// The edge could not be reached.
    #[error("the edge could not be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The edge answered with something else.
    #[error("the edge refused the order with status {0}")]
    Refused(u16),
}

/// Carries a signed order to one edge.
#[async_trait]
pub trait OrderSender: Send + Sync {
    /// Hands `order` to the edge that browsers reach at `public_url`
    /// (`ws://…` or `wss://…`); done when the edge has passed it on.
    async fn send(&self, public_url: &str, order: &str) -> Result<(), OrderError>;

    /// The same where several edges share `public_url`: on a connection of its
    /// own, so that another attempt may reach another edge.
    async fn send_apart(&self, public_url: &str, order: &str) -> Result<(), OrderError> {
        self.send(public_url, order).await
    }
}

/// Attempts at one URL for each edge behind it, where there are several: which
/// of them answers is chance.
const ATTEMPTS_PER_EDGE: usize = 2;
/// Attempts at one URL at most.
const ATTEMPTS_MAX: usize = 8;

/// Hands an order to one of the `edges` behind a URL that has the node's tunnel.
async fn deliver(app: &App, url: &str, edges: usize, order: &str) -> Result<(), OrderError> {
    if edges < 2 {
        return app.orders().send(url, order).await;
    }
    let mut attempts = (edges * ATTEMPTS_PER_EDGE).min(ATTEMPTS_MAX);
    loop {
        attempts -= 1;
        match app.orders().send_apart(url, order).await {
            Err(OrderError::NodeNotHere | OrderError::Unreachable(_)) if attempts > 0 => {}
            done => return done,
        }
    }
}

/// Orders a node to end a connection, through all edges that it is connected
/// to at once; the first that delivers is enough. Says whether one did.
///
/// # Errors
/// [`TableError`] when the node's edges could not be read.
pub(crate) async fn end_connection(
    app: &App,
    node: NodeId,
    connection: ConnectionId,
    reason: EndReason,
) -> Result<bool, TableError> {
    let order = Order {
        id: OrderId::new(app.new_id()),
        node,
        connection,
        action: OrderAction::End { reason },
        expires_at: app.now().saturating_add(ORDER_LIFE).unwrap_or(app.now()),
    };
    let signing_key = app.signing_key().await;
    let signed = signing_key
        .inspect_err(|error| tracing::warn!(error = %Chain(error), "an order cannot be signed"))
        .ok()
        .and_then(|key| token::sign(&key, &order).ok());
    let Some(text) = signed else {
        return Ok(false);
    };
    let urls = edge_urls(app, node).await?;
    let mut sent: FuturesUnordered<_> = urls
        .iter()
        .map(|(url, edges)| deliver(app, url, *edges, &text))
        .collect();
    while let Some(answer) = sent.next().await {
        match answer {
            Ok(()) => {
                app.metrics().orders_delivered.add_one();
                return Ok(true);
            }
            Err(error) => {
                tracing::debug!(%node, %connection, error = %Chain(&error), "edge did not deliver");
            }
        }
    }
    app.metrics().orders_undelivered.add_one();
    tracing::info!(%node, %connection, "order left to the node's next heartbeat");
    Ok(false)
}

/// The URLs of the edges that a node holds tunnels to, and how many edges are
/// behind each: all that there are, as whatever spreads requests over them does
/// not know of tunnels.
async fn edge_urls(app: &App, node: NodeId) -> Result<BTreeMap<String, usize>, TableError> {
    let mut batch = Batch::new();
    let (state, epoch) = (batch.node_state(node), batch.epoch());
    let answer = app.table().read(batch).await?;
    let edges = answer
        .take(state)?
        .map(|state| state.load.edges)
        .unwrap_or_default();
    let snapshot = app
        .table()
        .config()
        .at(answer.take(epoch)?.unwrap_or_default())
        .await?;
    let held = edges
        .into_iter()
        .filter_map(|id| snapshot.edges().get(id.uuid()))
        .map(|edge| &edge.public_url);
    let behind = |url: &String| {
        let edges = snapshot.edges().iter();
        edges.filter(|edge| edge.public_url == *url).count()
    };
    Ok(held.map(|url| (url.clone(), behind(url))).collect())
}
