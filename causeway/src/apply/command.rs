//! `causeway apply`: files to a control plane over its API.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::report::{Change, WrongField, explain, summary, warnings};
use super::{Document, read_files};
use crate::cli::ApplyArgs;

/// How long the control plane may take to answer: a thousand objects, some of
/// them users whose passwords are to be hashed.
const ANSWER_DEADLINE: Duration = Duration::from_secs(300);

/// The code of a call that made some of its changes.
const PARTLY_APPLIED: &str = "partly_applied";

#[derive(Serialize)]
struct ApplyRequest {
    documents: Vec<Value>,
    dry_run: bool,
}

#[derive(Deserialize)]
struct ApplyAnswer {
    changes: Vec<Change>,
}

/// The part of a problem document (RFC 9457) that is shown.
#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
    #[serde(default)]
    errors: Vec<WrongField>,
}

/// Reads the files, sends them and prints what changed.
///
/// # Errors
/// When a file is wrong, the control plane cannot be reached or refuses; it
/// says so when something was written nevertheless.
pub(crate) async fn run(args: &ApplyArgs) -> anyhow::Result<()> {
    let documents = read_files(&args.files)?;
    let changes = send(args, &documents).await?;
    for warning in warnings(&documents, &changes) {
        eprintln!("warning: {warning}");
    }
    for change in &changes {
        println!("{change}");
    }
    println!("{}", summary(&changes, args.dry_run));
    Ok(())
}

async fn send(args: &ApplyArgs, documents: &[Document]) -> anyhow::Result<Vec<Change>> {
    let Some(token) = &args.token else {
        bail!(
            "no API token: give --token or set CAUSEWAY_TOKEN to a token of an administrator \
             (made in the portal under administration, or by POST /api/v1/admin/tokens)"
        );
    };
    let url = args
        .server
        .join("/api/v1/admin/apply")
        .context("--server is no base URL")?;
    let request = ApplyRequest {
        documents: documents.iter().map(Document::value).collect(),
        dry_run: args.dry_run,
    };
    let client = reqwest::Client::builder()
        .timeout(ANSWER_DEADLINE)
        .build()?;
    let response = client
        .post(url)
        .bearer_auth(token.expose())
        .json(&request)
        .send()
        .await
        .with_context(|| format!("cannot reach the control plane at {}", args.server))?;
    let status = response.status();
    let body = response.bytes().await.context("the answer broke off")?;
    if status.is_success() {
        let answer: ApplyAnswer =
            serde_json::from_slice(&body).context("the server's answer is not understood")?;
        return Ok(answer.changes);
    }
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => Err(refused(documents, status, &problem)),
        Err(_) => bail!("the server answered {status}, and not as a causeway control plane does"),
    }
}

fn refused(documents: &[Document], status: StatusCode, problem: &Problem) -> anyhow::Error {
    let mut lines = explain(documents, &problem.errors);
    let is_partly = problem.code == PARTLY_APPLIED;
    if lines.is_empty() || is_partly {
        lines.push(format!("{} ({})", problem.detail, problem.code));
    }
    if status.is_server_error() {
        lines.push("apply the same again: what is written already stays as it is".to_owned());
    } else if !is_partly {
        lines.push("nothing was written".to_owned());
    }
    anyhow::anyhow!(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, problem: &str, expected: &str) {
        let status = StatusCode::from_u16(status).unwrap();
        let problem: Problem = serde_json::from_str(problem).unwrap();
        assert_eq!(refused(&[], status, &problem).to_string(), expected);
    }

    #[test]
    fn a_refusal_says_what_is_written() {
        check(
            403,
            r#"{"code":"not_allowed","detail":"you may not"}"#,
            "you may not (not_allowed)\nnothing was written",
        );
        check(
            422,
            r#"{"code":"invalid_field","detail":"x","errors":[{"field":"name","message":"is wrong"}]}"#,
            "name: is wrong\nnothing was written",
        );
        check(
            503,
            r#"{"code":"deadline_passed","detail":"it took too long"}"#,
            "it took too long (deadline_passed)\n\
             apply the same again: what is written already stays as it is",
        );
        check(
            409,
            r#"{"code":"partly_applied","detail":"7 of 9 changes are made; apply the same again"}"#,
            "7 of 9 changes are made; apply the same again (partly_applied)",
        );
    }
}
