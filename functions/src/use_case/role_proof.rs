//! Whom a signed request of AWS is from: it is sent where it was meant for, and
//! the answer names the role. Nothing of it but signature, time and session
//! token is the caller's; the rest is what it must have been, so that nobody
//! can have another request sent in our name, or show us one that was signed
//! for somebody else.

use causeway_fleet::{
    AUDIENCE_HEADER, IDENTITY_BODY, IDENTITY_CONTENT_TYPE, KEY_HEADER, RoleProof,
};
use causeway_trust::VerifyingKey;
use http::{StatusCode, header};
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::member_roles::{Admitted, MemberRoles};
use crate::outbound::OutboundError;

/// How far a proof's time may be from ours, either way; AWS's own bound.
const SKEW_MAX: SignedDuration = SignedDuration::from_mins(5);
/// Headers without which a signature says too little.
const SIGNED: [&str; 4] = ["host", "x-amz-date", AUDIENCE_HEADER, KEY_HEADER];

/// Why a proof admits to nothing.
#[derive(Debug, thiserror::Error)]
pub enum RoleProofError {
    /// This control plane takes no roles.
    #[error("members do not join by a role here")]
    NotTaken,
    /// It is no signature for this control plane and this member.
    #[error("the proof is not for this control plane and this key")]
    Malformed,
    /// It is too old, or from the future.
    #[error("the proof's time is too far from ours")]
    Skewed,
    /// AWS does not know who signed.
    #[error("the proof is not believed")]
    Refused,
    /// Somebody with another role.
    #[error("the role may not join")]
    RoleUnknown {
        /// Who it is.
        arn: String,
    },
    /// AWS did not answer.
    #[error("it could not be asked whose proof it is")]
    Unavailable(#[source] Option<OutboundError>),
}

/// What the proof admits its bearer to, who says to have `key`.
///
/// # Errors
/// [`RoleProofError`].
pub(super) async fn admit(
    app: &App,
    proof: &RoleProof,
    key: &VerifyingKey,
) -> Result<Admitted, RoleProofError> {
    let roles = app.config().member_roles.as_ref();
    let roles = roles.ok_or(RoleProofError::NotTaken)?;
    check(proof, &roles.region, app.now())?;
    let audience = app.config().public_url.origin().ascii_serialization();
    let request = request(roles, proof, &audience, key).ok_or(RoleProofError::Malformed)?;
    let answer = app.outbound().send(request).await;
    let answer = answer.map_err(|error| RoleProofError::Unavailable(Some(error)))?;
    match answer.status() {
        StatusCode::OK => {}
        status if status.is_client_error() => return Err(RoleProofError::Refused),
        _ => return Err(RoleProofError::Unavailable(None)),
    }
    let arn = arn(answer.body()).ok_or(RoleProofError::Unavailable(None))?;
    let admitted = roles.admits(&arn).cloned();
    admitted.ok_or(RoleProofError::RoleUnknown { arn })
}

/// Whether AWS need be asked at all.
fn check(proof: &RoleProof, region: &str, now: Timestamp) -> Result<(), RoleProofError> {
    let scope = format!("/{region}/sts/aws4_request");
    let mut fields = proof
        .authorization
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .ok_or(RoleProofError::Malformed)?
        .split(',')
        .filter_map(|field| field.trim().split_once('='));
    let value = |(_, value)| value;
    let credential = fields.clone().find(|(name, _)| *name == "Credential");
    let signed = fields.find(|(name, _)| *name == "SignedHeaders");
    let (Some(credential), Some(signed)) = (credential.map(value), signed.map(value)) else {
        return Err(RoleProofError::Malformed);
    };
    let signed: Vec<&str> = signed.split(';').collect();
    if !credential.ends_with(&scope) || !SIGNED.iter().all(|name| signed.contains(name)) {
        return Err(RoleProofError::Malformed);
    }
    let date = format!("{}+0000", proof.date.trim_end_matches('Z'));
    let date = Timestamp::strptime("%Y%m%dT%H%M%S%z", date);
    let age = now.duration_since(date.map_err(|_| RoleProofError::Malformed)?);
    if age.abs() > SKEW_MAX {
        return Err(RoleProofError::Skewed);
    }
    Ok(())
}

fn request(
    roles: &MemberRoles,
    proof: &RoleProof,
    audience: &str,
    key: &VerifyingKey,
) -> Option<http::Request<Vec<u8>>> {
    let mut request = http::Request::post(roles.identity_url.as_str())
        .header(header::CONTENT_TYPE, IDENTITY_CONTENT_TYPE)
        .header(header::AUTHORIZATION, &proof.authorization)
        .header("x-amz-date", &proof.date)
        .header(AUDIENCE_HEADER, audience)
        .header(KEY_HEADER, key.to_string());
    if let Some(token) = &proof.security_token {
        request = request.header("x-amz-security-token", token);
    }
    request.body(IDENTITY_BODY.as_bytes().to_vec()).ok()
}

/// The one `<Arn>` of the answer, which is XML.
fn arn(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Arn>")?;
    let (arn, _) = rest.split_once("</Arn>")?;
    Some(arn.trim().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn proof(credential: &str, signed: &str, date: &str) -> RoleProof {
        RoleProof {
            authorization: format!(
                "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature=ab"
            ),
            date: date.to_owned(),
            security_token: None,
        }
    }

    #[test]
    fn aws_is_asked_only_about_what_is_meant_for_us() {
        let good = "AKIA/20261122/eu-central-1/sts/aws4_request";
        let signed = "content-type;host;x-amz-date;x-causeway-audience;x-causeway-key";
        let now = "2026-11-22T06:00:00Z".parse().unwrap();
        let check = |proof: &RoleProof| check(proof, "eu-central-1", now);
        assert!(check(&proof(good, signed, "20261122T060100Z")).is_ok());
        for wrong in [
            proof(
                "AKIA/20261122/us-east-1/sts/aws4_request",
                signed,
                "20261122T060000Z",
            ),
            proof(
                "AKIA/20261122/eu-central-1/s3/aws4_request",
                signed,
                "20261122T060000Z",
            ),
            proof(
                good,
                "host;x-amz-date;x-causeway-audience",
                "20261122T060000Z",
            ),
            proof(good, "host;x-amz-date;x-causeway-key", "20261122T060000Z"),
            proof(good, "host;x-amz-date", "20261122T060000Z"),
            proof(good, signed, "yesterday"),
            RoleProof {
                authorization: "Bearer x".to_owned(),
                ..proof(good, signed, "20261122T060000Z")
            },
        ] {
            assert!(matches!(check(&wrong), Err(RoleProofError::Malformed)));
        }
        let old = check(&proof(good, signed, "20261122T055400Z"));
        assert!(matches!(old, Err(RoleProofError::Skewed)));
    }

    #[test]
    fn the_answer_names_the_caller() {
        let body = b"<GetCallerIdentityResponse><GetCallerIdentityResult>\
            <Arn>arn:aws:sts::1:assumed-role/edge/task</Arn><UserId>x</UserId>";
        assert_eq!(arn(body).unwrap(), "arn:aws:sts::1:assumed-role/edge/task");
        assert_eq!(arn(b"{}"), None);
    }
}
