//! A self-signed certificate, as servers make them for themselves.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// A certificate and its key, in files of PEM form.
#[derive(Debug, Clone)]
pub struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
}

impl Certificate {
    /// Makes a certificate for `localhost` and 127.0.0.1 in a directory.
    ///
    /// # Errors
    /// When Debian's `openssl` is not there or fails.
    pub fn generate(directory: &Path) -> Result<Self> {
        let made = Self {
            certificate: directory.join("certificate.pem"),
            key: directory.join("key.pem"),
        };
        let output = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes"])
            .args(["-days", "30", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
            .arg("-keyout")
            .arg(&made.key)
            .arg("-out")
            .arg(&made.certificate)
            .stdin(Stdio::null())
            .output()
            .context("run openssl")?;
        ensure!(output.status.success(), "openssl req failed: {output:?}");
        Ok(made)
    }

    /// The certificate's file.
    #[must_use]
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// The key's file.
    #[must_use]
    pub fn key(&self) -> &Path {
        &self.key
    }

    /// The certificate in DER form.
    ///
    /// # Errors
    /// When openssl cannot read it.
    pub fn der(&self) -> Result<Vec<u8>> {
        der(&self.certificate)
    }

    /// SHA-256 of the certificate, as openssl prints it without the colons:
    /// 64 upper-case hexadecimal digits.
    ///
    /// # Errors
    /// When openssl cannot read it.
    pub fn sha256_hex(&self) -> Result<String> {
        sha256_hex(&self.certificate)
    }
}

/// A certificate's DER form.
pub(crate) fn der(file: &Path) -> Result<Vec<u8>> {
    x509(file, &["-outform", "DER"])
}

/// SHA-256 of a certificate, 64 upper-case hexadecimal digits.
pub(crate) fn sha256_hex(file: &Path) -> Result<String> {
    let line = String::from_utf8(x509(file, &["-noout", "-fingerprint", "-sha256"])?)?;
    let (_, digits) = line.split_once('=').context("a fingerprint")?;
    Ok(digits.trim().replace(':', ""))
}

fn x509(file: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new("openssl")
        .args(["x509", "-in"])
        .arg(file)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .context("run openssl")?;
    ensure!(output.status.success(), "openssl x509 failed: {output:?}");
    Ok(output.stdout)
}
