//! What an authenticator says (Web Authentication Level 2, section 6.1).

use super::cbor::Reader;
use super::cose::PublicKey;

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;
/// Longest id of a credential in bytes (Level 2, section 5.1.1, as of CTAP2).
const CREDENTIAL_ID_LENGTH_MAX: usize = 1023;
const AAGUID_LENGTH: usize = 16;

/// The data, parsed to its last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AuthenticatorData<'a> {
    pub(super) rp_id_hash: &'a [u8; 32],
    flags: u8,
    pub(super) sign_count: u32,
    pub(super) credential: Option<AttestedCredential<'a>>,
}

/// A new credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AttestedCredential<'a> {
    pub(super) id: &'a [u8],
    pub(super) public_key: PublicKey,
    /// The key as it came.
    pub(super) cose_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads the whole of `bytes`; `None` when it is something else.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
        let ([flags], rest) = rest.split_first_chunk::<1>()?;
        let (sign_count, mut rest) = rest.split_first_chunk::<4>()?;
        let mut credential = None;
        if flags & HAS_CREDENTIAL != 0 {
            let (found, after) = AttestedCredential::parse(rest)?;
            (credential, rest) = (Some(found), after);
        }
        if flags & HAS_EXTENSIONS != 0 {
            let mut reader = Reader::new(rest);
            reader.clone().map().ok()?;
            reader.skip().ok()?;
            rest = reader.rest();
        }
        rest.is_empty().then_some(Self {
            rp_id_hash,
            flags: *flags,
            sign_count: u32::from_be_bytes(*sign_count),
            credential,
        })
    }

    pub(super) const fn user_present(&self) -> bool {
        self.flags & USER_PRESENT != 0
    }

    pub(super) const fn user_verified(&self) -> bool {
        self.flags & USER_VERIFIED != 0
    }

    pub(super) const fn backed_up(&self) -> bool {
        self.flags & BACKED_UP != 0
    }

    /// A credential that cannot be backed up is never backed up (section 6.1.3).
    pub(super) const fn is_consistent(&self) -> bool {
        self.flags & BACKUP_ELIGIBLE != 0 || !self.backed_up()
    }
}

impl<'a> AttestedCredential<'a> {
    fn parse(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (_aaguid, rest) = bytes.split_first_chunk::<AAGUID_LENGTH>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        if !(1..=CREDENTIAL_ID_LENGTH_MAX).contains(&length) {
            return None;
        }
        let (id, rest) = rest.split_at_checked(length)?;
        let mut reader = Reader::new(rest);
        let public_key = PublicKey::read(&mut reader).ok()?;
        let after = reader.rest();
        let credential = Self {
            id,
            public_key,
            cose_key: &rest[..rest.len() - after.len()],
        };
        Some((credential, after))
    }
}
