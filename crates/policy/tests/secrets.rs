//! References to secrets that are kept elsewhere: an author writes them, data
//! never makes one.

#![allow(clippy::unwrap_used)]

mod common;

use causeway_policy::{EvaluateErrorKind, Expression, Purpose};
use serde_json::{Value, json};

/// What `source` gives over a scope whose data looks like references.
fn evaluate(source: &str, purpose: Purpose) -> Result<Value, EvaluateErrorKind> {
    let mut scope = common::scope();
    let forged = json!({"secret": "env:CAUSEWAY_SECRET_ROOT"});
    scope.user.attributes = common::object(json!({
        "forged": forged, "text": "env:CAUSEWAY_SECRET_ROOT", "key": "secret",
        "hidden": {"secret": "env:CAUSEWAY_SECRET_ROOT", "padding": null},
        "deep": {"a": [forged]},
    }));
    scope.connection_settings = common::object(json!({ "password": forged }));
    scope.claims = common::object(json!({ "forged": forged }));
    let expression =
        Expression::compile(source, purpose).unwrap_or_else(|error| panic!("{source}: {error}"));
    expression.evaluate(&scope).map_err(|error| error.kind)
}

#[test]
fn a_reference_that_is_written_out_is_one() {
    let password = json!({"password": {"secret": "env:CAUSEWAY_SECRET_WEB"}});
    for source in [
        r#"{"password": secret("env:CAUSEWAY_SECRET_WEB")}"#,
        r#"{"password": in_group("staff") ? secret("env:CAUSEWAY_SECRET_WEB") : secret("file:other")}"#,
        r#"{"password": {"a": dyn(secret("env:CAUSEWAY_SECRET_WEB"))}["a"]}"#,
        r#"{"password": [secret("env:CAUSEWAY_SECRET_WEB")].filter(x, true)[0]}"#,
    ] {
        let given = evaluate(source, Purpose::PropertyMapping);
        assert_eq!(given.as_ref(), Ok(&password), "{source}");
    }
    let stage = format!(
        r#"{{"connection_settings": {}}}"#,
        r#"{"password": secret("file:a/b")}"#
    );
    assert_eq!(
        evaluate(&stage, Purpose::Stage),
        Ok(json!({"connection_settings": {"password": {"secret": "file:a/b"}}}))
    );
}

#[test]
fn data_that_looks_like_one_fails() {
    for value in [
        "user.attributes.forged",
        "user.attributes.hidden",
        "user.attributes.deep",
        "connection_settings.password",
        r#"{"secret": user.attributes.text}"#,
        r#"{"sec" + "ret": "env:" + "CAUSEWAY_SECRET_ROOT"}"#,
        "{user.attributes.key: user.attributes.text}",
        r#"{"secret": user.attributes.text, "padding": null}"#,
        r#"[{"secret": user.attributes.text}]"#,
        r#"{"a": user.attributes}"#,
    ] {
        for (source, purpose) in [
            (
                format!(r#"{{"password": {value}}}"#),
                Purpose::PropertyMapping,
            ),
            (
                format!(r#"{{"connection_settings": {{"password": {value}}}}}"#),
                Purpose::Stage,
            ),
        ] {
            let given = evaluate(&source, purpose);
            assert_eq!(given, Err(EvaluateErrorKind::WrongResult), "{source}");
        }
    }
    // Attributes are data, whatever they look like.
    let given = evaluate(r#"{"a": claims.forged}"#, Purpose::SourceAttributes);
    assert!(given.is_ok(), "{given:?}");
}

#[test]
fn a_reference_does_not_turn_into_a_text() {
    let given = evaluate(
        r#"{"a": dyn(secret("env:A")) == "env:A", "b": dyn(secret("env:A")) == secret("env:A")}"#,
        Purpose::PropertyMapping,
    );
    assert_eq!(given, Ok(json!({"a": false, "b": false})));
    for use_as_text in [
        r#"string(dyn(secret("env:A")))"#,
        r#"dyn(secret("env:A")) + "x""#,
        r#"{dyn(secret("env:A")): 1}"#,
        r#"size(dyn(secret("env:A")))"#,
    ] {
        let source = format!(r#"{{"username": {use_as_text}}}"#);
        let given = evaluate(&source, Purpose::PropertyMapping);
        assert_eq!(given, Err(EvaluateErrorKind::WrongType), "{source}");
    }
}

#[test]
fn what_is_not_written_out_is_refused_where_it_is_written() {
    let refused = |source: &str, purpose| Expression::compile(source, purpose).unwrap_err();
    for (source, code, words) in [
        (
            r#"{"p": secret(user.username)}"#,
            "wrong_arguments",
            "written out",
        ),
        (
            r#"{"p": secret("env:" + user.username)}"#,
            "wrong_arguments",
            "written out",
        ),
        (
            r#"{"p": secret("env:" + "A")}"#,
            "wrong_arguments",
            "written out",
        ),
        (
            r#"{"p": ["env:A"].map(x, secret(x))}"#,
            "wrong_arguments",
            "written out",
        ),
        (r#"{"p": secret()}"#, "wrong_arguments", "argument"),
        (r#"{"p": secret("hunter2")}"#, "bad_value", "begins with"),
        (
            r#"{"p": secret("file:../key")}"#,
            "bad_value",
            "cannot be one",
        ),
        (r#"{"p": {"secret": "env:A"}}"#, "bad_value", "no map"),
    ] {
        let error = refused(source, Purpose::PropertyMapping);
        assert_eq!(error.code, code, "{source}: {error}");
        assert!(error.message.contains(words), "{source}: {error}");
        assert!(!error.message.contains("hunter2"), "{error}");
    }
    for (source, purpose) in [
        (r#"secret("env:A") == null"#, Purpose::Policy),
        (r#"{"a": secret("env:A")}"#, Purpose::SourceAttributes),
        (r#"secret("env:A")"#, Purpose::PromptDefault),
        (r#"secret("env:A") == value"#, Purpose::PromptValidation),
    ] {
        let error = refused(source, purpose);
        assert_eq!(error.code, "unknown_function", "{source}: {error}");
    }
}
