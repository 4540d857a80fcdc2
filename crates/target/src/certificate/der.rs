//! As much of X.509 as is needed to find a public key (RFC 5280, section 4.1).
//!
//! The platform's verifier reads certificates in full; this is for those that
//! it does not read, of old versions or with odd extensions, which a person
//! may still trust.

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const EXPLICIT_VERSION: u8 = 0xa0;

/// One element: its tag, its content, and it with its header.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

/// `SubjectPublicKeyInfo` of a certificate, in DER.
#[must_use]
pub fn public_key_info(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = sequence(certificate)?;
    let (mut fields, _) = sequence(certificate)?;
    let (first, rest) = element(fields)?;
    if first.tag == EXPLICIT_VERSION {
        fields = rest;
    }
    // serialNumber, signature, issuer, validity, subject.
    for _ in 0..5 {
        (_, fields) = element(fields)?;
    }
    let (info, _) = element(fields)?;
    (info.tag == SEQUENCE).then_some(info.whole)
}

/// The bits of a certificate's public key, as CredSSP binds to them
/// (MS-CSSP, section 3.1.5).
#[must_use]
pub fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    let (info, _) = sequence(public_key_info(certificate)?)?;
    let (_algorithm, rest) = element(info)?;
    let (bits, _) = element(rest)?;
    match bits.content {
        [0, key @ ..] if bits.tag == BIT_STRING => Some(key),
        _ => None,
    }
}

fn sequence(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (read, rest) = element(input)?;
    (read.tag == SEQUENCE).then_some((read.content, rest))
}

/// Reads one element with a definite length of at most four bytes.
fn element(input: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&[tag, length], after) = input.split_first_chunk::<2>()?;
    let length_bytes = if length < 0x80 { 0 } else { length & 0x7f };
    let length = match length_bytes {
        0 if length < 0x80 => usize::from(length),
        1..=4 => after
            .get(..usize::from(length_bytes))?
            .iter()
            .fold(0, |sum, byte| (sum << 8) | usize::from(*byte)),
        _ => return None,
    };
    let header = 2 + usize::from(length_bytes);
    let end = header.checked_add(length)?;
    let whole = input.get(..end)?;
    let content = whole.get(header..)?;
    Some((
        Element {
            tag,
            content,
            whole,
        },
        &input[end..],
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};

    use super::*;

    #[test]
    fn the_public_key_is_found() {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["web-01".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        let found = public_key_info(certificate.der()).unwrap();
        assert_eq!(found, key.subject_public_key_info());
        assert_eq!(public_key(certificate.der()).unwrap(), key.der_bytes());
    }

    proptest! {
        #[test]
        fn bytes_of_any_kind_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = public_key(&bytes);
            let _ = public_key(&[&[0x30, 0x81, 200, 0x30, 0x81, 197][..], &bytes].concat());
        }
    }
}
