//! Passwords, `none`, and the user's name.

use causeway_model::object::EndReason;
use causeway_tests::sshd::Sshd;
use causeway_wire::message::{Fault, Step};

use crate::support::{Answer, Setup, left};

#[tokio::test]
async fn a_password_of_the_settings_opens_a_shell() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    let welcome = viewer.welcome().await;
    assert_eq!(welcome.endpoint_name, "web-01");
    viewer.prompt().await;
    assert_eq!(
        viewer.run("whoami").await,
        format!("{}\r\n", sshd.username())
    );
    running.end(EndReason::Terminated).await;
    left(&sshd).await;
}

#[tokio::test]
async fn a_wrong_password_of_the_settings_is_the_endpoints_fault() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::sshd(&sshd).set("password", "wrong").open().await;
    let failure = viewer.failure().await;
    assert_eq!(failure.code, "auth_failed");
    assert_eq!(failure.fault(), Fault::Configuration);
    assert_eq!(failure.step(), Step::Authenticate);
    viewer.closed().await;
    running.over().await;
}

#[tokio::test]
async fn a_missing_name_and_password_are_asked_for() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = Setup::at(sshd.address()).open().await;
    let name = viewer.question().await;
    assert_eq!(name.prompts[0].label, "User name");
    assert!(name.prompts[0].echo);
    viewer
        .answer(&name, Answer::Texts(&[sshd.username()]))
        .await;
    let password = viewer.question().await;
    assert_eq!(password.prompts[0].label, "Password");
    assert!(!password.prompts[0].echo);
    assert!(
        password.title.contains(sshd.username()),
        "{}",
        password.title
    );
    viewer
        .answer(&password, Answer::Texts(&[sshd.password()]))
        .await;
    viewer.prompt().await;
}

#[tokio::test]
async fn a_person_may_mistype_twice() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = Setup::sshd(&sshd).open().await;
    for _ in 0..2 {
        let question = viewer.question().await;
        viewer.answer(&question, Answer::Texts(&["wrong"])).await;
    }
    let question = viewer.question().await;
    assert!(
        question.instruction.contains("not accepted"),
        "{}",
        question.instruction
    );
    viewer
        .answer(&question, Answer::Texts(&[sshd.password()]))
        .await;
    viewer.prompt().await;
}

#[tokio::test]
async fn three_wrong_passwords_are_the_persons_fault() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = Setup::sshd(&sshd).open().await;
    for _ in 0..3 {
        let question = viewer.question().await;
        viewer.answer(&question, Answer::Texts(&["wrong"])).await;
    }
    let failure = viewer.failure().await;
    assert_eq!(
        (failure.code.as_str(), failure.fault()),
        ("auth_failed", Fault::Viewer)
    );
}

#[tokio::test]
async fn a_person_may_decline() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::sshd(&sshd).open().await;
    let question = viewer.question().await;
    viewer.answer(&question, Answer::Cancel).await;
    assert_eq!(viewer.failure().await.code, "auth_cancelled");
    running.over().await;
    left(&sshd).await;
}

#[tokio::test]
async fn none_lets_in_without_a_question() {
    let sshd = Sshd::builder().none().start().unwrap();
    let (_running, mut viewer) = Setup::sshd(&sshd).open().await;
    viewer.prompt().await;
}

#[tokio::test]
async fn a_method_that_the_settings_do_not_serve_is_named() {
    let sshd = Sshd::builder().authorize("").start().unwrap();
    let (_running, mut viewer) = Setup::signed_in(&sshd).open().await;
    let failure = viewer.failure().await;
    assert_eq!(failure.code, "auth_method_unsupported");
    assert_eq!(failure.details["offered"], "publickey");
}
