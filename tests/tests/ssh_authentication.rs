//! Every way to sign in to an SSH server, through the whole path: the API,
//! the edge, the tunnel and the node, to a real OpenSSH server wherever it
//! can be asked to do that.

use anyhow::Result;
use causeway_tests::scripted::{self, Round, Scripted};
use causeway_tests::session::Viewer;
use causeway_tests::sshd::{KeyForm, KeyKind, KeyPair, Pam, Sshd, USERNAME};
use serde_json::{Value, json};

use crate::lab::{lab, open};

#[tokio::test]
async fn by_password() -> Result<()> {
    let sshd = Sshd::with_password()?;
    signs_in(
        &sshd,
        json!({ "username": USERNAME, "password": sshd.password() }),
    )
    .await
}

#[tokio::test]
async fn by_a_password_from_the_settings_that_is_asked_for_by_keyboard_interactive() -> Result<()> {
    let sshd = Sshd::builder()
        .keyboard_interactive(Pam::OnePrompt)
        .start()?;
    signs_in(
        &sshd,
        json!({ "username": USERNAME, "password": sshd.password() }),
    )
    .await
}

#[tokio::test]
async fn by_a_password_asked_for_in_the_viewer() -> Result<()> {
    let sshd = Sshd::builder()
        .keyboard_interactive(Pam::OnePrompt)
        .start()?;
    let stack = lab().await?;
    let mut viewer = open(&stack, sshd.address(), json!({ "username": USERNAME })).await?;
    let request = viewer.request().await?;
    assert_eq!(request.prompts.len(), 1);
    assert!(request.prompts[0].label.contains("Password"), "{request:?}");
    assert!(!request.prompts[0].echo, "a password is not to be shown");
    viewer.answer(&[sshd.password()]).await?;
    has_a_shell(&mut viewer).await
}

#[tokio::test]
async fn by_prompts_in_two_rounds() -> Result<()> {
    let sshd = Sshd::builder()
        .keyboard_interactive(Pam::TwoPrompts)
        .start()?;
    let stack = lab().await?;
    let mut viewer = open(&stack, sshd.address(), json!({ "username": USERNAME })).await?;
    viewer.request().await?;
    viewer.answer(&[sshd.password()]).await?;
    assert!(viewer.request().await?.prompts[0].label.contains("e-mail"));
    viewer.answer(&["somebody@example.com"]).await?;
    has_a_shell(&mut viewer).await
}

#[tokio::test]
async fn by_several_prompts_at_once_shown_as_the_target_wrote_them() -> Result<()> {
    let target = Scripted::start(vec![
        Round {
            name: "Second factor",
            instructions: "Look at your phone.",
            prompts: vec![("Code: ", true, "123456"), ("PIN: ", false, "0000")],
        },
        // Text without a question needs no answer from anybody.
        Round {
            name: "",
            instructions: "Your password expires soon.",
            prompts: vec![],
        },
        Round {
            name: "",
            instructions: "",
            prompts: vec![("Really? ", true, "ja, natürlich 🙂")],
        },
    ])
    .await?;
    let stack = lab().await?;
    let mut viewer = open(&stack, target.address(), json!({ "username": "someone" })).await?;
    let request = viewer.request().await?;
    assert_eq!(
        (&*request.title, &*request.instruction),
        ("Second factor", "Look at your phone.")
    );
    let prompts: Vec<_> = request
        .prompts
        .iter()
        .map(|p| (p.label.trim(), p.echo))
        .collect();
    assert_eq!(prompts, [("Code:", true), ("PIN:", false)]);
    viewer.answer(&["123456", "0000"]).await?;
    let request = viewer.request().await?;
    assert_eq!(request.prompts[0].label.trim(), "Really?");
    viewer.answer(&["ja, natürlich 🙂"]).await?;
    viewer.wait_for(scripted::PROMPT).await
}

#[tokio::test]
async fn by_none() -> Result<()> {
    let sshd = Sshd::builder().none().start()?;
    signs_in(&sshd, json!({ "username": USERNAME })).await
}

#[tokio::test]
async fn by_an_ed25519_key() -> Result<()> {
    by_key(KeyKind::Ed25519, KeyForm::OpenSsh, "").await
}

#[tokio::test]
async fn by_an_ecdsa_key() -> Result<()> {
    by_key(KeyKind::EcdsaP256, KeyForm::OpenSsh, "").await
}

#[tokio::test]
async fn by_an_ecdsa_key_of_521_bits() -> Result<()> {
    by_key(KeyKind::EcdsaP521, KeyForm::OpenSsh, "").await
}

#[tokio::test]
async fn by_an_rsa_key_with_sha2() -> Result<()> {
    // A server of today takes no SHA-1 signature; say so all the same.
    let key = KeyPair::generate(KeyKind::Rsa)?;
    let sshd = Sshd::builder()
        .authorize(key.public_text()?)
        .line("PubkeyAcceptedAlgorithms rsa-sha2-256,rsa-sha2-512")
        .start()?;
    signs_in(
        &sshd,
        json!({ "username": USERNAME, "private-key": key.private_text()? }),
    )
    .await
}

#[tokio::test]
async fn by_an_rsa_key_in_pem_form() -> Result<()> {
    by_key(KeyKind::Rsa, KeyForm::Pem, "").await
}

#[tokio::test]
async fn by_an_ecdsa_key_in_pem_form() -> Result<()> {
    by_key(KeyKind::EcdsaP256, KeyForm::Pem, "").await
}

#[tokio::test]
async fn by_an_rsa_key_in_pkcs8_form() -> Result<()> {
    by_key(KeyKind::Rsa, KeyForm::Pkcs8, "").await
}

#[tokio::test]
async fn by_an_encrypted_key() -> Result<()> {
    by_key(KeyKind::Ed25519, KeyForm::OpenSsh, "open sesame").await
}

#[tokio::test]
async fn by_an_encrypted_key_in_pem_form() -> Result<()> {
    by_key(KeyKind::Rsa, KeyForm::Pem, "open sesame").await
}

#[tokio::test]
async fn by_an_encrypted_key_in_pkcs8_form() -> Result<()> {
    by_key(KeyKind::Rsa, KeyForm::Pkcs8, "open sesame").await
}

#[tokio::test]
async fn by_an_encrypted_key_whose_passphrase_is_asked_for_in_the_viewer() -> Result<()> {
    let key = KeyPair::generate_as(KeyKind::Ed25519, KeyForm::OpenSsh, "open sesame")?;
    let sshd = Sshd::builder().authorize(key.public_text()?).start()?;
    let stack = lab().await?;
    let settings = json!({ "username": USERNAME, "private-key": key.private_text()? });
    let mut viewer = open(&stack, sshd.address(), settings).await?;
    assert!(!viewer.request().await?.prompts[0].echo);
    viewer.answer(&["open sesame"]).await?;
    has_a_shell(&mut viewer).await
}

#[tokio::test]
async fn by_a_user_certificate() -> Result<()> {
    let (authority, key) = (
        KeyPair::generate(KeyKind::Ed25519)?,
        KeyPair::generate(KeyKind::Ed25519)?,
    );
    let certificate = authority.certify(&key, USERNAME)?;
    let sshd = Sshd::builder().user_ca(authority.public_text()?).start()?;
    let settings = json!({ "username": USERNAME, "private-key": key.private_text()?, "public-key": certificate });
    signs_in(&sshd, settings).await
}

#[tokio::test]
async fn by_a_key_and_then_a_prompt() -> Result<()> {
    let key = KeyPair::generate(KeyKind::Ed25519)?;
    let sshd = Sshd::builder()
        .authorize(key.public_text()?)
        .keyboard_interactive(Pam::OnePrompt)
        .authentication_methods("publickey,keyboard-interactive")
        .start()?;
    let stack = lab().await?;
    let settings = json!({ "username": USERNAME, "private-key": key.private_text()? });
    let mut viewer = open(&stack, sshd.address(), settings).await?;
    viewer.request().await?;
    viewer.answer(&[sshd.password()]).await?;
    has_a_shell(&mut viewer).await
}

#[tokio::test]
async fn with_a_user_name_asked_for_in_the_viewer() -> Result<()> {
    let sshd = Sshd::with_password()?;
    let stack = lab().await?;
    let mut viewer = open(
        &stack,
        sshd.address(),
        json!({ "password": sshd.password() }),
    )
    .await?;
    assert!(
        viewer.request().await?.prompts[0].echo,
        "a name is to be shown"
    );
    viewer.answer(&[USERNAME]).await?;
    has_a_shell(&mut viewer).await
}

#[tokio::test]
async fn host_keys_of_every_kind_are_understood() -> Result<()> {
    let stack = lab().await?;
    for kind in [
        KeyKind::Ed25519,
        KeyKind::EcdsaP256,
        KeyKind::EcdsaP384,
        KeyKind::Rsa,
    ] {
        let sshd = Sshd::builder().password().host_keys(&[kind]).start()?;
        let name = kind.algorithm();
        let settings = json!({
            "username": USERNAME, "password": sshd.password(), "host-key": sshd.host_public_key(kind)?,
        });
        stack
            .endpoint(crate::lab::LAB, name, sshd.address(), settings)
            .await?;
        let launched = stack.admin.launch(crate::lab::LAB, name).await?;
        has_a_shell(&mut Viewer::open(&launched.entry).await?).await?;
    }
    Ok(())
}

async fn by_key(kind: KeyKind, form: KeyForm, passphrase: &str) -> Result<()> {
    let key = KeyPair::generate_as(kind, form, passphrase)?;
    let sshd = Sshd::builder().authorize(key.public_text()?).start()?;
    let mut settings = json!({ "username": USERNAME, "private-key": key.private_text()? });
    if !passphrase.is_empty() {
        settings["passphrase"] = json!(passphrase);
    }
    signs_in(&sshd, settings).await
}

async fn signs_in(sshd: &Sshd, settings: Value) -> Result<()> {
    let stack = lab().await?;
    let mut viewer = open(&stack, sshd.address(), settings).await?;
    let outcome = has_a_shell(&mut viewer).await;
    outcome.map_err(|error| error.context(format!("the target's log:\n{}", sshd.log())))
}

async fn has_a_shell(viewer: &mut Viewer) -> Result<()> {
    viewer.wait_for("$ ").await?;
    assert!(
        viewer.heard.requests.is_empty(),
        "nothing more was to be asked: {:?}",
        viewer.heard
    );
    viewer.enter("echo $((40 + 2))-works").await?;
    viewer.wait_for("42-works").await
}
