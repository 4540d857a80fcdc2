//! The configuration of a function: environment variables, read once, all of
//! what is wrong told at once. Nothing in them is secret; secrets are named
//! here and read from where they are kept.

use std::net::IpAddr;

use causeway_functions::member_roles::MemberRoles;
use serde::Serialize;
use url::{Host, Url};

/// Name of the table (DynamoDB).
pub const TABLE: &str = "CAUSEWAY_TABLE";
/// AWS region; Lambda sets it.
pub const REGION: &str = "AWS_REGION";
/// Where the services of AWS are, where it is not AWS that has them.
pub const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
/// Where browsers reach the portal: `https://host`.
pub const PUBLIC_URL: &str = "CAUSEWAY_PUBLIC_URL";
/// Id or ARN of the KMS key that wraps data keys.
pub const DATA_KEY: &str = "CAUSEWAY_DATA_KEY";
/// Id or ARN of the secret that holds the signing keys.
pub const SIGNING_KEYS: &str = "CAUSEWAY_SIGNING_KEYS";
/// Id or ARN of the secret that the front door sends; optional.
pub const ORIGIN_SECRET: &str = "CAUSEWAY_ORIGIN_SECRET";
/// Id or ARN of the secret that is the first administrator's password.
pub const ADMIN_PASSWORD_SECRET: &str = "CAUSEWAY_ADMIN_PASSWORD_SECRET";
/// Which roles make a process a member: JSON, `{"<role ARN>": "edge" |
/// "outpost:<name>"}`; optional, for the nodes function.
pub const MEMBER_ROLES: &str = "CAUSEWAY_MEMBER_ROLES";
/// What is logged, as `level` or `target=level,...`; optional.
pub const LOG: &str = "CAUSEWAY_LOG";

/// Longest value of a variable, in bytes.
const VALUE_LENGTH_MAX: usize = 4096;
/// Lengths that names of tables have in DynamoDB.
const TABLE_NAME_LENGTHS: std::ops::RangeInclusive<usize> = 3..=255;

/// A function of the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// Sign-in, applications, launches, one's own account.
    Portal,
    /// Objects, sessions, events.
    Admin,
    /// What nodes and edges ask.
    Nodes,
    /// What time alone brings about.
    Sweep,
}

impl Function {
    /// Its name, that of its program too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Admin => "admin",
            Self::Nodes => "nodes",
            Self::Sweep => "sweep",
        }
    }

    /// Whether it seals secrets or opens sealed ones. The sweep moves
    /// connections about and never looks into what is sealed beside them.
    #[must_use]
    pub const fn seals(self) -> bool {
        !matches!(self, Self::Sweep)
    }

    /// Whether its requests must come through the front door, where there is
    /// one. Members call theirs directly and sign what they say.
    #[must_use]
    pub const fn is_behind_front_door(self) -> bool {
        matches!(self, Self::Portal | Self::Admin)
    }
}

/// What a function is told by its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Which function this is.
    pub function: Function,
    /// Name of the table.
    pub table: String,
    /// AWS region.
    pub region: String,
    /// Where the services of AWS are, where it is not AWS that has them.
    pub endpoint: Option<Url>,
    /// Where browsers reach the portal.
    pub public_url: Url,
    /// The KMS key that wraps data keys; for functions that seal.
    pub data_key: Option<String>,
    /// The secret that holds the signing keys.
    pub signing_keys: String,
    /// The secret that the front door sends.
    pub origin_secret: Option<String>,
    /// The secret that is the first administrator's password.
    pub admin_password_secret: Option<String>,
    /// The roles whose members join without a token.
    pub member_roles: Option<MemberRoles>,
}

/// What is wrong with one variable. Its value is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{variable} {message}")]
pub struct VariableProblem {
    /// Its name.
    pub variable: &'static str,
    /// `variable_missing` or `variable_invalid`.
    pub code: &'static str,
    /// What is wrong, and what would be right.
    pub message: &'static str,
}

impl Environment {
    /// Reads what `function` needs through `variable`, e.g. from the
    /// environment of the process. An empty variable is one that is not set.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn read(
        function: Function,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<VariableProblem>> {
        let mut reader = Reader {
            variable,
            problems: Vec::new(),
        };
        let endpoint = reader.optional(ENDPOINT_URL, "is no URL", |text| {
            Url::parse(text)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        });
        let emulated = endpoint.is_some();
        let table = reader.required(TABLE, "is no name of a table", table_name);
        let region = reader.required(REGION, "is no AWS region", region_name);
        let public_url = reader.required(
            PUBLIC_URL,
            "is not https://host (http only on this machine or beside an emulator)",
            |text| public_url(text, emulated),
        );
        let data_key = if function.seals() {
            reader.required(DATA_KEY, NO_NAME, resource).map(Some)
        } else {
            Some(None)
        };
        let signing_keys = reader.required(SIGNING_KEYS, NO_NAME, resource);
        let origin_secret = reader.optional(ORIGIN_SECRET, NO_NAME, resource);
        let admin_password_secret = reader.optional(ADMIN_PASSWORD_SECRET, NO_NAME, resource);
        let member_roles = reader.optional(
            MEMBER_ROLES,
            "is no JSON object of role ARNs, each with \"edge\" or \"outpost:NAME\"",
            |text| member_roles(text, region.as_deref()?, endpoint.as_ref()),
        );
        let (true, Some(table), Some(region), Some(public_url), Some(data_key), Some(signing_keys)) = (
            reader.problems.is_empty(),
            table,
            region,
            public_url,
            data_key,
            signing_keys,
        ) else {
            return Err(reader.problems);
        };
        Ok(Self {
            function,
            table,
            region,
            endpoint,
            public_url,
            data_key,
            signing_keys,
            origin_secret,
            admin_password_secret,
            member_roles,
        })
    }
}

const NO_NAME: &str = "is no id or ARN";

struct Reader<V> {
    variable: V,
    problems: Vec<VariableProblem>,
}

impl<V: Fn(&str) -> Option<String>> Reader<V> {
    fn required<T>(
        &mut self,
        name: &'static str,
        wrong: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let known = self.problems.len();
        let value = self.optional(name, wrong, parse);
        if value.is_none() && self.problems.len() == known {
            self.tell(name, "variable_missing", "is not set");
        }
        value
    }

    fn optional<T>(
        &mut self,
        name: &'static str,
        wrong: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = (self.variable)(name).filter(|text| !text.is_empty())?;
        let value = Some(&*text)
            .filter(|text| text.len() <= VALUE_LENGTH_MAX)
            .and_then(parse);
        if value.is_none() {
            self.tell(name, "variable_invalid", wrong);
        }
        value
    }

    fn tell(&mut self, variable: &'static str, code: &'static str, message: &'static str) {
        self.problems.push(VariableProblem {
            variable,
            code,
            message,
        });
    }
}

/// Who somebody is, is asked in the function's own region.
fn member_roles(text: &str, region: &str, endpoint: Option<&Url>) -> Option<MemberRoles> {
    let identity = match endpoint {
        Some(endpoint) => endpoint.clone(),
        None => Url::parse(&format!("https://sts.{region}.amazonaws.com/")).ok()?,
    };
    MemberRoles::parse(region.to_owned(), identity, text).ok()
}

fn table_name(text: &str) -> Option<String> {
    let is_one = TABLE_NAME_LENGTHS.contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    is_one.then(|| text.to_owned())
}

fn region_name(text: &str) -> Option<String> {
    let is_one = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_one.then(|| text.to_owned())
}

fn resource(text: &str) -> Option<String> {
    let is_one = text.bytes().all(|byte| byte.is_ascii_graphic());
    is_one.then(|| text.to_owned())
}

fn public_url(text: &str, emulated: bool) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_here = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => IpAddr::V4(address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(address).is_loopback(),
    };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && (is_here || emulated));
    let is_bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (is_safe && is_bare).then_some(url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: [(&str, &str); 5] = [
        (TABLE, "causeway"),
        (REGION, "eu-central-1"),
        (PUBLIC_URL, "https://causeway.example"),
        (DATA_KEY, "alias/causeway"),
        (SIGNING_KEYS, "causeway/signing"),
    ];

    fn read(
        function: Function,
        changes: &[(&str, &str)],
    ) -> Result<Environment, Vec<VariableProblem>> {
        Environment::read(function, |name| {
            let mut all = changes.iter().chain(&GOOD);
            let found = all.find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn codes(changes: &[(&str, &str)]) -> Vec<(&'static str, &'static str)> {
        let problems = read(Function::Portal, changes).unwrap_err();
        problems
            .iter()
            .map(|problem| (problem.variable, problem.code))
            .collect()
    }

    #[test]
    fn what_is_needed_is_enough() {
        let environment = read(Function::Portal, &[]).unwrap();
        assert_eq!(environment.table, "causeway");
        assert_eq!(environment.endpoint, None);
        assert_eq!(environment.origin_secret, None);
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let found = codes(&[
            (TABLE, "no table!"),
            (REGION, ""),
            (PUBLIC_URL, "http://causeway.example"),
            (SIGNING_KEYS, ""),
        ]);
        assert_eq!(
            found,
            [
                (TABLE, "variable_invalid"),
                (REGION, "variable_missing"),
                (PUBLIC_URL, "variable_invalid"),
                (SIGNING_KEYS, "variable_missing"),
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_told_without_its_value() {
        let problems = read(Function::Portal, &[(DATA_KEY, "hunter 2")]).unwrap_err();
        assert!(!format!("{problems:?} {}", problems[0]).contains("hunter"));
    }

    #[test]
    fn plain_http_only_where_nobody_else_listens() {
        for (url, emulator, good) in [
            ("http://127.0.0.1:4566", "", true),
            ("http://localhost", "", true),
            ("http://portal.test", "http://127.0.0.1:4566", true),
            ("http://portal.test", "", false),
            ("https://portal.test/path", "", false),
            ("https://user@portal.test", "", false),
            ("ftp://127.0.0.1", "", false),
            ("portal.test", "", false),
        ] {
            let read = read(
                Function::Portal,
                &[(PUBLIC_URL, url), (ENDPOINT_URL, emulator)],
            );
            assert_eq!(read.is_ok(), good, "{url}");
        }
    }

    #[test]
    fn only_who_seals_needs_the_data_key() {
        assert!(read(Function::Sweep, &[(DATA_KEY, "")]).is_ok());
        for function in [Function::Portal, Function::Admin, Function::Nodes] {
            assert!(read(function, &[(DATA_KEY, "")]).is_err(), "{function:?}");
        }
    }
}
