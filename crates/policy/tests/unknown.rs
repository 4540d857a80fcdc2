//! What is not known where there is no endpoint, no address.

#![allow(clippy::unwrap_used)]

mod common;

use causeway_policy::{EvaluateErrorKind, Expression, Purpose};
use common::scope;
use serde_json::json;

#[test]
fn what_is_not_known_has_no_fields_and_can_be_asked_for() {
    let mut scope = scope();
    scope.endpoint = None;
    scope.request.address = None;
    let check = |source: &str, expected: Result<bool, EvaluateErrorKind>| {
        let found = Expression::compile(source, Purpose::Policy)
            .unwrap()
            .evaluate(&scope);
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, json!(expected), "{source}"),
            (Err(error), Err(kind)) => assert_eq!(error.kind, kind, "{source}"),
            (found, _) => panic!("{source}: {found:?}"),
        }
    };
    check("has(endpoint.name)", Ok(false));
    check("endpoint == null", Ok(true));
    check("endpoint != null && endpoint.name == 'x'", Ok(false));
    check("endpoint.name == 'x'", Err(EvaluateErrorKind::Missing));
    check("address == null", Ok(true));
    // Nobody slips through `!` because their address is not known.
    check(
        "!in_network(address, '10.0.0.0/8')",
        Err(EvaluateErrorKind::WrongType),
    );
}
