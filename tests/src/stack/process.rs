//! One process of the program under test: started, ready, watched, ended.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio_util::task::AbortOnDropHandle;

use super::binary;

const READY_WITHIN: Duration = Duration::from_secs(30);
const ENDED_WITHIN: Duration = Duration::from_secs(30);

/// A running process. Dropping it kills it.
pub struct Process {
    child: Child,
    ready: HashMap<String, String>,
    log: PathBuf,
    _output: AbortOnDropHandle<()>,
}

impl Process {
    /// Starts the program and waits for its `ready` line.
    ///
    /// Its standard error goes to `log`, which the caller keeps.
    ///
    /// # Errors
    /// When it ends before it is ready, or is not ready in time; the error
    /// holds the end of its log.
    pub async fn start(
        arguments: &[String],
        environment: &[(&str, &str)],
        log: &Path,
    ) -> Result<Self> {
        let mut child = Command::new(binary()?)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", "/nonexistent")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log)?)
            .kill_on_drop(true)
            .spawn()
            .context("start the program under test")?;
        let output = child.stdout.take().context("no standard output")?;
        let mut lines = BufReader::new(output).lines();
        let until_ready = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(facts) = line.strip_prefix("ready") {
                    return Ok(facts.split_whitespace().filter_map(fact).collect());
                }
            }
            bail!("it ended")
        };
        let ready = match tokio::time::timeout(READY_WITHIN, until_ready).await {
            Ok(Ok(ready)) => ready,
            Ok(Err(error)) => bail!("{arguments:?} is not ready: {error}\n{}", tail(log)),
            Err(_) => bail!(
                "{arguments:?} is not ready within {READY_WITHIN:?}\n{}",
                tail(log)
            ),
        };
        // A full pipe would stop the process.
        let drain = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            child,
            ready,
            log: log.to_owned(),
            _output: AbortOnDropHandle::new(drain),
        })
    }

    /// A fact of its ready line, e.g. `url`.
    ///
    /// # Errors
    /// When the line told no such fact.
    pub fn fact(&self, name: &str) -> Result<&str> {
        self.ready
            .get(name)
            .map(String::as_str)
            .with_context(|| format!("the ready line told no {name}: {:?}", self.ready))
    }

    /// Its process id.
    ///
    /// # Errors
    /// When it has ended.
    pub fn pid(&self) -> Result<i32> {
        Ok(self
            .child
            .id()
            .context("the process has ended")?
            .try_into()?)
    }

    /// Memory that it holds alone or shared, in bytes (`VmRSS`).
    ///
    /// # Errors
    /// When it has ended.
    pub fn resident_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    /// The file that it writes to.
    #[must_use]
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// All that it wrote to standard error so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn terminate(self) -> Result<ExitStatus> {
        self.ask_to_end()?;
        self.ended().await
    }

    /// Asks it to end (SIGTERM).
    ///
    /// # Errors
    /// When it has ended already.
    pub fn ask_to_end(&self) -> Result<()> {
        self.signal(Signal::TERM)
    }

    /// Holds it where it is (SIGSTOP), until it may [go on](Self::go_on).
    ///
    /// # Errors
    /// When it has ended already.
    pub fn pause(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on (SIGCONT).
    ///
    /// # Errors
    /// When it has ended already.
    pub fn go_on(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(self.pid()?).context("a process id")?;
        Ok(rustix::process::kill_process(pid, signal)?)
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn ended(mut self) -> Result<ExitStatus> {
        match tokio::time::timeout(ENDED_WITHIN, self.child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => bail!(
                "it did not end within {ENDED_WITHIN:?}\n{}",
                tail(&self.log)
            ),
        }
    }

    /// Ends it as a power cut would (SIGKILL).
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}

fn fact(word: &str) -> Option<(String, String)> {
    word.split_once('=')
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
