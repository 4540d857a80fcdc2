//! Which of the security types on offer is taken.
//!
//! Where an order is configured, it decides, and what is not in it is never
//! taken: an attacker who strips the strong types from the list finds the
//! weak ones refused. Else the strongest type that needs no question is
//! taken, else the strongest. VeNCrypt is always gone into for the sake of
//! its sub types, among which the same rule chooses.

use super::credentials::Credentials;
use super::kind::{self, SecurityType};

/// The best of the types on offer, as a number for the list's own level.
pub(super) fn choose_number(
    offered: &[u8],
    allowed: &[SecurityType],
    credentials: &Credentials,
) -> Option<u8> {
    let offers_vencrypt = offered.contains(&kind::VENCRYPT);
    if allowed.is_empty() && offers_vencrypt {
        return Some(kind::VENCRYPT);
    }
    let candidates = |wanted: SecurityType| {
        if wanted.is_of_vencrypt() {
            return offers_vencrypt;
        }
        offered
            .iter()
            .any(|number| u32::from(*number) == wanted.number())
    };
    let chosen = choose(candidates, allowed, credentials)?;
    if chosen.is_of_vencrypt() {
        return Some(kind::VENCRYPT);
    }
    u8::try_from(chosen.number()).ok()
}

/// The best of the types that `offers` takes.
pub(super) fn choose(
    offers: impl Fn(SecurityType) -> bool,
    allowed: &[SecurityType],
    credentials: &Credentials,
) -> Option<SecurityType> {
    if !allowed.is_empty() {
        return allowed.iter().copied().find(|kind| offers(*kind));
    }
    let needs_question = |kind: &SecurityType| credentials.missing(kind.wants()).is_something();
    SecurityType::ALL
        .into_iter()
        .filter(|kind| offers(*kind))
        // The first of the least: `false` is less, and the order is strength.
        .min_by_key(needs_question)
}

#[cfg(test)]
mod tests {
    use super::*;

    use SecurityType::{
        AppleDh, MsLogonII, Ra2Aes256, TlsVnc, VncAuth, X509None, X509Plain, X509Vnc,
    };

    fn credentials(username: bool, password: bool) -> Credentials {
        Credentials {
            username: username.then(|| "ada".to_owned()),
            password: password.then(|| "hunter2".to_owned().into()),
        }
    }

    #[test]
    fn strength_decides_among_what_needs_no_question() {
        fn check(offered: &[SecurityType], known: (bool, bool), expected: SecurityType) {
            let offers = |kind| offered.contains(&kind);
            let chosen = choose(offers, &[], &credentials(known.0, known.1));
            assert_eq!(chosen, Some(expected), "{offered:?} {known:?}");
        }
        let password = (false, true);
        check(&[VncAuth, TlsVnc, X509Vnc, X509Plain], password, X509Vnc);
        check(
            &[VncAuth, TlsVnc, X509Vnc, X509Plain],
            (true, true),
            X509Plain,
        );
        check(&[TlsVnc, X509Plain], password, TlsVnc);
        check(&[VncAuth, AppleDh], password, VncAuth);
        check(&[VncAuth, AppleDh], (true, true), AppleDh);
        check(&[VncAuth, MsLogonII], password, VncAuth);
        check(&[VncAuth, Ra2Aes256], password, Ra2Aes256);
        check(&[TlsVnc, X509Plain], (false, false), X509Plain);
        check(&[SecurityType::None, X509None], (false, false), X509None);
        check(
            &[SecurityType::None, VncAuth],
            (false, false),
            SecurityType::None,
        );
    }

    #[test]
    fn a_configured_order_is_kept_to() {
        let known = credentials(true, true);
        let allowed = [VncAuth, X509Vnc];
        let all = |_| true;
        assert_eq!(choose(all, &allowed, &known), Some(VncAuth));
        let only_none = |kind| kind == SecurityType::None;
        assert_eq!(choose(only_none, &allowed, &known), None);
        assert_eq!(choose_number(&[1, 19], &[X509Vnc], &known), Some(19));
        assert_eq!(choose_number(&[1, 2, 19], &allowed, &known), Some(2));
        assert_eq!(choose_number(&[1, 2], &[X509Vnc], &known), None);
        assert_eq!(choose_number(&[1, 2, 19], &[], &known), Some(19));
        assert_eq!(choose_number(&[200, 18], &[], &known), None);
    }
}
