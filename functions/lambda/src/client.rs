//! One HTTP client for everything that a function asks: the table through the
//! SDK, secrets, keys, edges. It is made once, with its roots of trust, and
//! keeps its connections from invocation to invocation.

use std::time::Duration;

use reqwest::redirect::Policy;

/// How long a connection may take to stand.
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// How long any one request may take, its answer included; callers have
/// deadlines of their own below it.
const REQUEST_DEADLINE: Duration = Duration::from_secs(15);
/// How long an unused connection is kept. A process that was frozen for longer
/// finds it closed by the other side.
const IDLE_KEPT: Duration = Duration::from_secs(20);

/// Makes the client.
///
/// # Errors
/// When the machine has no usable roots of trust.
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_DEADLINE)
        .timeout(REQUEST_DEADLINE)
        .pool_idle_timeout(IDLE_KEPT)
        .tcp_nodelay(true)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("causeway/", env!("CARGO_PKG_VERSION")))
        .build()
}
