//! What a new member is let in with: a one-time token that an administrator
//! drew, or the role in AWS that its process runs with.
//!
//! With a role there is no secret to hand over: the process signs a request
//! that only asks who it is, for this control plane and for its own key. See
//! [`crate::RoleProof`].

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use causeway_trust::VerifyingKey;
use url::Url;

use crate::contract::{
    AUDIENCE_HEADER, IDENTITY_BODY, IDENTITY_CONTENT_TYPE, KEY_HEADER, RoleProof,
};
use crate::role_credentials::{CredentialsError, RoleCredentials};

/// What lets a new member in.
#[derive(Clone)]
pub enum Admission {
    /// A one-time token.
    Token(String),
    /// The role that the process runs with.
    Role(Box<RoleSigner>),
}

/// Who signs, for whom.
#[derive(Clone)]
pub struct RoleSigner {
    /// The control plane's region, e.g. `eu-central-1`.
    pub region: String,
    /// The origin of the control plane's public URL, `https://host[:port]`.
    pub audience: String,
    /// Where the Security Token Service is, where it is not where AWS has it.
    pub endpoint: Option<Url>,
    /// Where the credentials come from.
    pub credentials: RoleCredentials,
}

/// Why there is no proof of a role.
#[derive(Debug, thiserror::Error)]
pub enum RoleError {
    /// There are no credentials to sign it with.
    #[error("the credentials of the role cannot be read")]
    Credentials(#[from] CredentialsError),
    /// The request could not be signed.
    #[error("the proof of the role cannot be signed")]
    Unsigned,
}

impl Admission {
    /// Whether it lets the same member in again, should it be forgotten.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        match self {
            Self::Token(_) => false,
            Self::Role(_) => true,
        }
    }

    /// What stands as `token` in the enrolment of the member with `key`.
    ///
    /// # Errors
    /// [`RoleError`].
    pub async fn token(&self, key: &VerifyingKey) -> Result<String, RoleError> {
        match self {
            Self::Token(token) => Ok(token.clone()),
            Self::Role(signer) => {
                let credentials = signer.credentials.read().await?;
                let proof = signer.proof(&credentials, key, SystemTime::now())?;
                Ok(proof.to_token())
            }
        }
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::Role(_) => "Role",
        })
    }
}

impl RoleSigner {
    /// The proof that whoever has these credentials made `now` for the member
    /// with `key`.
    ///
    /// # Errors
    /// [`RoleError::Unsigned`].
    pub fn proof(
        &self,
        credentials: &Credentials,
        key: &VerifyingKey,
        now: SystemTime,
    ) -> Result<RoleProof, RoleError> {
        let url = match &self.endpoint {
            Some(endpoint) => endpoint.to_string(),
            None => format!("https://sts.{}.amazonaws.com/", self.region),
        };
        let identity = credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("sts")
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| RoleError::Unsigned)?
            .into();
        let key = key.to_string();
        let headers = [
            ("content-type", IDENTITY_CONTENT_TYPE),
            (AUDIENCE_HEADER, self.audience.as_str()),
            (KEY_HEADER, key.as_str()),
        ];
        let body = SignableBody::Bytes(IDENTITY_BODY.as_bytes());
        let signable = SignableRequest::new("POST", &url, headers.into_iter(), body);
        let (instructions, _) = signable
            .and_then(|signable| sign(signable, &parameters))
            .map_err(|_| RoleError::Unsigned)?
            .into_parts();
        let header = |wanted: &str| {
            let found = instructions.headers().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value.to_owned())
        };
        Ok(RoleProof {
            authorization: header("authorization").ok_or(RoleError::Unsigned)?,
            date: header("x-amz-date").ok_or(RoleError::Unsigned)?,
            security_token: header("x-amz-security-token"),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use causeway_trust::SigningKey;

    use super::*;

    fn signer() -> RoleSigner {
        RoleSigner {
            region: "eu-central-1".to_owned(),
            audience: "https://causeway.example".to_owned(),
            endpoint: None,
            credentials: RoleCredentials::Given(Credentials::new(
                "AKID",
                "hush",
                Some("session".to_owned()),
                None,
                "test",
            )),
        }
    }

    #[tokio::test]
    async fn a_proof_is_tied_to_the_control_plane_and_the_key() {
        let key = SigningKey::generate().unwrap().verifying_key();
        let token = Admission::Role(Box::new(signer()))
            .token(&key)
            .await
            .unwrap();
        let proof = RoleProof::from_token(&token).unwrap();
        let signed = "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;\
                      x-causeway-audience;x-causeway-key";
        assert!(
            proof.authorization.contains(signed),
            "{}",
            proof.authorization
        );
        assert!(
            proof
                .authorization
                .contains("/eu-central-1/sts/aws4_request")
        );
        assert_eq!(proof.security_token.as_deref(), Some("session"));
        assert!(
            !token.contains("hush") && !format!("{:?}", Admission::Token(token)).contains("cwa_")
        );
    }

    #[test]
    fn another_key_audience_or_time_is_another_signature() {
        let credentials = match signer().credentials {
            RoleCredentials::Given(credentials) => credentials,
            RoleCredentials::Container(_) | RoleCredentials::Instance(_) => unreachable!(),
        };
        let key = SigningKey::generate().unwrap().verifying_key();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let proof = |signer: &RoleSigner, key: &VerifyingKey| {
            signer.proof(&credentials, key, now).unwrap().authorization
        };
        let first = proof(&signer(), &key);
        assert_eq!(first, proof(&signer(), &key));
        let other_key = SigningKey::generate().unwrap().verifying_key();
        assert_ne!(first, proof(&signer(), &other_key));
        let elsewhere = RoleSigner {
            audience: "https://elsewhere.example".to_owned(),
            ..signer()
        };
        assert_ne!(first, proof(&elsewhere, &key));
    }
}
