//! What most scenarios share: a stack with one application, `lab`.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use causeway_tests::session::Viewer;
use causeway_tests::sshd::{Sshd, USERNAME};
use causeway_tests::stack::{Api, Launched, Stack};
use causeway_tests::wait;
use serde_json::{Value, json};

/// Name of the application and its provider.
pub(crate) const LAB: &str = "lab";

/// How long a state may take to come about.
const PATIENCE: Duration = Duration::from_secs(20);

/// `causeway up` with the application.
pub(crate) async fn lab() -> Result<Stack> {
    let stack = Stack::up().await?;
    stack.application(LAB, json!({})).await?;
    Ok(stack)
}

/// A lab with one endpoint `shell`, which signs in to a server by password.
pub(crate) async fn lab_with_shell() -> Result<(Stack, Sshd)> {
    lab_with_shell_and(json!({})).await
}

/// The same with further settings.
pub(crate) async fn lab_with_shell_and(further: Value) -> Result<(Stack, Sshd)> {
    let sshd = Sshd::with_password()?;
    let stack = lab().await?;
    stack
        .endpoint(LAB, "shell", sshd.address(), settings(&sshd, further))
        .await?;
    Ok((stack, sshd))
}

/// The same with edges and nodes as processes of their own: nobody is carried by
/// the control plane's own edge.
pub(crate) async fn split_lab_with_shell(
    environment: &[(&str, &str)],
    edges: usize,
    nodes: usize,
) -> Result<(Stack, Sshd)> {
    let stack = Stack::split_in(environment, edges, nodes).await?;
    let built_in = "/api/v1/admin/edges/built-in";
    stack.admin.delete(built_in).await?.ok()?;
    let sshd = Sshd::with_password()?;
    stack.application(LAB, json!({})).await?;
    let settings = settings(&sshd, json!({}));
    stack
        .endpoint(LAB, "shell", sshd.address(), settings)
        .await?;
    Ok((stack, sshd))
}

/// Settings that sign in to a server by password.
pub(crate) fn settings(sshd: &Sshd, further: Value) -> Value {
    let mut settings = json!({ "username": USERNAME, "password": sshd.password() });
    if let (Value::Object(settings), Value::Object(further)) = (&mut settings, further) {
        settings.extend(further);
    }
    settings
}

/// Launches `shell` as the administrator and waits for its prompt.
pub(crate) async fn shell(stack: &Stack) -> Result<(Launched, Viewer)> {
    shell_of(&stack.admin, LAB).await
}

/// Launches `shell` of an application and waits for its prompt.
pub(crate) async fn shell_of(api: &Api, application: &str) -> Result<(Launched, Viewer)> {
    let launched = api.launch(application, "shell").await?;
    let mut viewer = Viewer::open(&launched.entry).await?;
    viewer.wait_for("$ ").await?;
    Ok((launched, viewer))
}

/// Makes an endpoint, launches it and attaches to it.
pub(crate) async fn open(stack: &Stack, host: SocketAddr, settings: Value) -> Result<Viewer> {
    stack.endpoint(LAB, "target", host, settings).await?;
    let launched = stack.admin.launch(LAB, "target").await?;
    Viewer::open(&launched.entry).await
}

/// Waits until a state has come about; the last look is in the error.
pub(crate) async fn eventually<T, F>(what: &str, look: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Result<T, String>>>,
{
    wait::eventually(what, PATIENCE, look).await
}

/// The connection as the API tells it.
pub(crate) async fn connection(stack: &Stack, id: &str) -> Result<Value> {
    stack
        .admin
        .get(&format!("/api/v1/connections/{id}"))
        .await?
        .ok()
}

/// Waits until a connection is in a state, and tells it.
pub(crate) async fn connection_in(stack: &Stack, id: &str, state: &str) -> Result<Value> {
    eventually(&format!("state {state}"), || async {
        let connection = connection(stack, id).await?;
        Ok(if connection["state"] == state {
            Ok(connection)
        } else {
            Err(connection.to_string())
        })
    })
    .await
}

/// The process id that a shell tells of itself.
pub(crate) async fn shell_pid(viewer: &mut Viewer) -> Result<u32> {
    viewer.enter("echo pid=$$=").await?;
    // Once as typed, once as answered.
    viewer.wait_for("pid=$$=").await?;
    viewer.wait_for("pid=").await?;
    viewer.wait_for("=").await?;
    let text = viewer.text();
    let answer = text.rsplit("pid=").next().unwrap_or_default();
    Ok(answer.split('=').next().unwrap_or_default().parse()?)
}

/// Whether a process runs; one that ended and was not waited for does not.
pub(crate) fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .starts_with(" Z")
    })
}
