//! Joining without a join token, by a role in AWS: the new member signs a
//! request that only asks who it is (`sts:GetCallerIdentity`) and shows the
//! signature; the control plane sends that very request and learns the role.
//!
//! The request is `POST /` to the Security Token Service of the control plane's
//! region, with [`IDENTITY_BODY`] and these signed headers: `content-type`,
//! `host`, `x-amz-date`, `x-amz-security-token` where there is one,
//! [`AUDIENCE_HEADER`] and [`KEY_HEADER`]. The last two tie it to one control
//! plane and one member: whoever else gets hold of it can do nothing with it.
//! All but what [`RoleProof`] carries is known to both sides.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Begins the text that stands in the place of a join token.
pub const ROLE_TOKEN_PREFIX: &str = "cwa_";
/// Longest such text that is read, in bytes.
pub const ROLE_TOKEN_LEN_MAX: usize = 16 * 1024;
/// The body of the request.
pub const IDENTITY_BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
/// Its content type.
pub const IDENTITY_CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";
/// The header that says for which control plane the request is: the origin of
/// its public URL, `https://host[:port]`.
pub const AUDIENCE_HEADER: &str = "x-causeway-audience";
/// The header that says for which member: its public key, as in the enrolment.
pub const KEY_HEADER: &str = "x-causeway-key";

/// What of the signed request only the member knows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleProof {
    /// Header `authorization` (AWS Signature Version 4).
    pub authorization: String,
    /// Header `x-amz-date`.
    pub date: String,
    /// Header `x-amz-security-token`; roles always have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_token: Option<String>,
}

impl RoleProof {
    /// The text that is sent in the place of a join token.
    #[must_use]
    pub fn to_token(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        format!("{ROLE_TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(json))
    }

    /// Reads such a text; `None` when it is none.
    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        if token.len() > ROLE_TOKEN_LEN_MAX {
            return None;
        }
        let encoded = token.strip_prefix(ROLE_TOKEN_PREFIX)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
    }
}

impl fmt::Debug for RoleProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleProof")
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_reads_back_and_is_not_shown() {
        let proof = RoleProof {
            authorization: "AWS4-HMAC-SHA256 hush".to_owned(),
            date: "20261122T060000Z".to_owned(),
            security_token: Some("hush".to_owned()),
        };
        let token = proof.to_token();
        assert_eq!(RoleProof::from_token(&token).as_ref(), Some(&proof));
        assert!(!format!("{proof:?}").contains("hush"));
        for bad in ["", "cwa_", "cwj_abc", "cwa_e30", &token[..token.len() - 9]] {
            assert_eq!(RoleProof::from_token(bad), None, "{bad}");
        }
        assert_eq!(RoleProof::from_token(&"a".repeat(20_000)), None);
    }
}
