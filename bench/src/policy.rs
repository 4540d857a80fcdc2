//! Expressions: what a normal policy takes, and how long those run that were
//! made never to end.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use causeway_policy::limits::{Limits, SOURCE_BYTES_MAX};
use causeway_policy::{Expression, Purpose, Scope};
use serde_json::json;

use crate::report::{Goal, Report, Row};

/// How often a policy is evaluated for one value.
const EVALUATIONS: u32 = 2000;

/// As many conditions as people write.
const NORMAL: &str = r#"
    in_group("staff")
    && in_network(address, ["192.168.0.0/16", "10.0.0.0/8"])
    && in_time_window(time, "00:00", "24:00", "Europe/Berlin")
    && (has_method("totp") || session.age_s < 3600)
    && user.groups.exists(group, "team-" + group == user.attributes.team)
"#;

/// Takes the figures.
///
/// # Errors
/// When an expression does not do what it is here for.
pub(crate) fn policy(runs: u32, report: &mut Report) -> Result<()> {
    let scope = scope()?;
    let normal = Expression::compile(NORMAL, Purpose::Policy)?;
    if normal.evaluate(&scope)? != json!(true) {
        bail!("the normal policy does not pass");
    }
    report.add(Row::new(
        "policy of five conditions, evaluated, us",
        Goal::AtMost(20.0),
        (0..runs)
            .map(|_| micros(repeated(EVALUATIONS, || normal.evaluate(black_box(&scope)))))
            .collect(),
        Vec::new(),
    ));
    report.add(Row::new(
        "the same, compiled, us",
        Goal::Unset,
        (0..runs)
            .map(|_| {
                micros(repeated(200, || {
                    Expression::compile(NORMAL, Purpose::Policy)
                }))
            })
            .collect(),
        Vec::new(),
    ));
    for (what, source) in bombs() {
        let bomb = Expression::compile(&source, Purpose::PropertyMapping)
            .with_context(|| what.to_owned())?;
        let outcome = bomb.evaluate_metered(&scope, &Limits::STANDARD);
        if !outcome.value.is_err_and(|error| error.kind.is_limit()) {
            bail!("{what} is no bomb");
        }
        report.add(Row::new(
            format!("stopped: {what}, ms"),
            Goal::AtMost(10.0),
            (0..runs)
                .map(|_| micros(repeated(5, || bomb.evaluate(&scope))) / 1000.0)
                .collect(),
            Vec::new(),
        ));
    }
    for (what, source) in sources() {
        report.add(Row::new(
            format!("read: {what}, ms"),
            Goal::AtMost(10.0),
            (0..runs)
                .map(|_| {
                    let compiled = || Expression::compile(&source, Purpose::PropertyMapping);
                    micros(repeated(3, compiled)) / 1000.0
                })
                .collect(),
            Vec::new(),
        ));
    }
    Ok(())
}

fn scope() -> Result<Scope> {
    let mut scope = Scope::at("2026-01-15T08:30:00Z".parse()?);
    scope.request.address = Some("10.1.2.3".parse()?);
    scope.user.groups = ["everybody", "staff", "engines"]
        .map(str::to_owned)
        .to_vec();
    let attributes = &mut scope.user.attributes;
    attributes.insert("team".to_owned(), json!("team-engines"));
    attributes.insert("long".to_owned(), json!("a".repeat(4096)));
    attributes.insert("many".to_owned(), json!(vec!["x"; 100_000]));
    Ok(scope)
}

/// What is stopped, each by the limit it drives at.
fn bombs() -> Vec<(&'static str, String)> {
    let list = format!("[{}]", vec!["1"; 96].join(","));
    let text = "x".repeat(1100);
    let mut tree = "[1]".to_owned();
    for _ in 0..12 {
        tree = format!("[{tree}].map(s,[s,s,s])[0]");
    }
    let mapped = |inner: &str| format!("{{'it': {list}.map(a,{list}.map(b,{inner}))}}");
    vec![
        ("three nested maps", mapped(&format!("{list}.map(c,a+b+c)"))),
        (
            "failures that are forgiven",
            format!("{{'it': {list}.exists(a,{list}.exists(b,{list}.exists(c,1/(c-c)==1)))}}"),
        ),
        ("time zones", mapped("time.getHours('Europe/Berlin')")),
        ("networks", mapped("in_network('10.0.0.1','fd00::/8')")),
        (
            "texts in upper case",
            mapped(&format!("'{text}'.upperAscii()")),
        ),
        ("a text in parts", mapped(&format!("'{text}'.split('')"))),
        (
            "searches in a text",
            mapped(&format!("'{text}'.contains('xxxxxxxxxxxxxxxxxxxxxxxxy')")),
        ),
        (
            "replacements",
            format!("{{'it': '{text}'.replace('x','{text}')}}"),
        ),
        (
            "a pattern that backtracks elsewhere",
            mapped("user.attributes.long.matches('(a+a+)+b')"),
        ),
        (
            "a pattern of large classes",
            mapped(r"user.attributes.long.matches('([a-z]?[0-9]?){40}[^a]')"),
        ),
        (
            "a pattern with a look at words",
            mapped(r"user.attributes.long.matches('(\\b?a){30}\\B\\b')"),
        ),
        ("lists that double", format!("{{'it': {}}}", doubled(&list))),
        (
            "a tree compared with itself",
            format!("{{'it': [{tree}].map(t,t==t)}}"),
        ),
        (
            "numbers in texts",
            mapped("[a,b].map(c,string(double(string(1.5))))"),
        ),
        (
            "a large list from outside",
            "{'it': user.attributes.many.filter(x, x == 'y').map(x, x)}".to_owned(),
        ),
    ]
}

fn doubled(list: &str) -> String {
    let mut source = list.to_owned();
    for _ in 0..12 {
        source = format!("[{source}].map(s,s+s)[0]");
    }
    source
}

/// Sources that take long to read, taken or not.
fn sources() -> Vec<(&'static str, String)> {
    let pattern = r"'a'.matches('[\\pL\\d]{15}[\\pL]{10}')";
    vec![
        (
            "alternatives",
            format!("{{'it': {}}}", vec!["true"; 480].join("||")),
        ),
        (
            "a list",
            format!("{{'it': [{}]}}", vec!["1"; 480].join(",")),
        ),
        ("brackets", "[".repeat(1000)),
        (
            "unknown names",
            format!("{{'it': [{}]}}", vec!["usr"; 400].join(",")),
        ),
        (
            "one text",
            format!("{{'it': '{}'}}", "x".repeat(SOURCE_BYTES_MAX - 20)),
        ),
        ("a map of many keys", {
            let keys: Vec<String> = (0..240).map(|key| format!("'{key}':0")).collect();
            format!("{{{}}}", keys.join(","))
        }),
        (
            "large patterns",
            format!("{{'it': {}}}", [pattern; 8].join("||")),
        ),
    ]
}

/// The mean time of one of `count`.
fn repeated<T>(count: u32, run: impl Fn() -> T) -> Duration {
    let begun = Instant::now();
    for _ in 0..count {
        black_box(run());
    }
    begun.elapsed() / count
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
