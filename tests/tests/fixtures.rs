//! The fixtures are what they say they are, by the word of OpenSSH's client.

use std::process::{Command, Output, Stdio};

use anyhow::Result;
use causeway_tests::sshd::{KeyKind, KeyPair, Sshd};

#[test]
fn openssh_lets_a_password_in() -> Result<()> {
    let sshd = Sshd::with_password()?;
    let answer = ssh(&sshd, Some(sshd.password()), &[], "echo it is $((40 + 2))")?;
    assert_eq!(
        String::from_utf8_lossy(&answer.stdout).trim(),
        "it is 42",
        "{}",
        sshd.log()
    );
    let answer = ssh(&sshd, Some("wrong"), &[], "true")?;
    assert!(!answer.status.success());
    Ok(())
}

#[test]
fn openssh_lets_none_in() -> Result<()> {
    let sshd = Sshd::builder().none().start()?;
    let answer = ssh(
        &sshd,
        None,
        &["-o", "PreferredAuthentications=none"],
        "echo in",
    )?;
    assert_eq!(
        String::from_utf8_lossy(&answer.stdout).trim(),
        "in",
        "{}",
        sshd.log()
    );
    Ok(())
}

#[test]
fn openssh_lets_certificates_of_its_authority_in() -> Result<()> {
    let (authority, key) = (
        KeyPair::generate(KeyKind::Ed25519)?,
        KeyPair::generate(KeyKind::EcdsaP256)?,
    );
    authority.certify(&key, causeway_tests::sshd::USERNAME)?;
    let sshd = Sshd::builder().user_ca(authority.public_text()?).start()?;
    let identity = key.path();
    let answer = ssh(&sshd, None, &["-i", identity.to_str().unwrap()], "echo in")?;
    assert_eq!(
        String::from_utf8_lossy(&answer.stdout).trim(),
        "in",
        "{}",
        sshd.log()
    );
    Ok(())
}

fn ssh(sshd: &Sshd, password: Option<&str>, options: &[&str], command: &str) -> Result<Output> {
    let mut client = Command::new(if password.is_some() { "sshpass" } else { "ssh" });
    if let Some(password) = password {
        client.args(["-e", "ssh"]).env("SSHPASS", password);
    }
    Ok(client
        .args([
            "-F",
            "none",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        ])
        .args([
            "-o",
            "IdentitiesOnly=yes",
            "-p",
            &sshd.address().port().to_string(),
        ])
        .args(options)
        .arg(format!("{}@127.0.0.1", sshd.username()))
        .arg(command)
        .stdin(Stdio::null())
        .output()?)
}
