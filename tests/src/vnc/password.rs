//! The file of a VNC password, obscured as every VNC server expects it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

pub(super) fn write(file: &Path, password: &str) -> Result<()> {
    let mut tool = Command::new("tigervncpasswd")
        .arg("-f")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("start tigervncpasswd (Debian package tigervnc-tools)")?;
    tool.stdin
        .take()
        .context("no standard input")?
        .write_all(format!("{password}\n").as_bytes())?;
    let output = tool.wait_with_output()?;
    ensure!(output.status.success(), "tigervncpasswd failed");
    Ok(std::fs::write(file, output.stdout)?)
}
