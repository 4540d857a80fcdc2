//! Requests with an HTTP client that is made at the first one.

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::Policy;
use url::Url;

use super::{Outbound, OutboundError, is_safe};

/// How long a connection may take to stand.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);
/// How long a request may take, its answer included.
const DEADLINE: Duration = Duration::from_secs(5);
/// Longest answer in bytes.
const ANSWER_LENGTH_MAX: usize = 512 * 1024;

/// Sends over HTTP, with the roots of trust of the machine.
#[derive(Debug, Default)]
pub struct OverHttp {
    client: OnceLock<reqwest::Client>,
    deadline: Option<Duration>,
}

impl OverHttp {
    /// Gives up after another time than usual.
    #[must_use]
    pub const fn with_deadline(deadline: Duration) -> Self {
        Self {
            client: OnceLock::new(),
            deadline: Some(deadline),
        }
    }

    fn client(&self) -> Result<&reqwest::Client, OutboundError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_DEADLINE)
            .timeout(self.deadline.unwrap_or(DEADLINE))
            .redirect(Policy::none())
            .user_agent(concat!("causeway/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(unreachable)?;
        Ok(self.client.get_or_init(|| client))
    }
}

#[async_trait]
impl Outbound for OverHttp {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, OutboundError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| OutboundError::Address)?;
        if !is_safe(&url) {
            return Err(OutboundError::Address);
        }
        let request = reqwest::Request::try_from(request).map_err(unreachable)?;
        let mut response = self.client()?.execute(request).await.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > ANSWER_LENGTH_MAX {
                return Err(OutboundError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        Ok(answer)
    }
}

fn unreachable(error: reqwest::Error) -> OutboundError {
    if error.is_timeout() {
        OutboundError::Deadline
    } else {
        OutboundError::Unreachable(Box::new(error.without_url()))
    }
}
