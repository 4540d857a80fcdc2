//! Signs in to the target: runs the attempts that the plan chooses.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use causeway_model::secret::Secret;
use causeway_model::settings::SshKey;
use causeway_target::failure::{Failure, FailureCode};
use causeway_target::question::{Asker, Prompts};
use causeway_wire::message::{Fault, Step};
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::PrivateKeyWithHashAlg;
use russh::keys::ssh_key::HashAlg;
use russh::{MethodKind, MethodSet};
use tokio::time::timeout;

use super::auth_plan::{Attempt, AuthPlan, Refused};
use super::certificate_signer::CertificateSigner;
use super::client::{Client, Seen};
use super::private_key::{self, Identity};

/// How long a target may take to judge one attempt. PAM delays a wrong
/// password by some seconds.
pub(super) const ATTEMPT_DEADLINE: Duration = Duration::from_secs(20);
/// Rounds of questions in one keyboard-interactive attempt.
const ROUNDS_MAX: u32 = 16;

/// What the settings hold to sign in with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user on the target; asked for when absent.
    pub username: Option<String>,
    /// The user's password.
    pub password: Option<Secret>,
    /// The user's key.
    pub key: Option<SshKey>,
}

/// Signs in.
pub(super) async fn authenticate(
    handle: &mut Handle<Client>,
    seen: &Seen,
    credentials: &Credentials,
    endpoint: &str,
    asker: &Asker,
) -> Result<(), Failure> {
    let identity = match &credentials.key {
        Some(key) => Some(load_identity(key, endpoint, asker).await?),
        None => None,
    };
    let username = match &credentials.username {
        Some(username) => username.clone(),
        None => ask_username(endpoint, asker).await?,
    };
    let mut signing_in = SigningIn {
        title: format!("{username} on {endpoint}"),
        plan: AuthPlan::new(identity.is_some(), credentials.password.is_some()),
        handle,
        seen,
        username,
        password: credentials.password.as_ref(),
        identity,
        asker,
        viewer_answered: false,
    };
    signing_in.run().await
}

async fn load_identity(key: &SshKey, endpoint: &str, asker: &Asker) -> Result<Identity, Failure> {
    let mut key = key.clone();
    if key.passphrase.is_none() && private_key::needs_passphrase(&key.private_key) {
        let prompts = Prompts::one(
            endpoint.to_owned(),
            "The private key of this endpoint is encrypted.",
            "Passphrase",
            false,
        );
        key.passphrase = Some(asker.ask_one(prompts).await?);
        return private_key::load(key)
            .await
            .map_err(|failure| failure.by(Fault::Viewer));
    }
    private_key::load(key).await
}

async fn ask_username(endpoint: &str, asker: &Asker) -> Result<String, Failure> {
    let prompts = Prompts::one(endpoint.to_owned(), "", "User name", true);
    let answer = asker.ask_one(prompts).await?;
    Ok(answer.expose().trim().to_owned())
}

struct SigningIn<'a> {
    handle: &'a mut Handle<Client>,
    seen: &'a Seen,
    asker: &'a Asker,
    title: String,
    plan: AuthPlan,
    username: String,
    password: Option<&'a Secret>,
    identity: Option<Identity>,
    /// Whether a person's answer was told to the target.
    viewer_answered: bool,
}

/// What the target said to an attempt.
enum Answer {
    Accepted,
    Refused { offered: MethodSet, partial: bool },
}

impl From<AuthResult> for Answer {
    fn from(result: AuthResult) -> Self {
        match result {
            AuthResult::Success => Self::Accepted,
            AuthResult::Failure {
                remaining_methods,
                partial_success,
            } => Self::Refused {
                offered: remaining_methods,
                partial: partial_success,
            },
        }
    }
}

impl SigningIn<'_> {
    async fn run(&mut self) -> Result<(), Failure> {
        // RFC 4252, section 5.2: `none` tells what is offered, or lets in.
        let probe = self.handle.authenticate_none(self.username.clone());
        let Answer::Refused { mut offered, .. } = in_time(probe).await?.into() else {
            return Ok(());
        };
        while let Some(attempt) = self.plan.next(&offered) {
            let answered_before = std::mem::take(&mut self.viewer_answered);
            match self.attempt(attempt).await? {
                Answer::Accepted => return Ok(()),
                Answer::Refused {
                    offered: next,
                    partial,
                } => {
                    let refused = if partial {
                        Refused::Partial
                    } else {
                        Refused::Wrong {
                            viewer_answered: self.viewer_answered,
                        }
                    };
                    self.plan.handle_refused(attempt, refused);
                    offered = next;
                }
            }
            self.viewer_answered |= answered_before;
            if self.handle.is_closed() {
                break;
            }
        }
        Err(self.failure(&offered))
    }

    async fn attempt(&mut self, attempt: Attempt) -> Result<Answer, Failure> {
        match attempt {
            Attempt::PublicKey => self.by_key().await,
            Attempt::SettingsPassword => {
                let password = self.password.map_or("", Secret::expose).to_owned();
                self.by_password(password).await
            }
            Attempt::ViewerPassword => {
                let prompts =
                    Prompts::one(self.title.clone(), self.instruction(), "Password", false);
                let password = self.asker.ask_one(prompts).await?;
                self.viewer_answered = true;
                self.by_password(password.expose().to_owned()).await
            }
            Attempt::KeyboardInteractive => self.by_questions().await,
        }
    }

    async fn by_password(&mut self, password: String) -> Result<Answer, Failure> {
        let attempt = self
            .handle
            .authenticate_password(self.username.clone(), password);
        Ok(in_time(attempt).await?.into())
    }

    async fn by_key(&mut self) -> Result<Answer, Failure> {
        let Some(identity) = self.identity.clone() else {
            return Err(Failure::new(FailureCode::Internal, Step::Authenticate));
        };
        let hash = if identity.key.algorithm().is_rsa() {
            self.rsa_hash().await?
        } else {
            None
        };
        let username = self.username.clone();
        let result = match identity.certificate {
            Some(certificate) => {
                let mut signer = CertificateSigner::new(identity.key);
                let attempt = self.handle.authenticate_certificate_with(
                    username,
                    certificate,
                    hash,
                    &mut signer,
                );
                in_time(attempt).await?
            }
            None => {
                let key = PrivateKeyWithHashAlg::new(Arc::clone(&identity.key), hash);
                in_time(self.handle.authenticate_publickey(username, key)).await?
            }
        };
        Ok(result.into())
    }

    /// The target's favourite of the SHA-2 family; never SHA-1.
    async fn rsa_hash(&self) -> Result<Option<HashAlg>, Failure> {
        let best = in_time(self.handle.best_supported_rsa_hash()).await?;
        Ok(Some(best.flatten().unwrap_or(HashAlg::Sha512)))
    }

    async fn by_questions(&mut self) -> Result<Answer, Failure> {
        let start = self
            .handle
            .authenticate_keyboard_interactive_start(self.username.clone(), None);
        let mut response = in_time(start).await?;
        let mut password = self.password;
        for _ in 0..ROUNDS_MAX {
            let (name, instructions, prompts) = match response {
                KeyboardInteractiveAuthResponse::Success => return Ok(Answer::Accepted),
                KeyboardInteractiveAuthResponse::Failure {
                    remaining_methods,
                    partial_success,
                } => {
                    return Ok(Answer::Refused {
                        offered: remaining_methods,
                        partial: partial_success,
                    });
                }
                KeyboardInteractiveAuthResponse::InfoRequest {
                    name,
                    instructions,
                    prompts,
                } => (name, instructions, prompts),
            };
            let answers = if prompts.is_empty() {
                Vec::new()
            } else if let Some(password) = password.take_if(|_| asks_for_password(&prompts)) {
                vec![password.expose().to_owned()]
            } else {
                self.ask_viewer(&name, &instructions, &prompts).await?
            };
            let respond = self
                .handle
                .authenticate_keyboard_interactive_respond(answers);
            response = in_time(respond).await?;
        }
        Err(
            Failure::new(FailureCode::SshProtocolError, Step::Authenticate)
                .with("reason", "the target asks without end"),
        )
    }

    async fn ask_viewer(
        &mut self,
        name: &str,
        instructions: &str,
        prompts: &[russh::client::Prompt],
    ) -> Result<Vec<String>, Failure> {
        let prompts: Vec<(&str, bool)> = prompts
            .iter()
            .map(|prompt| (prompt.prompt.as_str(), prompt.echo))
            .collect();
        let mut prompts = Prompts::of_target(&self.title, name, instructions, &prompts)
            .ok_or_else(|| Failure::new(FailureCode::SshProtocolError, Step::Authenticate))?;
        if prompts.instruction.is_empty() {
            prompts.instruction = self.instruction().to_owned();
        }
        let answers = self.asker.ask(prompts).await?;
        self.viewer_answered = true;
        Ok(answers
            .iter()
            .map(|answer| answer.expose().to_owned())
            .collect())
    }

    /// What to say above a question that may be asked again.
    fn instruction(&self) -> &'static str {
        let asks = |attempt: &&Attempt| {
            matches!(
                attempt,
                Attempt::ViewerPassword | Attempt::KeyboardInteractive
            )
        };
        if self.plan.tried().iter().filter(asks).count() > 1 {
            "That was not accepted. Please try again."
        } else {
            ""
        }
    }

    fn failure(&self, offered: &[MethodKind]) -> Failure {
        let tried = self.plan.tried();
        let names: Vec<&str> = offered.iter().map(Into::into).collect();
        let code = match (tried.is_empty(), self.handle.is_closed()) {
            (true, true) => FailureCode::TargetClosed,
            (true, false) => FailureCode::AuthMethodUnsupported,
            (false, _) => FailureCode::AuthFailed,
        };
        let mut failure = Failure::new(code, Step::Authenticate);
        if !names.is_empty() {
            failure = failure.with("offered", names.join(" "));
        }
        if let Some(words) = self.seen.disconnect() {
            failure = failure.with("target_says", words);
        }
        if code == FailureCode::AuthFailed && !self.viewer_answered {
            failure = failure.by(Fault::Configuration);
        }
        failure
    }
}

/// The one prompt that the settings' password may answer by itself.
fn asks_for_password(prompts: &[russh::client::Prompt]) -> bool {
    let [prompt] = prompts else { return false };
    !prompt.echo && prompt.prompt.to_lowercase().contains("password")
}

/// Waits for the target's word.
async fn in_time<T, E>(attempt: impl Future<Output = Result<T, E>>) -> Result<T, Failure>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let failed = |code| Failure::new(code, Step::Authenticate);
    match timeout(ATTEMPT_DEADLINE, attempt).await {
        Err(_) => Err(failed(FailureCode::TargetTimedOut).with("deadline", "authenticate")),
        Ok(Err(error)) => Err(failed(FailureCode::TargetClosed).because(error)),
        Ok(Ok(value)) => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use russh::client::Prompt;

    use super::*;

    fn check(prompts: &[(&str, bool)], expected: bool) {
        let prompts: Vec<Prompt> = prompts
            .iter()
            .map(|(prompt, echo)| Prompt {
                prompt: (*prompt).to_owned(),
                echo: *echo,
            })
            .collect();
        assert_eq!(asks_for_password(&prompts), expected, "{prompts:?}");
    }

    #[test]
    fn only_a_sole_hidden_password_prompt_is_answered_unasked() {
        check(&[("Password: ", false)], true);
        check(&[("ada@web-01's password:", false)], true);
        check(&[("Password: ", true)], false);
        check(&[("Verification code: ", false)], false);
        check(&[("Password: ", false), ("Code: ", false)], false);
        check(&[], false);
    }
}
