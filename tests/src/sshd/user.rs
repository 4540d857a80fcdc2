//! The one unix account that the OpenSSH fixture signs in to.
//!
//! Made once a machine and shared by all tests that run at the same time.
//! Its password is random and readable by root alone: a developer's machine
//! never gets an account that others could guess. It is not made for
//! anything but tests, and has no rights of its own.

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// Name of the account.
pub const USERNAME: &str = "causeway-test";

const STATE: &str = "/var/lib/causeway-tests";
const PROMPT: &str = "$ ";

/// The account, known to exist.
#[derive(Clone)]
pub struct UnixUser {
    password: String,
}

impl UnixUser {
    /// Finds or makes the account.
    ///
    /// # Errors
    /// When not run as root, or when `useradd` or `chpasswd` fails.
    pub fn ensure() -> Result<Self> {
        ensure!(
            rustix::process::geteuid().is_root(),
            "the OpenSSH fixture needs root: it makes a unix account and lets sshd sign in to it"
        );
        fs::create_dir_all(STATE).with_context(|| format!("make {STATE}"))?;
        fs::set_permissions(STATE, Permissions::from_mode(0o755))?;
        let lock = File::create(Path::new(STATE).join("lock"))?;
        lock.lock().context("lock the account")?;
        write_if_other(
            Path::new("/etc/pam.d")
                .join(Pam::OnePrompt.service())
                .as_path(),
            ONE_PROMPT,
        )?;
        write_if_other(
            Path::new("/etc/pam.d")
                .join(Pam::TwoPrompts.service())
                .as_path(),
            TWO_PROMPTS,
        )?;
        write_if_other(
            Path::new("/etc/pam.d")
                .join(Pam::Nothing.service())
                .as_path(),
            NOTHING,
        )?;
        fs::create_dir_all("/run/sshd")
            .context("make the directory that sshd separates itself in")?;
        ensure_account()?;
        Ok(Self {
            password: ensure_password()?,
        })
    }

    /// Its password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Its home directory; the shell's prompt there is `$ `.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        home()
    }
}

/// What PAM asks before it lets somebody in.
///
/// sshd takes the name of its PAM service from the name that it was started
/// under, so these need no change to the machine's own services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pam {
    /// The password, once.
    OnePrompt,
    /// The password, and in a second round an e-mail address.
    TwoPrompts,
    /// Nothing: any password is right, an empty one too.
    Nothing,
}

impl Pam {
    pub(crate) const fn service(self) -> &'static str {
        match self {
            Self::OnePrompt => "causeway-test-one-prompt",
            Self::TwoPrompts => "causeway-test-two-prompts",
            Self::Nothing => "causeway-test-nothing",
        }
    }
}

const ONE_PROMPT: &str = "\
auth required pam_unix.so nodelay
account required pam_unix.so
session required pam_permit.so
";
const TWO_PROMPTS: &str = "\
auth required pam_unix.so nodelay
auth required pam_ftp.so users=causeway-test
account required pam_unix.so
session required pam_permit.so
";
const NOTHING: &str = "\
auth required pam_permit.so
account required pam_permit.so
session required pam_permit.so
";

fn home() -> PathBuf {
    Path::new(STATE).join("home")
}

fn ensure_account() -> Result<()> {
    if !Command::new("id")
        .arg(USERNAME)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?
        .success()
    {
        run(Command::new("useradd")
            .args(["--no-create-home", "--shell", "/bin/bash", "--home-dir"])
            .arg(home())
            .arg(USERNAME))?;
    }
    fs::create_dir_all(home())?;
    write_if_other(&home().join(".bash_profile"), ". ~/.bashrc\n")?;
    write_if_other(
        &home().join(".bashrc"),
        &format!(
            "PS1='{PROMPT}'\nHISTFILE=\nset +o history\nbind 'set enable-bracketed-paste on' 2>/dev/null\n"
        ),
    )?;
    write_if_other(&home().join(".hushlogin"), "")?;
    run(Command::new("chown")
        .arg("-R")
        .arg(format!("{USERNAME}:"))
        .arg(home()))
}

fn ensure_password() -> Result<String> {
    let file = Path::new(STATE).join("password");
    if let Ok(password) = fs::read_to_string(&file) {
        return Ok(password);
    }
    let mut random = [0_u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    let password = random.iter().fold(String::from("test-"), |text, byte| {
        format!("{text}{byte:02x}")
    });
    let mut chpasswd = Command::new("chpasswd")
        .stdin(Stdio::piped())
        .spawn()
        .context("run chpasswd")?;
    chpasswd
        .stdin
        .take()
        .context("chpasswd has no standard input")?
        .write_all(format!("{USERNAME}:{password}\n").as_bytes())?;
    ensure!(chpasswd.wait()?.success(), "chpasswd failed");
    let draft = file.with_extension("draft");
    fs::write(&draft, &password)?;
    fs::set_permissions(&draft, Permissions::from_mode(0o600))?;
    fs::rename(&draft, &file)?;
    Ok(password)
}

fn write_if_other(file: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(file).is_ok_and(|found| found == text) {
        return Ok(());
    }
    fs::write(file, text).with_context(|| format!("write {}", file.display()))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("run {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
