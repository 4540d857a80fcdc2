//! The security types that are spoken, and their numbers.

use std::fmt;
use std::str::FromStr;

use super::credentials::Wanted;

/// Number of VeNCrypt among the security types.
pub(super) const VENCRYPT: u8 = 19;

/// A way of signing in. VeNCrypt is not among them, for it is only the way to
/// choose its own sub types; those have numbers from 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecurityType {
    /// TLS with a certificate, then name and password.
    X509Plain,
    /// TLS with a certificate, then a password by challenge.
    X509Vnc,
    /// TLS with a certificate, then nothing.
    X509None,
    /// RSA-AES with 256 bits: all is encrypted; the server is known by its key.
    Ra2Aes256,
    /// RSA-AES with 128 bits.
    Ra2Aes128,
    /// TLS without a certificate, then name and password. Anonymous TLS keeps
    /// out who listens, not who stands in between.
    TlsPlain,
    /// TLS without a certificate, then a password by challenge.
    TlsVnc,
    /// TLS without a certificate, then nothing.
    TlsNone,
    /// RSA-AES with 256 bits for the credentials only.
    Ra2NeAes256,
    /// RSA-AES with 128 bits for the credentials only.
    Ra2NeAes128,
    /// Diffie-Hellman and AES for the credentials only (Apple's).
    AppleDh,
    /// A password of at most 8 characters by DES challenge (RFC 6143 section
    /// 7.2.2); nothing else is protected.
    VncAuth,
    /// TightVNC's own choice between none and the challenge.
    Tight,
    /// Diffie-Hellman with 64 bits and DES for the credentials (UltraVNC's):
    /// worth little more than nothing.
    MsLogonII,
    /// Name and password in the clear.
    Plain,
    /// Nothing at all (RFC 6143 section 7.2.1).
    None,
}

/// A name that no security type has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no VNC security type {0:?}")]
pub struct UnknownSecurityType(String);

impl SecurityType {
    /// Every type, strongest first.
    pub const ALL: [Self; 16] = [
        Self::X509Plain,
        Self::X509Vnc,
        Self::X509None,
        Self::Ra2Aes256,
        Self::Ra2Aes128,
        Self::TlsPlain,
        Self::TlsVnc,
        Self::TlsNone,
        Self::Ra2NeAes256,
        Self::Ra2NeAes128,
        Self::AppleDh,
        Self::VncAuth,
        Self::Tight,
        Self::MsLogonII,
        Self::Plain,
        Self::None,
    ];

    /// Its number: below 256 a security type of its own, else a sub type of
    /// VeNCrypt (rfbproto, "Security Types").
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::None => 1,
            Self::VncAuth => 2,
            Self::Ra2Aes128 => 5,
            Self::Ra2NeAes128 => 6,
            Self::Tight => 16,
            Self::AppleDh => 30,
            Self::MsLogonII => 113,
            Self::Ra2Aes256 => 129,
            Self::Ra2NeAes256 => 130,
            Self::Plain => 256,
            Self::TlsNone => 257,
            Self::TlsVnc => 258,
            Self::TlsPlain => 259,
            Self::X509None => 260,
            Self::X509Vnc => 261,
            Self::X509Plain => 262,
        }
    }

    /// Its name, as TigerVNC's parameter `SecurityTypes` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::VncAuth => "VncAuth",
            Self::Ra2Aes128 => "RA2",
            Self::Ra2NeAes128 => "RA2ne",
            Self::Tight => "Tight",
            Self::AppleDh => "DH",
            Self::MsLogonII => "MSLogonII",
            Self::Ra2Aes256 => "RA2_256",
            Self::Ra2NeAes256 => "RA2ne_256",
            Self::Plain => "Plain",
            Self::TlsNone => "TLSNone",
            Self::TlsVnc => "TLSVnc",
            Self::TlsPlain => "TLSPlain",
            Self::X509None => "X509None",
            Self::X509Vnc => "X509Vnc",
            Self::X509Plain => "X509Plain",
        }
    }

    /// The type of a number.
    #[must_use]
    pub fn of_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// What has to be known for it. What Tight and RA2 need turns out later.
    #[must_use]
    pub(super) const fn wants(self) -> Wanted {
        match self {
            Self::X509None | Self::TlsNone | Self::None | Self::Tight => Wanted::NOTHING,
            Self::X509Vnc
            | Self::TlsVnc
            | Self::VncAuth
            | Self::Ra2Aes256
            | Self::Ra2Aes128
            | Self::Ra2NeAes256
            | Self::Ra2NeAes128 => Wanted::PASSWORD,
            Self::X509Plain | Self::TlsPlain | Self::AppleDh | Self::MsLogonII | Self::Plain => {
                Wanted::BOTH
            }
        }
    }

    /// Whether VeNCrypt leads to it.
    pub(super) const fn is_of_vencrypt(self) -> bool {
        self.number() >= 256
    }
}

impl fmt::Display for SecurityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SecurityType {
    type Err = UnknownSecurityType;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownSecurityType(name.chars().take(40).collect()))
    }
}

/// Names for a list of numbers, for a person. Types that are not spoken are
/// named where the world has a name for them.
pub(super) fn name_all(numbers: impl IntoIterator<Item = u32>) -> String {
    /// More than any server offers.
    const NAMED_MAX: usize = 32;
    let names = numbers.into_iter().take(NAMED_MAX).map(|number| {
        let known = SecurityType::of_number(number).map(SecurityType::name);
        match known.or_else(|| foreign_name(number)) {
            Some(name) => name.to_owned(),
            None => number.to_string(),
        }
    });
    names.collect::<Vec<_>>().join(", ")
}

const fn foreign_name(number: u32) -> Option<&'static str> {
    Some(match number {
        17 => "Ultra",
        18 => "TLS",
        19 => "VeNCrypt",
        20 => "SASL",
        21 => "MD5",
        22 => "xvp",
        23 => "SecureTunnel",
        24 => "IntegratedSSH",
        31..=36 => "Apple's other types",
        112 => "MSLogon",
        128 => "RA2 with 128 bits (old)",
        133 => "RA2 (six)",
        263 => "TLSSASL",
        264 => "X509SASL",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique_and_read_back() {
        for kind in SecurityType::ALL {
            assert_eq!(SecurityType::of_number(kind.number()), Some(kind));
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert!("TLSSASL".parse::<SecurityType>().is_err());
    }

    #[test]
    fn what_is_offered_is_named() {
        assert_eq!(
            name_all([2, 19, 112, 200]),
            "VncAuth, VeNCrypt, MSLogon, 200"
        );
        let many = name_all(0..1000);
        assert_eq!(many.split(", ").count(), 32);
    }
}
