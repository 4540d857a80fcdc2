//! A stack for tests that are not written in Rust: the browser's.
//!
//! Starts `causeway up --demo` and real targets, prints one line of JSON that
//! says where everything is, and ends all of it when its standard input is
//! closed.

use std::io::Write;

use anyhow::Result;
use causeway_tests::display::{Desk, Display};
use causeway_tests::rdp::{self, Shadow, ShadowSecurity, Xrdp};
use causeway_tests::scripted::{Round, Scripted};
use causeway_tests::silent::refusing_address;
use causeway_tests::sshd::{Sshd, USERNAME};
use causeway_tests::stack::{ADMIN_PASSWORD, Stack};
use causeway_tests::vnc::Xtigervnc;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

#[tokio::main]
async fn main() -> Result<()> {
    let stack = Stack::up_with(&["--demo"]).await?;
    let sshd = Sshd::builder().password().line("AcceptEnv *").start()?;
    let prompts = Scripted::start(vec![Round {
        name: "Second factor",
        instructions: "Look at your phone.",
        prompts: vec![("Code: ", true, "123456"), ("PIN: ", false, "0000")],
    }])
    .await?;
    add_endpoints(&stack, &sshd, &prompts).await?;
    let (vnc, xrdp, shadow) = tokio::try_join!(
        Xtigervnc::start(),
        Xrdp::start(),
        Shadow::start(800, 600, ShadowSecurity::Nla),
    )?;
    add_desktops(&stack, &vnc, &xrdp, &shadow).await?;
    let facts = json!({
        "url": stack.admin.base(),
        "username": "admin",
        "password": ADMIN_PASSWORD,
        "pid": stack.up.pid()?,
        "ssh": {
            "port": sshd.address().port(), "username": USERNAME, "password": sshd.password(), "home": sshd.home(),
        },
        "desks": {
            "vnc": desk(vnc.display(), vnc.desk()),
            "rdp": desk(&xrdp.display(), xrdp.desk()),
        },
    });
    println!("{facts}");
    std::io::stdout().flush()?;
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    stack.up.terminate().await?;
    Ok(())
}

async fn add_endpoints(stack: &Stack, sshd: &Sshd, prompts: &Scripted) -> Result<()> {
    stack.application("lab", json!({})).await?;
    let shell = json!({ "username": USERNAME, "password": sshd.password(), "locale": "C.UTF-8" });
    let with = |name: &str, value: Value| {
        let mut settings = shell.clone();
        settings[name] = value;
        settings
    };
    let targets = [
        ("shell", shell.clone()),
        ("no-copy", with("disable-copy", json!(true))),
        ("no-paste", with("disable-paste", json!(true))),
        (
            "wrong-password",
            with("password", json!("not the password")),
        ),
        ("green", with("color-scheme", json!("green-black"))),
    ];
    for (name, settings) in targets {
        stack
            .endpoint("lab", name, sshd.address(), settings)
            .await?;
    }
    stack
        .endpoint(
            "lab",
            "prompts",
            prompts.address(),
            json!({ "username": "someone" }),
        )
        .await?;
    stack
        .endpoint(
            "lab",
            "refusing",
            refusing_address().await?,
            json!({ "username": "someone" }),
        )
        .await?;
    Ok(())
}

/// How a test looks at a desktop from its own side.
fn desk(display: &Display, desk: &Desk) -> Value {
    json!({
        "display": display.name(), "authority": display.authority(), "typed": desk.typed_file(),
    })
}

async fn add_desktops(stack: &Stack, vnc: &Xtigervnc, xrdp: &Xrdp, shadow: &Shadow) -> Result<()> {
    let wrong = "not the password";
    let rdp = json!({ "username": xrdp.username(), "password": xrdp.password() });
    let targets = [
        (
            "vnc",
            "vnc",
            vnc.address(),
            json!({ "password": vnc.password() }),
        ),
        ("vnc-prompts", "vnc", vnc.address(), json!({})),
        (
            "vnc-no-copy",
            "vnc",
            vnc.address(),
            json!({
                "password": vnc.password(), "disable-copy": true, "disable-paste": true,
            }),
        ),
        (
            "vnc-wrong-password",
            "vnc",
            vnc.address(),
            json!({ "password": wrong }),
        ),
        ("rdp", "rdp", xrdp.address(), rdp),
        (
            "rdp-wrong-password",
            "rdp",
            shadow.address(),
            json!({
                "username": rdp::USERNAME, "password": wrong,
            }),
        ),
    ];
    for (name, protocol, host, settings) in targets {
        let fields = json!({ "protocol": protocol, "settings": settings });
        let host = host.to_string();
        stack.endpoint_with("lab", name, &host, fields).await?;
    }
    Ok(())
}
