//! Orders over HTTP: `POST {edge}/edge/v1/orders`.

use std::time::Duration;

use async_trait::async_trait;
use http::{StatusCode, header};

use super::{OrderError, OrderSender};

/// How long an edge has to pass an order on.
pub(super) const ORDER_DEADLINE: Duration = Duration::from_secs(1);

/// Sends orders with an HTTP client.
#[derive(Debug, Clone)]
pub struct HttpOrders {
    client: reqwest::Client,
}

impl HttpOrders {
    /// Sends with `client`, which knows what certificates to trust.
    #[must_use]
    pub const fn new(client: reqwest::Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl OrderSender for HttpOrders {
    async fn send(&self, public_url: &str, order: &str) -> Result<(), OrderError> {
        Self::carry(self.request(public_url, order)).await
    }

    async fn send_apart(&self, public_url: &str, order: &str) -> Result<(), OrderError> {
        // A connection that ends with its answer is never used again.
        let request = self.request(public_url, order);
        Self::carry(request.header(header::CONNECTION, "close")).await
    }
}

impl HttpOrders {
    fn request(&self, public_url: &str, order: &str) -> reqwest::RequestBuilder {
        self.client
            .post(orders_url(public_url))
            .timeout(ORDER_DEADLINE)
            .body(order.to_owned())
    }

    async fn carry(request: reqwest::RequestBuilder) -> Result<(), OrderError> {
        let answer = request.send().await.map_err(|error| {
            if error.is_timeout() {
                OrderError::Deadline
            } else {
                OrderError::Unreachable(Box::new(error.without_url()))
            }
        })?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND => Err(OrderError::NodeNotHere),
            status => Err(OrderError::Refused(status.as_u16())),
        }
    }
}

/// The edge's public URL is written for websockets; orders go to the same
/// server by plain HTTP.
fn orders_url(public_url: &str) -> String {
    let base = public_url.trim_end_matches('/');
    let base = match base.split_once("://") {
        Some(("ws", rest)) => format!("http://{rest}"),
        Some(("wss", rest)) => format!("https://{rest}"),
        Some(_) | None => base.to_owned(),
    };
    format!("{base}/edge/v1/orders")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_go_to_the_server_of_the_websockets() {
        for (public_url, expected) in [
            (
                "ws://127.0.0.1:9000",
                "http://127.0.0.1:9000/edge/v1/orders",
            ),
            ("wss://edge.example/", "https://edge.example/edge/v1/orders"),
            (
                "https://edge.example",
                "https://edge.example/edge/v1/orders",
            ),
        ] {
            assert_eq!(orders_url(public_url), expected);
        }
    }
}
