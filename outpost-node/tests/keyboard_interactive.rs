//! The target's own questions (RFC 4256).

use causeway_tests::scripted::{PROMPT, Round, Scripted};
use causeway_tests::sshd::{KeyKind, KeyPair, Pam, Sshd};

use crate::support::{Answer, Setup};

#[tokio::test]
async fn the_settings_password_answers_a_sole_hidden_password_prompt() {
    let sshd = Sshd::builder()
        .keyboard_interactive(Pam::OnePrompt)
        .start()
        .unwrap();
    let (_running, mut viewer) = Setup::signed_in(&sshd).open().await;
    viewer.prompt().await;
}

#[tokio::test]
async fn without_a_password_every_prompt_goes_to_the_person() {
    let sshd = Sshd::builder()
        .keyboard_interactive(Pam::OnePrompt)
        .start()
        .unwrap();
    let (_running, mut viewer) = Setup::sshd(&sshd).open().await;
    let wrong = viewer.question().await;
    viewer.answer(&wrong, Answer::Texts(&["wrong"])).await;
    let question = viewer.question().await;
    assert_ne!(question.id, wrong.id);
    viewer
        .answer(&question, Answer::Texts(&[sshd.password()]))
        .await;
    viewer.prompt().await;
}

#[tokio::test]
async fn a_key_and_then_a_password_are_two_factors() {
    let key = KeyPair::generate(KeyKind::Ed25519).unwrap();
    let sshd = Sshd::builder()
        .authorize(key.public_text().unwrap())
        .keyboard_interactive(Pam::OnePrompt)
        .authentication_methods("publickey,keyboard-interactive")
        .start()
        .unwrap();
    let setup = Setup::sshd(&sshd).set("private-key", key.private_text().unwrap());
    let (_running, mut viewer) = setup.open().await;
    let question = viewer.question().await;
    viewer
        .answer(&question, Answer::Texts(&[sshd.password()]))
        .await;
    viewer.prompt().await;
}

fn scripted() -> Vec<Round> {
    vec![
        Round {
            name: "Token",
            instructions: "Look at your token.",
            prompts: vec![("PIN: ", false, "1234"), ("Code: ", true, "567")],
        },
        Round {
            name: "",
            instructions: "Welcome.",
            prompts: vec![],
        },
        Round {
            name: "",
            instructions: "",
            prompts: vec![("Password: ", false, "secret")],
        },
    ]
}

#[tokio::test]
async fn any_number_of_prompts_and_rounds_is_answered() {
    let target = Scripted::start(scripted()).await.unwrap();
    let setup = Setup::at(target.address())
        .set("username", "ada")
        .set("password", "secret");
    let (_running, mut viewer) = setup.open().await;
    let question = viewer.question().await;
    assert_eq!(question.title, "Token");
    assert_eq!(question.instruction, "Look at your token.");
    let shown: Vec<_> = question
        .prompts
        .iter()
        .map(|p| (p.label.as_str(), p.echo))
        .collect();
    assert_eq!(shown, [("PIN:", false), ("Code:", true)]);
    viewer
        .answer(&question, Answer::Texts(&["1234", "567"]))
        .await;
    viewer.output_with(PROMPT).await;
}

#[tokio::test]
async fn too_few_answers_end_the_attempt() {
    let target = Scripted::start(scripted()).await.unwrap();
    let (_running, mut viewer) = Setup::at(target.address())
        .set("username", "ada")
        .open()
        .await;
    let question = viewer.question().await;
    viewer.answer(&question, Answer::Texts(&["1234"])).await;
    assert_eq!(viewer.failure().await.code, "viewer_protocol_error");
}

#[tokio::test]
async fn a_question_survives_the_viewer() {
    let target = Scripted::start(scripted()).await.unwrap();
    let setup = Setup::at(target.address())
        .set("username", "ada")
        .set("password", "secret");
    let (running, mut viewer) = setup.open().await;
    let question = viewer.question().await;
    drop(viewer);
    let mut viewer = running.viewer().await;
    let again = viewer.question().await;
    assert_eq!(again, question);
    viewer.answer(&again, Answer::Texts(&["1234", "567"])).await;
    viewer.output_with(PROMPT).await;
}
