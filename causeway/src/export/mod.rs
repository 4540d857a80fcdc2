//! `causeway export`: the objects of a control plane as YAML that
//! `causeway apply` takes back.

mod yaml;

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::api::Api;
use crate::cli::ExportArgs;

/// How long the control plane may take to answer with one part.
const ANSWER_DEADLINE: Duration = Duration::from_secs(60);

/// Parts of one export at most: each holds some thousands of objects, or as
/// many large ones as one answer carries.
const PARTS_MAX: usize = 10_000;

#[derive(Deserialize)]
struct Part {
    documents: Vec<Map<String, Value>>,
    left_out: Vec<LeftOut>,
    /// Where the next part begins.
    next: Option<String>,
}

/// A secret that is not in a document of its part.
#[derive(Deserialize)]
struct LeftOut {
    document: usize,
    field: String,
}

/// Reads the objects and prints them: all of them or nothing.
///
/// # Errors
/// When the control plane cannot be reached or refuses, or when standard output
/// is closed.
pub(crate) async fn run(args: &ExportArgs) -> anyhow::Result<()> {
    let text = fetch(args).await?;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("cannot write to standard output")
}

/// All parts, as YAML.
async fn fetch(args: &ExportArgs) -> anyhow::Result<String> {
    let api = Api::at(&args.server, args.token.as_ref(), ANSWER_DEADLINE)?;
    let (mut text, mut cursor) = (String::new(), None::<String>);
    for _ in 0..PARTS_MAX {
        let kind = args.kind.iter().map(|kind| ("kind", kind.as_str()));
        let behind = cursor.iter().map(|cursor| ("cursor", cursor.as_str()));
        let query: Vec<_> = kind.chain(behind).collect();
        let part: Part = api.get("/api/v1/admin/export", &query).await?;
        text.push_str(&to_yaml(&part));
        cursor = part.next;
        if cursor.is_none() {
            return Ok(text);
        }
    }
    bail!("the export has more than {PARTS_MAX} parts");
}

/// All documents, each under a comment that names the secrets it leaves out.
fn to_yaml(part: &Part) -> String {
    let mut text = String::new();
    for (index, document) in part.documents.iter().enumerate() {
        text.push_str("---\n");
        let secrets = part.left_out.iter();
        for left_out in secrets.filter(|left_out| left_out.document == index) {
            text.push_str(&format!("# left out: the secret {}\n", left_out.field));
        }
        yaml::write(document, &mut text);
    }
    text
}

#[cfg(test)]
mod tests {
    use axum::extract::{Query, State};
    use axum::routing::get;
    use axum::{Json, Router};
    use serde_json::json;
    use tokio::net::TcpListener;

    use super::*;

    type Asked = std::collections::HashMap<String, String>;

    /// Exports from a server that answers the parts in turn: `next` of each but
    /// the last is its number.
    async fn exported(parts: &'static [&'static str], more: Value) -> anyhow::Result<String> {
        async fn part(
            State((parts, more)): State<(&'static [&'static str], Value)>,
            Query(asked): Query<Asked>,
        ) -> Json<Value> {
            assert_eq!(asked["kind"], "group");
            let at: usize = asked
                .get("cursor")
                .map_or(0, |cursor| cursor.parse().unwrap());
            let Some(name) = parts.get(at) else {
                return Json(more);
            };
            let document = json!({"kind": "group", "name": name, "secret": {"$secret": "set"}});
            let next = (at + 1 < parts.len() || !more.is_null()).then(|| (at + 1).to_string());
            Json(json!({
                "documents": [{"kind": "group", "name": "first"}, document],
                "left_out": [{"document": 1, "field": "secret"}],
                "next": next,
            }))
        }
        let router = Router::new()
            .route("/api/v1/admin/export", get(part))
            .with_state((parts, more));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        let args = ExportArgs {
            kind: Some("group".to_owned()),
            server: server.parse().unwrap(),
            token: Some("cwt_test".into()),
        };
        let text = fetch(&args).await;
        serving.abort();
        text
    }

    fn yaml_of(name: &str) -> String {
        format!(
            "---\nkind: group\nname: first\n---\n# left out: the secret secret\nkind: group\n\
             name: {name}\nsecret:\n  $secret: set\n"
        )
    }

    #[tokio::test]
    async fn every_part_is_read_and_its_secrets_named_in_place() {
        let one = exported(&["a"], Value::Null).await.unwrap();
        assert_eq!(one.replace('"', ""), yaml_of("a"));
        let three = exported(&["a", "b", "c"], Value::Null).await.unwrap();
        let expected: String = ["a", "b", "c"].map(yaml_of).concat();
        assert_eq!(three.replace('"', ""), expected);
    }

    #[tokio::test]
    async fn an_export_that_breaks_off_is_none() {
        let error = exported(&["a"], json!({"documents": 7})).await.unwrap_err();
        assert_eq!(error.to_string(), "the server's answer is not understood");
    }
}
