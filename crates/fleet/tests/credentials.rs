//! Credentials of a role, told by made-up agents on loopback.
#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;

use aws_credential_types::Credentials;
use causeway_fleet::{CredentialsError, RoleCredentials};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const GOOD: &str = r#"{"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"hush",
    "Token":"session","Expiration":"2099-01-01T00:00:00Z"}"#;

/// Reads credentials while these answers are given, one a request; what was
/// asked, in lower case, and what came of it.
async fn read(
    environment: &[(&str, String)],
    listener: TcpListener,
    answers: &[(u16, &str)],
) -> (Vec<String>, Result<Credentials, CredentialsError>) {
    let credentials = RoleCredentials::find(|name| {
        let mut all = environment.iter();
        let found = all.find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    });
    let credentials = credentials.unwrap();
    let mut asked = Vec::new();
    let answering = async {
        for (status, answer) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            asked.push(String::from_utf8(head).unwrap().to_lowercase());
            let length = answer.len();
            let answer = format!(
                "HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    };
    let (told, ()) = tokio::join!(credentials.read(), answering);
    (asked, told)
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

async fn container(
    answers: &[(u16, &str)],
) -> (Vec<String>, Result<Credentials, CredentialsError>) {
    let (listener, url) = listen().await;
    let environment = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{url}/role"))];
    read(&environment, listener, answers).await
}

#[tokio::test]
async fn the_agent_beside_a_container_is_shown_its_authorization() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from the file\n").unwrap();
    let file = file.path().display().to_string();
    for (name, value, shown) in [
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "given".to_owned(),
            "given",
        ),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            file,
            "from the file",
        ),
    ] {
        let (listener, url) = listen().await;
        let full = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{url}/role"));
        let (asked, told) = read(&[full, (name, value)], listener, &[(200, GOOD)]).await;
        let told = told.unwrap();
        assert_eq!(
            (told.access_key_id(), told.secret_access_key()),
            ("ASIA1", "hush")
        );
        assert_eq!(told.session_token(), Some("session"));
        assert!(told.expiry().is_some());
        assert!(asked[0].starts_with("get /role http"), "{asked:?}");
        assert!(
            asked[0].contains(&format!("authorization: {shown}\r\n")),
            "{asked:?}"
        );
    }
    let (asked, told) = container(&[(200, GOOD)]).await;
    assert!(
        told.is_ok() && !asked[0].contains("authorization"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn an_instance_is_asked_with_a_token_of_its_session() {
    let (listener, url) = listen().await;
    let environment = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)];
    let answers = [
        (200, "session-of-ours"),
        (200, "causeway-edge\n"),
        (200, GOOD),
    ];
    let (asked, told) = read(&environment, listener, &answers).await;
    assert_eq!(told.unwrap().access_key_id(), "ASIA1");
    assert!(
        asked[0].starts_with("put /latest/api/token http"),
        "{asked:?}"
    );
    assert!(
        asked[0].contains("x-aws-ec2-metadata-token-ttl-seconds: 60"),
        "{asked:?}"
    );
    let roles = "get /latest/meta-data/iam/security-credentials/";
    assert!(asked[1].starts_with(&format!("{roles} http")), "{asked:?}");
    assert!(
        asked[2].starts_with(&format!("{roles}causeway-edge http")),
        "{asked:?}"
    );
    for asked in &asked[1..] {
        assert!(
            asked.contains("x-aws-ec2-metadata-token: session-of-ours"),
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn a_name_that_is_no_role_leads_nowhere() {
    for name in ["", "../../user-data", "a b", "<html>"] {
        let (listener, url) = listen().await;
        let environment = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)];
        let (_, told) = read(&environment, listener, &[(200, "t"), (200, name)]).await;
        assert!(matches!(told, Err(CredentialsError::Unreadable)), "{name}");
    }
}

#[tokio::test]
async fn who_is_asked_too_often_is_asked_again() {
    let (asked, told) = container(&[(429, ""), (503, ""), (200, GOOD)]).await;
    assert!(told.is_ok() && asked.len() == 3);
    let (_, told) = container(&[(500, ""); 3]).await;
    assert!(matches!(
        told,
        Err(CredentialsError::Refused { status: 500 })
    ));
    let (_, told) = container(&[(403, "no")]).await;
    assert!(matches!(
        told,
        Err(CredentialsError::Refused { status: 403 })
    ));
}

#[tokio::test]
async fn what_is_late_or_no_credentials_is_refused_and_not_shown() {
    let late = GOOD.replace("2099", "2009");
    let (_, told) = container(&[(200, &late)]).await;
    assert!(matches!(told, Err(CredentialsError::Expired)));
    let long = format!("\"{}\"", "hush".repeat(8 * 1024));
    for text in ["", "{}", r#"{"AccessKeyId":"hush"}"#, &*long] {
        let (_, told) = container(&[(200, text)]).await;
        let error = told.unwrap_err();
        assert!(matches!(error, CredentialsError::Unreadable), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("hush"));
    }
}
