//! One stage as it is written: what each type needs.

use causeway_model::names::check_name;
use causeway_model::object::{APPROVAL_TIMEOUT_S_MAX, ApprovalStage, Stage};
use causeway_table::TableError;

use super::prompt;
use crate::problem::FieldError;
use crate::use_case::expression::{self, Purpose};
use crate::use_case::object::Draft;
use crate::use_case::object::check::Errors;

/// Longest text that a stage shows, in characters.
pub(super) const TEXT_CHARS_MAX: usize = 4096;
/// Longest heading, in characters.
const TITLE_CHARS_MAX: usize = 128;
/// Most approvers that a stage names, of each sort.
const APPROVERS_MAX: usize = 32;

/// Checks a stage; approvers come back as ids.
pub(super) async fn checked(
    draft: &Draft<'_>,
    field: &str,
    stage: Stage,
    errors: &mut Errors,
    warnings: &mut Vec<FieldError>,
) -> Result<Stage, TableError> {
    let at = |name: &str| format!("{field}.{name}");
    errors.name(&at("name"), check_name(stage.name()));
    Ok(match stage {
        Stage::Consent(consent) => {
            errors.at_most(&at("text"), &consent.text, TEXT_CHARS_MAX);
            Stage::Consent(consent)
        }
        Stage::Prompt(prompt) => {
            errors.at_most(&at("title"), &prompt.title, TITLE_CHARS_MAX);
            errors.at_most(&at("text"), &prompt.text, TEXT_CHARS_MAX);
            prompt::check(&at("fields"), &prompt.fields, errors, warnings);
            Stage::Prompt(prompt)
        }
        Stage::Approval(approval) => {
            Stage::Approval(approvers(draft, field, approval, errors).await?)
        }
        Stage::Expression(stage) => {
            let field = at("expression");
            expression::required(errors, &field, &stage.expression, Purpose::Stage);
            Stage::Expression(stage)
        }
        Stage::Deny(deny) => {
            errors.at_most(&at("message"), &deny.message, TEXT_CHARS_MAX);
            Stage::Deny(deny)
        }
        stage @ (Stage::Password(_) | Stage::Totp(_) | Stage::Webauthn(_)) => stage,
    })
}

/// Resolves who may decide.
async fn approvers(
    draft: &Draft<'_>,
    field: &str,
    stage: ApprovalStage,
    errors: &mut Errors,
) -> Result<ApprovalStage, TableError> {
    let at = |name: &str| format!("{field}.{name}");
    if !(1..=APPROVAL_TIMEOUT_S_MAX).contains(&stage.timeout_s) {
        let message = format!("expected 1 to {APPROVAL_TIMEOUT_S_MAX} seconds");
        errors.push(FieldError::new(at("timeout_s"), "out_of_range", message));
    }
    if stage.groups.is_empty() && stage.users.is_empty() {
        let message = "nobody could approve: name groups or users";
        errors.push(FieldError::new(at("groups"), "required", message));
    }
    let groups = errors.references(&at("groups"), &stage.groups, |field, reference| {
        draft.group(field, reference)
    });
    let mut users = Vec::new();
    if stage.users.len() > APPROVERS_MAX {
        let message = format!("has more than {APPROVERS_MAX} entries");
        errors.push(FieldError::new(at("users"), "too_many", message));
    } else {
        for (index, reference) in stage.users.iter().enumerate() {
            let found = draft
                .user(&at(&format!("users.{index}")), reference)
                .await?;
            users.extend(errors.keep(found).filter(|id| !users.contains(id)));
        }
    }
    Ok(ApprovalStage {
        groups: groups.iter().map(ToString::to_string).collect(),
        users: users.iter().map(ToString::to_string).collect(),
        ..stage
    })
}
