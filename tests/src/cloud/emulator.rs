//! Emulators as processes: started, waited for, ended when they are dropped.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use tokio::process::{Child, Command};

use super::{Aws, DECISIONS, LOG, root};

/// How long an emulator may take to come up.
const UP_WITHIN: Duration = Duration::from_secs(60);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Starts ministack with roles enforced. What it logs and decides is in
/// `directory`.
pub(super) async fn ministack(aws: &Aws, address: &str, directory: &Path) -> Result<Child> {
    let python = root().join("target/cloud/ministack/bin/python");
    ensure!(
        python.exists(),
        "the emulator is not installed: localstack/install ministack"
    );
    let mut command = Command::new(python);
    command
        .arg(root().join("localstack/ministack_with_conditions.py"))
        .envs([
            ("AUTH", "true"),
            ("GATEWAY_PORT", "4566"),
            ("BIND_HOST", address),
        ])
        .env("AWS_ENDPOINT_URL", aws.endpoint())
        .env("CAUSEWAY_DECISIONS", directory.join(DECISIONS));
    started(command, aws, &directory.join(LOG)).await
}

/// Starts LocalStack without Docker, for a front door at `door`. What it keeps is
/// in `directory`; its database and functions end with it, however it ends.
pub(super) async fn localstack(
    aws: &Aws,
    address: &str,
    door: &str,
    directory: &Path,
) -> Result<Child> {
    ensure!(
        root().join("target/cloud/localstack/installed").exists(),
        "the emulator is not installed: localstack/install localstack"
    );
    let mut command = Command::new(root().join("localstack/host/run"));
    command
        .env("LOCALSTACK_ADDRESS", address)
        .env("LOCALSTACK_DATA", directory.join("localstack"))
        .env("FRONT_DOOR_LISTEN", door);
    started(command, aws, &directory.join(LOG)).await
}

async fn started(mut command: Command, aws: &Aws, log: &Path) -> Result<Child> {
    let file = std::fs::File::create(log)?;
    let mut emulator = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .kill_on_drop(true)
        .spawn()?;
    let health = format!("{}/_localstack/health", aws.endpoint());
    let up = async {
        loop {
            if let Some(status) = emulator.try_wait()? {
                bail!("it ended: {status}");
            }
            let asked = reqwest::get(&health).await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let up = match tokio::time::timeout(UP_WITHIN, up).await {
        Ok(up) => up,
        Err(_) => bail!("it does not answer within {UP_WITHIN:?}"),
    };
    if let Err(error) = up {
        let said = std::fs::read_to_string(log)?;
        return Err(error.context(format!("the emulator did not come up: {said}")));
    }
    Ok(emulator)
}
