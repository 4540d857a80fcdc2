//! `causeway export`: the objects of a control plane as YAML that
//! `causeway apply` takes back.

mod yaml;

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cli::ExportArgs;

/// How long the control plane may take to answer.
const ANSWER_DEADLINE: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct ExportAnswer {
    documents: Vec<Map<String, Value>>,
    left_out: Vec<LeftOut>,
}

/// A secret that is not in a document.
#[derive(Deserialize)]
struct LeftOut {
    document: usize,
    field: String,
}

/// The part of a problem document (RFC 9457) that is shown.
#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
}

/// Reads the objects and prints them.
///
/// # Errors
/// When the control plane cannot be reached or refuses, or when standard output
/// is closed.
pub(crate) async fn run(args: &ExportArgs) -> anyhow::Result<()> {
    let answer = fetch(args).await?;
    let mut out = std::io::stdout().lock();
    out.write_all(to_yaml(&answer).as_bytes())
        .and_then(|()| out.flush())
        .context("cannot write to standard output")
}

async fn fetch(args: &ExportArgs) -> anyhow::Result<ExportAnswer> {
    let Some(token) = &args.token else {
        bail!("no API token: give --token or set CAUSEWAY_TOKEN to a token of an administrator");
    };
    let mut url = args
        .server
        .join("/api/v1/admin/export")
        .context("--server is no base URL")?;
    if let Some(kind) = &args.kind {
        url.query_pairs_mut().append_pair("kind", kind);
    }
    let client = reqwest::Client::builder()
        .timeout(ANSWER_DEADLINE)
        .build()?;
    let response = client
        .get(url)
        .bearer_auth(token.expose())
        .send()
        .await
        .with_context(|| format!("cannot reach the control plane at {}", args.server))?;
    let status = response.status();
    let body = response.bytes().await.context("the answer broke off")?;
    if status.is_success() {
        return serde_json::from_slice(&body).context("the server's answer is not understood");
    }
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => bail!("{} ({})", problem.detail, problem.code),
        Err(_) => bail!("the server answered {status}, and not as a causeway control plane does"),
    }
}

/// All documents, each under a comment that names the secrets it leaves out.
fn to_yaml(answer: &ExportAnswer) -> String {
    let mut text = String::new();
    for (index, document) in answer.documents.iter().enumerate() {
        text.push_str("---\n");
        let secrets = answer.left_out.iter();
        for left_out in secrets.filter(|left_out| left_out.document == index) {
            text.push_str(&format!("# left out: the secret {}\n", left_out.field));
        }
        yaml::write(document, &mut text);
    }
    text
}
