//! Questions that only a person can answer, on their way to the viewer.
//!
//! What a target asks is hostile text: it is bounded and cleaned here, once.
//! Answers are secrets from the moment they are read.

use std::time::Duration;

use causeway_model::secret::Secret;
use causeway_wire::limits::CREDENTIAL_ANSWERS_MAX;
use causeway_wire::message::{CredentialPrompt, Step};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::failure::{Failure, FailureCode};
use crate::opening::OpenEvent;

/// How long a person may take. OpenSSH closes after `LoginGraceTime`, 120 s
/// by default, so more would not help.
pub const ANSWER_DEADLINE: Duration = Duration::from_secs(120);
/// Longest title or label, in characters.
const LABEL_CHARS_MAX: usize = 200;
/// Longest instruction, in characters.
const INSTRUCTION_CHARS_MAX: usize = 2000;

/// One set of prompts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompts {
    /// What it is about.
    pub title: String,
    /// What to do, possibly several lines.
    pub instruction: String,
    /// The prompts, at least one.
    pub prompts: Vec<CredentialPrompt>,
}

impl Prompts {
    /// One prompt of our own.
    #[must_use]
    pub fn one(title: String, instruction: &str, label: &str, echo: bool) -> Self {
        Self {
            title,
            instruction: instruction.to_owned(),
            prompts: vec![CredentialPrompt {
                label: label.to_owned(),
                echo,
            }],
        }
    }

    /// What the target asks (RFC 4256, section 3.2), made fit to show. `None`
    /// when it asks for more than anybody answers.
    #[must_use]
    pub fn of_target(
        fallback_title: &str,
        name: &str,
        instruction: &str,
        prompts: &[(&str, bool)],
    ) -> Option<Self> {
        if prompts.len() > CREDENTIAL_ANSWERS_MAX {
            return None;
        }
        let title = clean(name, LABEL_CHARS_MAX);
        Some(Self {
            title: if title.is_empty() {
                fallback_title.to_owned()
            } else {
                title
            },
            instruction: clean(instruction, INSTRUCTION_CHARS_MAX),
            prompts: prompts
                .iter()
                .map(|(label, echo)| CredentialPrompt {
                    label: clean(label, LABEL_CHARS_MAX),
                    echo: *echo,
                })
                .collect(),
        })
    }
}

/// A question and the way back.
#[derive(Debug)]
pub struct Question {
    /// What to ask.
    pub prompts: Prompts,
    /// One answer a prompt, or `None` when the person declined.
    pub answer: oneshot::Sender<Option<Vec<Secret>>>,
}

/// Where questions go.
#[derive(Debug, Clone)]
pub struct Asker {
    questions: mpsc::Sender<OpenEvent>,
}

impl Asker {
    /// Asks through the events of an opening.
    #[must_use]
    pub const fn new(questions: mpsc::Sender<OpenEvent>) -> Self {
        Self { questions }
    }

    /// Asks and waits.
    ///
    /// # Errors
    /// When nobody answers in time, or the person declines.
    pub async fn ask(&self, prompts: Prompts) -> Result<Vec<Secret>, Failure> {
        let failed = |code| Failure::new(code, Step::Authenticate);
        let expected = prompts.prompts.len();
        let (answer, answered) = oneshot::channel();
        let question = OpenEvent::Question(Question { prompts, answer });
        if self.questions.send(question).await.is_err() {
            return Err(failed(FailureCode::AuthCancelled));
        }
        match timeout(ANSWER_DEADLINE, answered).await {
            Err(_) => Err(failed(FailureCode::AuthTimedOut).with("deadline", "answer")),
            Ok(Err(_) | Ok(None)) => Err(failed(FailureCode::AuthCancelled)),
            Ok(Ok(Some(answers))) if answers.len() == expected => Ok(answers),
            Ok(Ok(Some(_))) => Err(failed(FailureCode::ViewerProtocolError)),
        }
    }

    /// Asks for one thing.
    ///
    /// # Errors
    /// As [`Asker::ask`].
    pub async fn ask_one(&self, prompts: Prompts) -> Result<Secret, Failure> {
        let mut answers = self.ask(prompts).await?;
        answers
            .pop()
            .ok_or_else(|| Failure::new(FailureCode::Internal, Step::Authenticate))
    }
}

/// Keeps what is fit to show: no control characters but line breaks.
fn clean(text: &str, chars_max: usize) -> String {
    text.chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .take(chars_max)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_a_target_asks_is_made_fit_to_show() {
        let prompt = ("\x1b[31mCode:\x07 ", true);
        let prompts = Prompts::of_target("web-01", " ", "line\r\nline", &[prompt]).unwrap();
        assert_eq!(prompts.title, "web-01");
        assert_eq!(prompts.instruction, "line\nline");
        assert_eq!(prompts.prompts[0].label, "[31mCode:");
        assert!(prompts.prompts[0].echo);

        let endless = "x".repeat(100_000);
        let prompts = Prompts::of_target("", &endless, &endless, &[]).unwrap();
        assert_eq!(prompts.title.len(), LABEL_CHARS_MAX);
        assert_eq!(prompts.instruction.len(), INSTRUCTION_CHARS_MAX);
    }

    #[test]
    fn more_prompts_than_anybody_answers_are_refused() {
        let prompts = |count: usize| vec![("", false); count];
        assert!(Prompts::of_target("", "", "", &prompts(CREDENTIAL_ANSWERS_MAX)).is_some());
        assert!(Prompts::of_target("", "", "", &prompts(CREDENTIAL_ANSWERS_MAX + 1)).is_none());
    }
}
