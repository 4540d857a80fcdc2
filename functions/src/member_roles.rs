//! Which roles in AWS make a process a member of the fleet, and of what kind.

use std::collections::BTreeMap;

use url::Url;

/// Most roles that are listed.
pub const ROLES_MAX: usize = 100;

/// The roles, and where it is asked who has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRoles {
    /// The region whose Security Token Service is asked.
    pub region: String,
    /// Where that is: `https://sts.<region>.amazonaws.com/`, or an emulator.
    pub identity_url: Url,
    roles: Vec<(Role, Admitted)>,
}

/// What a role admits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admitted {
    /// An edge.
    Edge,
    /// A node of the outpost of this name.
    Node {
        /// The outpost's name or id.
        outpost: String,
    },
}

/// A role as it is compared: who assumed it shows neither path nor resource
/// type, so these are left out on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Role {
    partition: String,
    account: String,
    name: String,
}

/// Why a text does not say which roles there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemberRolesError {
    /// No JSON object of texts.
    #[error("is no JSON object of role ARNs, each with \"edge\" or \"outpost:NAME\"")]
    Shape,
    /// A key that is no ARN of a role.
    #[error("has a key that is no ARN of a role")]
    Role,
    /// A value that is neither `edge` nor `outpost:NAME`.
    #[error("has a value that is neither \"edge\" nor \"outpost:NAME\"")]
    Admitted,
}

impl MemberRoles {
    /// Reads `{"<role ARN>": "edge" | "outpost:<name>", …}`.
    ///
    /// # Errors
    /// [`MemberRolesError`].
    pub fn parse(region: String, identity_url: Url, text: &str) -> Result<Self, MemberRolesError> {
        let pairs: BTreeMap<String, String> =
            serde_json::from_str(text).map_err(|_| MemberRolesError::Shape)?;
        if pairs.len() > ROLES_MAX {
            return Err(MemberRolesError::Shape);
        }
        let roles: Result<_, _> = pairs
            .iter()
            .map(|(arn, admitted)| Ok((Role::of_role(arn)?, Admitted::parse(admitted)?)))
            .collect();
        Ok(Self {
            region,
            identity_url,
            roles: roles?,
        })
    }

    /// What whoever is known by this ARN is admitted to. A role that was
    /// assumed is `arn:aws:sts::<account>:assumed-role/<name>/<session>`.
    #[must_use]
    pub fn admits(&self, arn: &str) -> Option<&Admitted> {
        let caller = Role::of_caller(arn)?;
        let mut roles = self.roles.iter();
        roles
            .find(|(role, _)| *role == caller)
            .map(|(_, admitted)| admitted)
    }
}

impl Role {
    /// `arn:<partition>:iam::<account>:role/[path/]<name>`.
    fn of_role(arn: &str) -> Result<Self, MemberRolesError> {
        let (role, resource) = Self::read(arn, "iam").ok_or(MemberRolesError::Role)?;
        let path = resource
            .strip_prefix("role/")
            .ok_or(MemberRolesError::Role)?;
        let name = path.rsplit('/').next().unwrap_or_default();
        role(name).ok_or(MemberRolesError::Role)
    }

    fn of_caller(arn: &str) -> Option<Self> {
        let (role, resource) = Self::read(arn, "sts")?;
        let (name, _session) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
        role(name)
    }

    /// Partition and account of an ARN of `service`, waiting for the name, and
    /// the resource.
    fn read<'a>(
        arn: &'a str,
        service: &str,
    ) -> Option<(impl FnOnce(&str) -> Option<Self>, &'a str)> {
        let mut parts = arn.splitn(6, ':');
        let (head, partition) = (parts.next()?, parts.next()?);
        let (found, region) = (parts.next()?, parts.next()?);
        let (account, resource) = (parts.next()?, parts.next()?);
        let is_one = head == "arn" && found == service && region.is_empty() && !account.is_empty();
        let (partition, account) = (partition.to_owned(), account.to_owned());
        is_one.then_some((
            move |name: &str| {
                (!name.is_empty()).then(|| Self {
                    partition,
                    account,
                    name: name.to_owned(),
                })
            },
            resource,
        ))
    }
}

impl Admitted {
    fn parse(text: &str) -> Result<Self, MemberRolesError> {
        match text.strip_prefix("outpost:") {
            Some(outpost) if !outpost.is_empty() => Ok(Self::Node {
                outpost: outpost.to_owned(),
            }),
            None if text == "edge" => Ok(Self::Edge),
            Some(_) | None => Err(MemberRolesError::Admitted),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn roles(text: &str) -> Result<MemberRoles, MemberRolesError> {
        let url = "https://sts.eu-central-1.amazonaws.com".parse().unwrap();
        MemberRoles::parse("eu-central-1".to_owned(), url, text)
    }

    #[test]
    fn only_the_role_itself_is_admitted() {
        let roles = roles(
            r#"{"arn:aws:iam::123456789012:role/causeway/edge": "edge",
                "arn:aws:iam::123456789012:role/node": "outpost:office"}"#,
        )
        .unwrap();
        let office = Admitted::Node {
            outpost: "office".to_owned(),
        };
        for (arn, admitted) in [
            (
                "arn:aws:sts::123456789012:assumed-role/edge/task",
                Some(&Admitted::Edge),
            ),
            (
                "arn:aws:sts::123456789012:assumed-role/node/a/b",
                Some(&office),
            ),
            ("arn:aws:sts::999999999999:assumed-role/edge/task", None),
            ("arn:aws-cn:sts::123456789012:assumed-role/edge/task", None),
            ("arn:aws:sts::123456789012:assumed-role/other/edge", None),
            ("arn:aws:sts::123456789012:assumed-role/edge", None),
            ("arn:aws:sts::123456789012:federated-user/edge/task", None),
            ("arn:aws:iam::123456789012:user/edge", None),
            ("arn:aws:iam::123456789012:role/causeway/edge", None),
            ("", None),
        ] {
            assert_eq!(roles.admits(arn), admitted, "{arn}");
        }
    }

    #[test]
    fn what_is_no_list_of_roles_is_told() {
        for (text, error) in [
            ("[]", MemberRolesError::Shape),
            ("{\"a\":1}", MemberRolesError::Shape),
            ("{\"a\":\"edge\"}", MemberRolesError::Role),
            (
                "{\"arn:aws:iam::1:user/a\":\"edge\"}",
                MemberRolesError::Role,
            ),
            (
                "{\"arn:aws:iam::1:role/\":\"edge\"}",
                MemberRolesError::Role,
            ),
            (
                "{\"arn:aws:iam::1:role/a\":\"outpost:\"}",
                MemberRolesError::Admitted,
            ),
            (
                "{\"arn:aws:iam::1:role/a\":\"admin\"}",
                MemberRolesError::Admitted,
            ),
        ] {
            assert_eq!(roles(text), Err(error), "{text}");
        }
        assert!(roles("{}").is_ok());
    }
}
