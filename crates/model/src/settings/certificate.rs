//! Which certificates of a target are accepted: settings that every protocol
//! over TLS shares.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{FlatSettings, SettingError};

/// Fingerprints that one setting may hold.
const PINS_MAX: usize = 32;

/// What is accepted, besides what the node's platform trusts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CertificateSettings {
    /// Any certificate: whoever is in between can read everything.
    pub ignore: bool,
    /// Only these, when there are any.
    pub pins: Vec<CertificatePin>,
    /// The first one that is seen, and from then on no other.
    pub trust_on_first_use: bool,
}

impl CertificateSettings {
    /// Reads `ignore-cert`, `cert-fingerprints` and `cert-tofu`.
    ///
    /// # Errors
    /// When one of them is of a wrong type.
    pub fn read(settings: &FlatSettings) -> Result<Self, SettingError> {
        let pins = settings.text("cert-fingerprints")?;
        Ok(Self {
            ignore: settings.boolean("ignore-cert")?,
            // `text` has checked the form with the same function.
            pins: pins.and_then(parse_pins).unwrap_or_default(),
            trust_on_first_use: settings.boolean("cert-tofu")?,
        })
    }
}

/// SHA-256 of a certificate's DER.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CertificatePin(pub [u8; 32]);

impl CertificatePin {
    /// Reads hexadecimal digits with or without colons, as `openssl x509
    /// -fingerprint -sha256` and FreeRDP's `/cert:fingerprint` write them, or
    /// `SHA256:` and base64, as Causeway shows them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digest = match text.split_at_checked("sha256:".len()) {
            Some((name, digest)) if name.eq_ignore_ascii_case("sha256:") => digest,
            _ => text,
        };
        parse_hex(digest).or_else(|| parse_base64(digest)).map(Self)
    }

    /// `SHA256:` and base64 without padding.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(self.0))
    }
}

/// Reads fingerprints separated by commas; at least one.
pub(super) fn parse_pins(text: &str) -> Option<Vec<CertificatePin>> {
    let pins: Vec<CertificatePin> = text
        .split(',')
        .filter(|part| !part.trim().is_empty())
        .map(CertificatePin::parse)
        .collect::<Option<_>>()?;
    (1..=PINS_MAX).contains(&pins.len()).then_some(pins)
}

fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.chars().filter(|c| !matches!(c, ':' | ' '));
    let digits: Vec<u32> = digits.map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let bytes = digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]);
    let bytes: Vec<u8> = bytes.filter_map(|byte| byte.try_into().ok()).collect();
    let digest = bytes.try_into().ok()?;
    (digits.len() == 64).then_some(digest)
}

fn parse_base64(text: &str) -> Option<[u8; 32]> {
    let bytes = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
    const BASE64: &str = "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8";

    #[test]
    fn a_fingerprint_is_read_as_tools_print_it() {
        let colons: Vec<String> = HEX
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).into_owned())
            .collect();
        let colons = colons.join(":");
        for text in [
            HEX.to_owned(),
            colons.clone(),
            format!(" sha256:{colons} "),
            format!("SHA256:{BASE64}"),
            format!("SHA256:{BASE64}="),
        ] {
            let pin = CertificatePin::parse(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(pin.fingerprint(), format!("SHA256:{BASE64}"), "{text}");
        }
    }

    #[test]
    fn what_is_no_fingerprint_is_refused_as_a_whole() {
        let longer = format!("{HEX}00");
        let sha1 = &HEX[..40];
        for text in ["", "sha256:", "x", &longer, sha1, &BASE64[..40]] {
            assert_eq!(CertificatePin::parse(text), None, "{text}");
        }
        assert_eq!(
            parse_pins(&format!("{HEX},{HEX},")).map(|p| p.len()),
            Some(2)
        );
        assert_eq!(parse_pins(&format!("{HEX},{sha1}")), None);
        assert_eq!(parse_pins(", ,"), None);
    }

    #[test]
    fn the_first_certificate_is_trusted_unless_set() {
        let read = |settings: &[(&str, &str)]| {
            let owned = settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            CertificateSettings::read(&owned.collect())
        };
        let first_use = CertificateSettings {
            trust_on_first_use: true,
            ..CertificateSettings::default()
        };
        assert_eq!(read(&[]), Ok(first_use));
        let pinned = read(&[("cert-fingerprints", HEX), ("cert-tofu", "false")]);
        assert!(pinned.is_ok_and(|read| read.pins.len() == 1 && !read.trust_on_first_use));
        assert!(read(&[("cert-fingerprints", "sha1:00")]).is_err());
    }
}
