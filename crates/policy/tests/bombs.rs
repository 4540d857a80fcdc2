//! Sources that were made to never end, to fill memory or to overflow a stack.
//! Each ends with the limit's own error; nothing here looks at a clock.
//!
//! Every test runs on a stack of 512 KiB, a quarter of what a task has.

#![allow(clippy::unwrap_used)]

mod common;

use causeway_policy::limits::{DEPTH_MAX, Limits, PATTERNS_MAX, SOURCE_BYTES_MAX, TOKENS_MAX};
use causeway_policy::{EvaluateErrorKind as Kind, Expression, Outcome, Purpose, Scope};
use serde_json::json;

const STACK_BYTES: usize = 512 * 1024;

fn on_a_small_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap()
}

/// `source` is refused with `code`.
fn refused(source: &str, code: &str) {
    let source = source.to_owned();
    let found = on_a_small_stack(move || {
        Expression::compile(&source, Purpose::PropertyMapping)
            .map(|_| ())
            .map_err(|error| error.code)
    });
    assert_eq!(found.unwrap_err(), code);
}

fn run(source: &str, scope: Scope) -> Outcome {
    let source = format!("{{'it': {source}}}");
    on_a_small_stack(move || {
        Expression::compile(&source, Purpose::PropertyMapping)
            .unwrap_or_else(|error| panic!("{source}: {error}"))
            .evaluate_metered(&scope, &Limits::STANDARD)
    })
}

/// `source` is stopped by the limit `kind`, and within the limits' numbers.
fn stopped(source: &str, kind: Kind) {
    stopped_over(source, common::scope(), kind);
}

fn stopped_over(source: &str, scope: Scope, kind: Kind) {
    let outcome = run(source, scope);
    let error = outcome.value.expect_err("was not stopped");
    assert_eq!(error.kind, kind, "{error}");
    assert!(kind.is_limit());
    assert!(outcome.operations <= Limits::STANDARD.operations);
}

fn ends(source: &str) {
    let outcome = run(source, common::scope());
    assert!(outcome.value.is_ok(), "{:?}", outcome.value);
    assert!(outcome.operations <= Limits::STANDARD.operations);
}

// What is refused before it runs.

#[test]
fn seven_nested_maps() {
    let mut source = "1".to_owned();
    for level in 0..7 {
        source = format!("[0,1,2,3,4,5,6,7,8,9].map(v{level},{source})");
    }
    refused(&source, "expression_too_deep");
}

#[test]
fn terms_that_lean_on_one_another() {
    for operator in ["+", "-", "*", "<", "=="] {
        refused(&vec!["1"; 400].join(operator), "expression_too_deep");
    }
    refused(&vec!["1"; 3000].join("+"), "expression_too_long");
}

#[test]
fn alternatives_are_flat() {
    ends(&vec!["false"; 450].join("||"));
    ends(&vec!["true"; 450].join("&&"));
}

#[test]
fn brackets_in_brackets() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{1:", "}"),
        ("size(", ")"),
        ("[0][", "]"),
    ] {
        let source = format!("{}1{}", open.repeat(150), close.repeat(150));
        refused(&source, "expression_too_deep");
        refused(&open.repeat(150), "expression_too_deep");
    }
    let deepest = usize::from(DEPTH_MAX) - 8;
    ends(&format!("{}1{}", "(".repeat(deepest), ")".repeat(deepest)));
}

#[test]
fn signs_before_signs() {
    refused(&format!("{}true", "!".repeat(900)), "expression_too_deep");
    refused(&format!("{}x", "-".repeat(900)), "expression_too_deep");
    refused(&format!("{}1", "-!".repeat(450)), "expression_too_deep");
}

#[test]
fn chains_of_fields_calls_and_indices() {
    refused(&format!("user{}", ".a".repeat(450)), "expression_too_deep");
    refused(
        &format!("user{}", "['a']".repeat(300)),
        "expression_too_deep",
    );
    refused(
        &format!("[1]{}", ".map(x,x)".repeat(110)),
        "expression_too_deep",
    );
    refused(
        &format!("''{}", ".trim()".repeat(240)),
        "expression_too_deep",
    );
}

#[test]
fn conditions_in_conditions() {
    refused(
        &format!("{}1", "true?1:".repeat(240)),
        "expression_too_deep",
    );
}

#[test]
fn sources_that_are_long() {
    refused(&" ".repeat(SOURCE_BYTES_MAX + 1), "expression_too_long");
    refused(
        &format!("'{}'", "x".repeat(SOURCE_BYTES_MAX)),
        "expression_too_long",
    );
    refused(&"[".repeat(TOKENS_MAX + 2), "expression_too_long");
    refused(&"?:".repeat(TOKENS_MAX), "expression_too_long");
    refused(
        &format!("//{}", "/".repeat(SOURCE_BYTES_MAX - 2)),
        "expression_syntax",
    );
}

#[test]
fn patterns_that_grow() {
    for pattern in [
        "(a{100}){100}",
        r"\\w{200}",
        "((a{30}){30}){30}",
        r"(\\pL{60}){60}",
    ] {
        refused(&format!("'a'.matches('{pattern}')"), "bad_value");
    }
    let nested = format!("{}a{}", "(".repeat(60), ")".repeat(60));
    refused(&format!("'a'.matches('{nested}')"), "bad_value");
    refused(&format!("'a'.matches('{}')", "a".repeat(300)), "bad_value");
    let many = ["'a'.matches('a')"; PATTERNS_MAX + 1].join("||");
    refused(&many, "expression_too_long");
}

// What is stopped while it runs.

/// A list of 96 short numbers.
fn hundred() -> String {
    let numbers: Vec<String> = (0..96).map(|number| (number % 10).to_string()).collect();
    format!("[{}]", numbers.join(","))
}

#[test]
fn three_nested_maps_over_hundreds() {
    let list = hundred();
    let source = format!("{list}.map(a,{list}.map(b,{list}.map(c,a+b+c)))");
    stopped(&source, Kind::TooManyOperations);
}

#[test]
fn nested_searches_that_find_nothing() {
    let list = hundred();
    for search in ["all", "exists", "exists_one", "filter"] {
        let found = match search {
            "all" => "c < 10",
            "filter" => "c > 10",
            _ => "c > 10",
        };
        let inner = match search {
            "filter" => {
                format!("{list}.filter(a,{list}.filter(b,{list}.filter(c,{found})==[1])==[1])")
            }
            _ => format!("{list}.{search}(a,{list}.{search}(b,{list}.{search}(c,{found})))"),
        };
        stopped(&inner, Kind::TooManyOperations);
    }
}

#[test]
fn failures_that_alternatives_make_up_for() {
    // Each failure is forgiven by `exists`; the limit is not.
    let list = hundred();
    let source = format!("{list}.exists(a,{list}.exists(b,{list}.exists(c,1/(c-c)==1)))");
    stopped(&source, Kind::TooManyOperations);
    let source = format!("true || {list}.all(a,{list}.all(b,{list}.all(c,true)))");
    ends(&source);
    let source = format!("{list}.all(a,{list}.all(b,{list}.all(c,true))) || true");
    stopped(&source, Kind::TooManyOperations);
}

/// `[x].map(s, s + s)[0]`, again and again: each doubles.
fn doubled(first: &str, times: usize) -> String {
    let mut source = first.to_owned();
    for _ in 0..times {
        source = format!("[{source}].map(s,s+s)[0]");
    }
    source
}

#[test]
fn texts_that_double() {
    let long = "x".repeat(3000);
    stopped(&doubled(&format!("'{long}'"), 12), Kind::TooMuchMemory);
    stopped(&doubled(&format!("b'{long}'"), 12), Kind::TooMuchMemory);
}

#[test]
fn lists_that_double() {
    stopped(&doubled(&hundred(), 12), Kind::TooMuchMemory);
}

#[test]
fn lists_of_the_same_text() {
    let long = "x".repeat(2000);
    let list = hundred();
    let source = format!("{list}.map(a,{list}.map(b,'{long}'+'y'))");
    stopped(&source, Kind::TooMuchMemory);
}

#[test]
fn results_that_share_what_they_repeat() {
    // The list is cheap while it is shared; written out it is not.
    let long = "x".repeat(2000);
    let source = format!("['{long}'].map(t,{}.map(a,t))[0]", hundred());
    stopped(&source, Kind::ResultTooLarge);
    let mut nested = "['xxxxxxxxxxxxxxxx']".to_owned();
    for _ in 0..10 {
        nested = format!("[{nested}].map(s,[s,s,s,s])[0]");
    }
    let outcome = run(&nested, common::scope());
    assert!(outcome.value.expect_err("was not stopped").kind.is_limit());
}

#[test]
fn lists_that_are_compared_again_and_again() {
    // Shared halves: the comparison visits what was never copied.
    let mut tree = "[1]".to_owned();
    for _ in 0..12 {
        tree = format!("[{tree}].map(s,[s,s,s])[0]");
    }
    let source = format!("[{tree}].map(t,t==t)");
    stopped(&source, Kind::TooManyOperations);
}

#[test]
fn replacements_that_grow() {
    let long = "x".repeat(1100);
    let source = format!("'{long}'.replace('x','{long}')");
    stopped(&source, Kind::TooMuchMemory);
    stopped(
        &format!("'{long}'.replace('','{long}')"),
        Kind::TooMuchMemory,
    );
}

#[test]
fn parts_that_multiply() {
    let long = "x,".repeat(600);
    let source = format!("{}.map(a,'{long}'.split(','))", hundred());
    stopped(&source, Kind::TooMuchMemory);
    let source = format!("{}.map(a,'{long}'.split(''))", hundred());
    stopped(&source, Kind::TooMuchMemory);
    let source = format!(
        "{}.map(a,'{long}'.split(',').join('{long}').size())",
        hundred()
    );
    stopped(&source, Kind::TooMuchMemory);
}

#[test]
fn searches_of_long_texts() {
    let long = "x".repeat(1500);
    let list = hundred();
    for search in [
        "contains('xxxxxxxxy')",
        "indexOf('xxxxxxxxy')",
        "lowerAscii() == ''",
        "matches('(x+x+)+y')",
    ] {
        let source = format!("{list}.map(a,{list}.map(b,'{long}'.{search}))");
        let outcome = run(&source, common::scope());
        assert!(outcome.value.expect_err("was not stopped").kind.is_limit());
    }
}

#[test]
fn patterns_over_long_texts() {
    let mut scope = common::scope();
    scope
        .user
        .attributes
        .insert("t".to_owned(), json!("a".repeat(4096)));
    let source = format!(
        "{}.map(a, user.attributes.t.matches('(a?){{40}}(b|c){{40}}$'))",
        hundred()
    );
    stopped_over(&source, scope, Kind::TooManyOperations);
    let mut scope = common::scope();
    scope
        .user
        .attributes
        .insert("t".to_owned(), json!("a".repeat(5000)));
    let outcome = run("user.attributes.t.matches('a')", scope);
    assert_eq!(outcome.value.unwrap_err().kind, Kind::BadValue);
}

#[test]
fn what_comes_from_outside_may_be_large() {
    let mut scope = common::scope();
    let attributes = &mut scope.user.attributes;
    attributes.insert("list".to_owned(), json!(vec![1; 100_000]));
    attributes.insert("text".to_owned(), json!("x".repeat(4_000_000)));
    let mut nested = json!(1);
    for _ in 0..100 {
        nested = json!([nested, {"a": nested}]);
        if nested.to_string().len() > 1_000_000 {
            break;
        }
    }
    attributes.insert("nested".to_owned(), nested);
    for (source, kind) in [
        ("user.attributes.list.map(x, x)", Kind::TooMuchMemory),
        (
            "user.attributes.list.exists(x, x == 2)",
            Kind::TooManyOperations,
        ),
        ("2 in user.attributes.list", Kind::TooManyOperations),
        (
            "user.attributes.list == user.attributes.list",
            Kind::TooManyOperations,
        ),
        ("user.attributes.list + [1]", Kind::TooManyOperations),
        ("user.attributes.text + 'x'", Kind::TooManyOperations),
        (
            "user.attributes.text == user.attributes.text",
            Kind::TooManyOperations,
        ),
        ("user.attributes.text", Kind::TooManyOperations),
        ("user.attributes.text.size()", Kind::TooManyOperations),
        ("user.attributes.text.split('')", Kind::TooManyOperations),
        (
            "user.attributes.text.substring(3999999)",
            Kind::TooManyOperations,
        ),
        (
            "'' .replace('', user.attributes.text)",
            Kind::TooManyOperations,
        ),
        (
            "'x' in {'a': user.attributes.text} || user.attributes.text < user.attributes.text",
            Kind::TooManyOperations,
        ),
        (
            "user.attributes.nested == user.attributes.nested",
            Kind::TooManyOperations,
        ),
        ("user.attributes.nested", Kind::ResultTooLarge),
        ("user.attributes.list", Kind::ResultTooLarge),
    ] {
        stopped_over(source, scope.clone(), kind);
    }
}

#[test]
fn groups_and_labels_may_be_many() {
    let mut scope = common::scope();
    scope.user.groups = (0..60_000).map(|number| format!("g{number}")).collect();
    if let Some(endpoint) = &mut scope.endpoint {
        endpoint.labels = (0..60_000)
            .map(|n| (format!("l{n}"), String::new()))
            .collect();
    }
    for source in [
        "in_group('none')",
        "'none' in groups",
        "groups.join(',')",
        "endpoint.labels.map(k, k)",
        "endpoint.labels == endpoint.labels",
    ] {
        let outcome = run(source, scope.clone());
        let error = outcome.value.expect_err(source);
        assert!(error.kind.is_limit(), "{source}: {error}");
    }
}

#[test]
fn keys_that_are_looked_through() {
    let keys: Vec<String> = (0..200).map(|key| format!("{key}:0")).collect();
    let map = format!("{{{}}}", keys.join(","));
    let source = format!(
        "[{map}].map(m,{}.map(a,m[199]))",
        "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1].map(b,[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1].map(c,m[199]))"
    );
    let outcome = run(&source, common::scope());
    assert!(outcome.value.is_err_and(|error| error.kind.is_limit()));
}

#[test]
fn the_same_takes_the_same() {
    let scope = common::scope();
    let source = "groups.exists(g, g == 'staff') && in_network(address, '10.0.0.0/8')";
    let expression = Expression::compile(source, Purpose::Policy).unwrap();
    let first = expression.evaluate_metered(&scope, &Limits::STANDARD);
    let second = expression.evaluate_metered(&scope, &Limits::STANDARD);
    assert_eq!(first, second);
    assert_eq!(first.operations, 13);
    // One fewer than it takes is one too few.
    let limits = Limits {
        operations: first.operations,
        ..Limits::STANDARD
    };
    assert_eq!(
        expression.evaluate_metered(&scope, &limits).value,
        first.value
    );
    let limits = Limits {
        operations: first.operations - 1,
        ..Limits::STANDARD
    };
    let stopped = expression.evaluate_metered(&scope, &limits);
    assert_eq!(stopped.value.unwrap_err().kind, Kind::TooManyOperations);
}
