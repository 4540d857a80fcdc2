//! Credentials that the settings do not have: a person is asked.

use causeway_model::secret::Secret;
use causeway_rfb::security::{Credentials, Wanted};
use causeway_target::failure::Failure;
use causeway_target::question::{Asker, Prompts};
use causeway_wire::message::CredentialPrompt;
use zeroize::Zeroizing;

/// What is asked, how often, and by whom.
pub(crate) struct CredentialSource {
    asker: Asker,
    endpoint: String,
    /// The settings'.
    known: Credentials,
    /// Whether a person has answered in this attempt.
    has_asked: bool,
    /// Whether answers of an attempt before were wrong.
    were_wrong: bool,
}

impl CredentialSource {
    pub(crate) fn new(
        asker: Asker,
        endpoint: &str,
        username: Option<&str>,
        password: Option<&Secret>,
    ) -> Self {
        Self {
            asker,
            endpoint: endpoint.to_owned(),
            known: Credentials {
                username: username.map(str::to_owned),
                password: password.map(|password| password.expose().to_owned().into()),
            },
            has_asked: false,
            were_wrong: false,
        }
    }

    /// What the settings have.
    pub(crate) fn known(&self) -> Credentials {
        self.known.clone()
    }

    /// Whether it makes sense to ask again after the target said no.
    pub(crate) const fn has_asked(&self) -> bool {
        self.has_asked
    }

    /// What was answered was wrong: the next question says so.
    pub(crate) fn handle_wrong(&mut self) {
        self.has_asked = false;
        self.were_wrong = true;
    }

    /// Asks for what is `wanted`.
    ///
    /// # Errors
    /// When nobody answers in time, or the person declines.
    pub(crate) async fn ask(&mut self, wanted: Wanted) -> Result<Credentials, Failure> {
        self.has_asked = true;
        let prompts = self.prompts(wanted);
        let mut answers = self.asker.ask(prompts).await?.into_iter();
        let mut next = |is_wanted: bool| is_wanted.then(|| answers.next()).flatten();
        Ok(Credentials {
            username: next(wanted.username).map(|name| name.expose().to_owned()),
            password: next(wanted.password)
                .map(|password| Zeroizing::new(password.expose().to_owned())),
        })
    }

    fn prompts(&self, wanted: Wanted) -> Prompts {
        let prompt = |label: &str, echo| CredentialPrompt {
            label: label.to_owned(),
            echo,
        };
        let username = wanted.username.then(|| prompt("User name", true));
        let password = wanted.password.then(|| prompt("Password", false));
        let instruction = if self.were_wrong {
            "The target machine did not accept that. Please try again."
        } else {
            ""
        };
        Prompts {
            title: self.endpoint.clone(),
            instruction: instruction.to_owned(),
            prompts: username.into_iter().chain(password).collect(),
        }
    }
}
