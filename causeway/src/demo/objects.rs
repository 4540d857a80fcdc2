//! The objects that lead from the portal to the demo target.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::Credentials;

/// The documents of the demo, as `causeway apply` takes them: applying them
/// again brings them up to date and changes nothing else.
pub(crate) fn documents(
    target: SocketAddr,
    credentials: &Credentials,
    outpost: &str,
) -> Vec<Value> {
    vec![
        json!({"kind": "provider", "name": "demo", "outposts": [outpost]}),
        json!({
            "kind": "endpoint",
            "name": "demo-shell",
            "provider": "demo",
            "protocol": "ssh",
            "host": target.to_string(),
            "maximum_connections": -1,
            "settings": {
                "username": Credentials::USERNAME,
                "password": credentials.password().expose(),
            },
        }),
        json!({
            "kind": "application",
            "slug": "demo",
            "name": "Demo",
            "provider": "demo",
        }),
    ]
}
