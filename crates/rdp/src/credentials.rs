//! Who signs in: names in their several forms, and what has to be asked.

use causeway_model::secret::Secret;
use causeway_model::settings::RdpSettings;
use causeway_target::failure::Failure;
use causeway_target::question::{Asker, Prompts};
use causeway_wire::message::CredentialPrompt;

/// A person at a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// The name, without its domain unless it is of the form `name@domain`.
    pub(crate) username: String,
    /// Empty only where nobody signs in, or the person gave none.
    pub(crate) password: Secret,
    /// The domain, for names that do not carry theirs.
    pub(crate) domain: Option<String>,
    /// A person gave some of it, and can give something else.
    pub(crate) asked: bool,
}

impl Credentials {
    /// Nobody: the target's own screen asks.
    pub(crate) fn none() -> Self {
        Self {
            username: String::new(),
            password: Secret::from(""),
            domain: None,
            asked: false,
        }
    }

    /// What the settings say, and what they leave out asked for.
    ///
    /// # Errors
    /// When nobody answers.
    pub(crate) async fn gather(
        settings: &RdpSettings,
        endpoint: &str,
        asker: &Asker,
    ) -> Result<Self, Failure> {
        if settings.disable_auth {
            return Ok(Self::none());
        }
        let (username, password) = match (&settings.username, &settings.password) {
            (Some(username), Some(password)) => (username.clone(), password.clone()),
            (Some(username), None) => {
                let instruction = format!("Signing in as {username}.");
                let prompts = Prompts::one(endpoint.to_owned(), &instruction, "Password", false);
                (username.clone(), asker.ask_one(prompts).await?)
            }
            (None, password) => {
                let mut answers = asker
                    .ask(whole_question(endpoint, password.is_some()))
                    .await?;
                let asked = if password.is_none() {
                    answers.pop()
                } else {
                    None
                };
                let username = answers.pop().map(|answer| answer.expose().to_owned());
                let password = asked.or_else(|| password.clone());
                (
                    username.unwrap_or_default(),
                    password.unwrap_or_else(|| Secret::from("")),
                )
            }
        };
        Ok(Self {
            asked: settings.username.is_none() || settings.password.is_none(),
            ..Self::of(&username, password, settings.domain.as_deref())
        })
    }

    /// Takes a name apart: `DOMAIN\name`, `name@domain`, `name`. The domain of
    /// the settings counts before one in the name.
    pub(crate) fn of(username: &str, password: Secret, domain: Option<&str>) -> Self {
        let username = username.trim();
        let (own, name) = match username.split_once('\\') {
            Some((own, name)) => (Some(own), name),
            None => (None, username),
        };
        let domain = domain.or(own).filter(|domain| !domain.is_empty());
        Self {
            username: name.to_owned(),
            password,
            // A name with an @ carries its domain (a user principal name), and
            // a target refuses one that carries two.
            domain: domain.filter(|_| !name.contains('@')).map(str::to_owned),
            asked: false,
        }
    }
}

fn whole_question(endpoint: &str, has_password: bool) -> Prompts {
    let prompt = |label: &str, echo| CredentialPrompt {
        label: label.to_owned(),
        echo,
    };
    let mut prompts = vec![prompt("User name", true)];
    if !has_password {
        prompts.push(prompt("Password", false));
    }
    Prompts {
        title: endpoint.to_owned(),
        instruction: "Sign in to the remote desktop.".to_owned(),
        prompts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_three_forms() {
        fn check(username: &str, domain: Option<&str>, expected: (&str, Option<&str>)) {
            let read = Credentials::of(username, Secret::from("x"), domain);
            assert_eq!((read.username.as_str(), read.domain.as_deref()), expected);
        }
        check("ada", None, ("ada", None));
        check(" ada ", Some("CORP"), ("ada", Some("CORP")));
        check("CORP\\ada", None, ("ada", Some("CORP")));
        check("CORP\\ada", Some("LAB"), ("ada", Some("LAB")));
        check(".\\ada", None, ("ada", Some(".")));
        check("\\ada", None, ("ada", None));
        check("ada@corp.example", None, ("ada@corp.example", None));
        check("ada@corp.example", Some("CORP"), ("ada@corp.example", None));
    }

    #[test]
    fn a_password_is_never_shown() {
        let shown = format!(
            "{:?}",
            Credentials::of("ada", Secret::from("hunter2"), None)
        );
        assert!(shown.contains("ada") && !shown.contains("hunter2"));
    }
}
