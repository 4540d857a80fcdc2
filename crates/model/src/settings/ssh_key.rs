//! Keys of SSH as people paste them: private keys, certificates, host keys.
//!
//! Only the outer form is read, so that a slip is an error where it is
//! written; decoding keys is the business of the node's SSH client.

use crate::secret::Secret;

/// How many host keys one setting may hold.
pub(super) const HOST_KEYS_MAX: usize = 32;

/// A private key and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshKey {
    /// The key in OpenSSH or PEM form, one line feed after every line.
    pub private_key: Secret,
    /// The passphrase that it is encrypted with.
    pub passphrase: Option<Secret>,
    /// The user certificate for it, `algorithm base64`.
    pub certificate: Option<String>,
}

/// A host key that is to be accepted, and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinnedHostKey {
    /// The key itself.
    Key {
        /// Its algorithm, such as `ssh-ed25519`.
        algorithm: String,
        /// The key in base64 (RFC 4253 section 6.6).
        base64: String,
    },
    /// The SHA-256 of the key, `SHA256:` and 43 characters of base64.
    Fingerprint(String),
}

/// A private key in the form that is stored nowhere but understood everywhere:
/// no space around lines, one line feed after each. Indentation, CRLF and `\n`
/// written out in letters are what pasting through forms and YAML leaves.
/// `None` when it has no BEGIN and END line of a private key.
pub(super) fn normal_private_key(text: &str) -> Option<String> {
    let mut normal = String::with_capacity(text.len() + 1);
    for line in text.split('\n').flat_map(|line| line.split("\\n")) {
        let line = line.trim();
        // The blank line behind the headers of old PEM files has a meaning.
        if !line.is_empty() || normal.contains(": ") {
            normal.push_str(line);
            normal.push('\n');
        }
    }
    normal.truncate(normal.trim_end().len());
    normal.push('\n');
    let first = normal.lines().next()?;
    let last = normal.lines().next_back()?;
    let is_fence = |line: &str, word: &str| {
        line.strip_prefix("-----")
            .and_then(|line| line.strip_prefix(word))
            .and_then(|line| line.strip_suffix("PRIVATE KEY-----"))
            .is_some()
    };
    (is_fence(first, "BEGIN ") && is_fence(last, "END ")).then_some(normal)
}

/// Algorithm and base64 of a public key or certificate; a comment is dropped.
pub(super) fn parse_public_key(text: &str) -> Option<(&str, &str)> {
    let mut fields = text.split_whitespace();
    let (algorithm, base64) = (fields.next()?, fields.next()?);
    (is_algorithm(algorithm) && is_key_base64(base64) && text.trim().lines().count() == 1)
        .then_some((algorithm, base64))
}

/// Whether the algorithm is one of user certificates.
pub(super) fn is_certificate(algorithm: &str) -> bool {
    algorithm.ends_with("-cert-v01@openssh.com")
}

/// Host keys, a line each: `[hosts] algorithm base64 [comment]` or a
/// fingerprint. The hosts are not compared: the keys count for the endpoint
/// that they are written on. `None` when a line is something else.
pub(super) fn parse_host_keys(text: &str) -> Option<Vec<PinnedHostKey>> {
    let keys: Vec<PinnedHostKey> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(HOST_KEYS_MAX + 1)
        .map(parse_host_key)
        .collect::<Option<_>>()?;
    (1..=HOST_KEYS_MAX).contains(&keys.len()).then_some(keys)
}

fn parse_host_key(line: &str) -> Option<PinnedHostKey> {
    if let Some(digest) = line.strip_prefix("SHA256:") {
        let digest = digest.trim_end_matches('=');
        return (digest.len() == 43 && is_base64(digest))
            .then(|| PinnedHostKey::Fingerprint(format!("SHA256:{digest}")));
    }
    let fields: Vec<&str> = line.split_whitespace().take(3).collect();
    let (algorithm, base64) = match fields[..] {
        [algorithm, base64, ..] if is_algorithm(algorithm) => (algorithm, base64),
        [hosts, algorithm, base64] if !hosts.starts_with('@') => (algorithm, base64),
        _ => return None,
    };
    (is_algorithm(algorithm) && is_key_base64(base64)).then(|| PinnedHostKey::Key {
        algorithm: algorithm.to_owned(),
        base64: base64.to_owned(),
    })
}

fn is_algorithm(text: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-", "rsa-sha2-"]
        .iter()
        .any(|prefix| text.starts_with(prefix))
}

/// A key begins with the length of its algorithm's name, a 32-bit number well
/// below 2^18: three zero sextets, `AAA`.
fn is_key_base64(text: &str) -> bool {
    text.starts_with("AAA") && is_base64(text.trim_end_matches('='))
}

fn is_base64(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU=";
    const ED25519: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIJ";

    #[test]
    fn a_pasted_private_key_is_put_right() {
        let plain = format!(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{BODY}\n-----END OPENSSH PRIVATE KEY-----\n"
        );
        let check = |text: &str| {
            assert_eq!(
                normal_private_key(text).as_deref(),
                Some(plain.as_str()),
                "{text:?}"
            );
        };
        check(&plain);
        check(plain.trim_end());
        check(&plain.replace('\n', "\r\n"));
        check(&plain.replace('\n', "\n    "));
        check(&plain.replace('\n', "\\n"));
        check(&format!("\n\n{plain}\n"));
    }

    #[test]
    fn the_headers_of_old_pem_files_keep_their_blank_line() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(normal_private_key(key).as_deref(), Some(key));
    }

    #[test]
    fn what_is_no_private_key_is_refused() {
        for text in [
            "x",
            "\n",
            "ssh-ed25519 AAAA",
            "PuTTY-User-Key-File-3: ssh-ed25519",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n",
        ] {
            assert_eq!(normal_private_key(text), None, "{text:?}");
        }
    }

    #[test]
    fn public_keys_and_certificates_are_told_apart() {
        let line = format!("ssh-ed25519-cert-v01@openssh.com {ED25519} ada@host\n");
        let (algorithm, base64) = parse_public_key(&line).unwrap();
        assert!(is_certificate(algorithm) && base64 == ED25519);
        assert!(!is_certificate("ssh-ed25519"));
        assert_eq!(parse_public_key(ED25519), None);
        assert_eq!(parse_public_key("ssh-rsa %%%"), None);
    }

    #[test]
    fn host_keys_are_read_in_the_forms_people_have() {
        let key = PinnedHostKey::Key {
            algorithm: "ssh-ed25519".to_owned(),
            base64: ED25519.to_owned(),
        };
        let check = |text: &str, expected: Option<&[&PinnedHostKey]>| {
            let read = parse_host_keys(text);
            let read = read.as_ref().map(|keys| keys.iter().collect::<Vec<_>>());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        };
        check(&format!("ssh-ed25519 {ED25519}"), Some(&[&key]));
        check(&format!("ssh-ed25519 {ED25519} root@host"), Some(&[&key]));
        check(
            &format!("host.example,192.0.2.1 ssh-ed25519 {ED25519}"),
            Some(&[&key]),
        );
        check(
            &format!("|1|abc=|def= ssh-ed25519 {ED25519} c"),
            Some(&[&key]),
        );
        check(
            &format!("# two\nssh-ed25519 {ED25519}\n\nh ssh-ed25519 {ED25519}"),
            Some(&[&key, &key]),
        );
        let digest = format!("SHA256:{}", "a".repeat(43));
        check(
            &digest,
            Some(&[&PinnedHostKey::Fingerprint(digest.clone())]),
        );
        check("SHA256:short", None);
        check("", None);
        check(&format!("@revoked h ssh-ed25519 {ED25519}"), None);
        check("hello world", None);
        check(
            &format!("ssh-ed25519 {ED25519}\n").repeat(HOST_KEYS_MAX + 1),
            None,
        );
    }
}
