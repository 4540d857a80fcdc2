//! Keys for OpenSSH tests, made by `ssh-keygen` so that their files are what
//! people really have. What reads them is the code under test, not this.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// Kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Ed25519.
    Ed25519,
    /// ECDSA over NIST P-256.
    EcdsaP256,
    /// ECDSA over NIST P-384.
    EcdsaP384,
    /// ECDSA over NIST P-521.
    EcdsaP521,
    /// RSA with 2048 bits.
    Rsa,
}

impl KeyKind {
    const fn type_and_bits(self) -> [&'static str; 4] {
        match self {
            Self::Ed25519 => ["-t", "ed25519", "-b", "256"],
            Self::EcdsaP256 => ["-t", "ecdsa", "-b", "256"],
            Self::EcdsaP384 => ["-t", "ecdsa", "-b", "384"],
            Self::EcdsaP521 => ["-t", "ecdsa", "-b", "521"],
            Self::Rsa => ["-t", "rsa", "-b", "2048"],
        }
    }

    /// The kind's name in an OpenSSH public key.
    #[must_use]
    pub const fn algorithm(self) -> &'static str {
        match self {
            Self::Ed25519 => "ssh-ed25519",
            Self::EcdsaP256 => "ecdsa-sha2-nistp256",
            Self::EcdsaP384 => "ecdsa-sha2-nistp384",
            Self::EcdsaP521 => "ecdsa-sha2-nistp521",
            Self::Rsa => "ssh-rsa",
        }
    }
}

/// How a private key is written. Ed25519 is always in OpenSSH's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    /// `BEGIN OPENSSH PRIVATE KEY`.
    OpenSsh,
    /// `BEGIN RSA PRIVATE KEY`, `BEGIN EC PRIVATE KEY`.
    Pem,
    /// `BEGIN PRIVATE KEY`, `BEGIN ENCRYPTED PRIVATE KEY`.
    Pkcs8,
}

impl KeyForm {
    const fn format(self) -> &'static str {
        match self {
            Self::OpenSsh => "RFC4716",
            Self::Pem => "PEM",
            Self::Pkcs8 => "PKCS8",
        }
    }
}

/// A key pair in a directory of its own, removed with it.
pub struct KeyPair {
    directory: TempDir,
}

impl KeyPair {
    /// Makes an unencrypted key in OpenSSH's form.
    ///
    /// # Errors
    /// When `ssh-keygen` fails.
    pub fn generate(kind: KeyKind) -> Result<Self> {
        Self::generate_as(kind, KeyForm::OpenSsh, "")
    }

    /// Makes a key; an empty passphrase leaves it unencrypted.
    ///
    /// # Errors
    /// When `ssh-keygen` fails.
    pub fn generate_as(kind: KeyKind, form: KeyForm, passphrase: &str) -> Result<Self> {
        let directory = TempDir::with_prefix("causeway-key-")?;
        generate_at(&directory.path().join("key"), kind, form, passphrase)?;
        Ok(Self { directory })
    }

    /// The private key's text, as a person pastes it into `private-key`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn private_text(&self) -> Result<String> {
        Ok(fs::read_to_string(self.path())?)
    }

    /// The public key as a line of `authorized_keys`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn public_text(&self) -> Result<String> {
        Ok(fs::read_to_string(self.path().with_extension("pub"))?
            .trim()
            .to_owned())
    }

    /// The private key's file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("key")
    }

    /// Signs another's public key as a user certificate (OpenSSH
    /// PROTOCOL.certkeys) for one principal, valid for an hour.
    ///
    /// # Errors
    /// When `ssh-keygen` fails.
    pub fn certify(&self, user: &Self, principal: &str) -> Result<String> {
        run(Command::new("ssh-keygen")
            .args([
                "-q",
                "-I",
                "causeway-test",
                "-n",
                principal,
                "-V",
                "-5m:+1h",
                "-s",
            ])
            .arg(self.path())
            .arg(user.path().with_extension("pub")))?;
        Ok(
            fs::read_to_string(user.directory.path().join("key-cert.pub"))?
                .trim()
                .to_owned(),
        )
    }
}

pub(super) fn generate_at(
    file: &Path,
    kind: KeyKind,
    form: KeyForm,
    passphrase: &str,
) -> Result<()> {
    run(Command::new("ssh-keygen")
        .args([
            "-q",
            "-C",
            "causeway-test",
            "-N",
            passphrase,
            "-m",
            form.format(),
        ])
        .args(kind.type_and_bits())
        .arg("-f")
        .arg(file))
}

/// `SHA256:...` of a public key's file, as `ssh-keygen -l` tells it.
pub(super) fn fingerprint(public: &Path) -> Result<String> {
    let output = Command::new("ssh-keygen")
        .arg("-lf")
        .arg(public)
        .output()
        .context("run ssh-keygen -l")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .split_whitespace()
        .nth(1)
        .context("ssh-keygen -l told no fingerprint")?
        .to_owned())
}

fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("run {command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
