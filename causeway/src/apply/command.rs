//! `causeway apply`: files to a control plane over its API.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::report::{Change, explain, summary, warnings};
use super::{Document, read_files};
use crate::api::{Api, ApiError};
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

/// Reads the files, sends them and prints what changed.
///
/// # Errors
/// When a file is wrong, the control plane cannot be reached or refuses; it
/// says so when something was written nevertheless, or may have been.
pub(crate) async fn run(args: &ApplyArgs) -> anyhow::Result<()> {
    let documents = read_files(&args.files)?;
    let api = Api::at(&args.server, args.token.as_ref(), ANSWER_DEADLINE)?;
    let request = ApplyRequest {
        documents: documents.iter().map(Document::value).collect(),
        dry_run: args.dry_run,
    };
    let answer = api.post("/api/v1/admin/apply", &request).await;
    let ApplyAnswer { changes } = answer.map_err(|error| told(&documents, error, args.dry_run))?;
    for warning in warnings(&documents, &changes) {
        eprintln!("warning: {warning}");
    }
    for change in &changes {
        println!("{change}");
    }
    println!("{}", summary(&changes, args.dry_run));
    Ok(())
}

/// What went wrong where, and what of it is written.
fn told(documents: &[Document], error: ApiError, dry_run: bool) -> anyhow::Error {
    let may_be_done = error.may_be_done();
    let mut is_partly = false;
    let mut lines = match &error {
        ApiError::Refused { problem, .. } => {
            is_partly = problem.code == PARTLY_APPLIED;
            explain(documents, &problem.errors)
        }
        _ => Vec::new(),
    };
    if lines.is_empty() || is_partly {
        lines.push(format!("{:#}", anyhow::Error::new(error)));
    }
    if is_partly {
        // The problem says how much.
    } else if may_be_done && !dry_run {
        lines.push(
            "it may have been written, or in part: apply the same again, what is written \
             already stays as it is"
                .to_owned(),
        );
    } else {
        lines.push("nothing was written".to_owned());
    }
    anyhow::anyhow!(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    fn check(error: ApiError, dry_run: bool, expected: &str) {
        assert_eq!(told(&[], error, dry_run).to_string(), expected);
    }

    fn refused(status: StatusCode, problem: &str) -> ApiError {
        let problem = serde_json::from_str(problem).unwrap();
        ApiError::Refused { status, problem }
    }

    #[test]
    fn a_refusal_says_what_is_written() {
        check(
            refused(
                StatusCode::FORBIDDEN,
                r#"{"code":"not_allowed","detail":"you may not"}"#,
            ),
            false,
            "you may not (not_allowed)\nnothing was written",
        );
        check(
            refused(
                StatusCode::UNPROCESSABLE_ENTITY,
                r#"{"code":"invalid_field","detail":"x","errors":[{"field":"name","message":"is wrong"}]}"#,
            ),
            false,
            "name: is wrong\nnothing was written",
        );
        check(
            refused(
                StatusCode::CONFLICT,
                r#"{"code":"partly_applied","detail":"7 of 9 changes are made; apply the same again"}"#,
            ),
            false,
            "7 of 9 changes are made; apply the same again (partly_applied)",
        );
    }

    #[test]
    fn who_does_not_hear_the_end_is_told_that_it_may_be_written() {
        let again = "it may have been written, or in part: apply the same again, what is \
            written already stays as it is";
        let late = r#"{"code":"deadline_passed","detail":"it took too long"}"#;
        check(
            refused(StatusCode::SERVICE_UNAVAILABLE, late),
            false,
            &format!("it took too long (deadline_passed)\n{again}"),
        );
        // A gateway that waited no longer.
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let gateway = "the server answered 503 Service Unavailable, and not as a causeway \
            control plane does";
        check(
            ApiError::NotOurs { status },
            false,
            &format!("{gateway}\n{again}"),
        );
        check(
            ApiError::NotOurs { status },
            true,
            &format!("{gateway}\nnothing was written"),
        );
    }
}
