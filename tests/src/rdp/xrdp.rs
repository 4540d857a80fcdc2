//! xrdp with its session manager, in namespaces of their own.
//!
//! xrdp has its configuration, sockets and the session manager's port at fixed
//! places. Here they are bind mounts over those places and a loopback network
//! that nobody else sees; so many run side by side, the machine's own xrdp is
//! left alone, and everything, sessions too, ends with one process.
//!
//! Needs root and the right to make namespaces (`CAP_SYS_ADMIN`).

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::Sine;
use crate::certificate::Certificate;
use crate::daemon::{self, Daemon};
use crate::display::{Background, Desk, Display};
use crate::relay::Relay;
use crate::sshd::{USERNAME, UnixUser};

const CONFIGURATION: &str = "/etc/xrdp";
const SESSIONS_MAX: u32 = 50;
/// Displays of fixtures that run at the same time must differ: each takes
/// hers from its port, which is its own, above those that other X servers
/// take. 6200 more must be a port (the session manager looks at it).
const FIRST_DISPLAY: u32 = 1000;
const DISPLAYS: u32 = 50_000;

/// What a server is like.
#[must_use]
pub struct XrdpBuilder {
    policy: &'static str,
    settings: Vec<(String, String)>,
    photo: Option<(usize, usize)>,
}

impl XrdpBuilder {
    /// Gives every connection a session of its own, instead of the one that
    /// its user left.
    pub fn session_for_each_connection(mut self) -> Self {
        self.policy = "UBC";
        self
    }

    /// A setting of `xrdp.ini`, e.g. `max_bpp`.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Has a photo of a size behind the windows.
    pub fn photo(mut self, width: usize, height: usize) -> Self {
        self.photo = Some((width, height));
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When not root, when namespaces cannot be made, or when Debian's `xrdp`,
    /// `xorgxrdp`, `openbox` or `xterm` is not there or does not start.
    pub async fn start(self) -> Result<Xrdp> {
        let account = UnixUser::ensure()?;
        let directory = TempDir::with_prefix("causeway-xrdp-")?;
        let path = directory.path();
        // The session runs as the account.
        fs::set_permissions(path, Permissions::from_mode(0o755))?;
        let socket = path.join("rdp.socket");
        let relay = Relay::start(socket.clone()).await?;
        let display = FIRST_DISPLAY + u32::from(relay.address().port()) % DISPLAYS;
        let certificate = Certificate::generate(path)?;
        fs::set_permissions(certificate.key(), Permissions::from_mode(0o644))?;
        let desk = home(path, self.photo)?;
        self.write_configuration(path, &desk, &certificate, display)?;
        let mut command = daemon::command("unshare");
        command
            .args(["--net", "--mount", "--pid", "--fork", "--mount-proc"])
            .args(["--kill-child=KILL", "--", "sh", "-c", START, "sh"])
            .args([path, account.home().as_path()]);
        let mut server = Daemon::start(command, &path.join("start.log"))?;
        server
            .until("socket", || socket.exists().then_some(()))
            .await?;
        Ok(Xrdp {
            relay,
            server,
            display,
            desk,
            certificate,
            account,
            directory,
        })
    }

    fn write_configuration(
        &self,
        directory: &Path,
        desk: &Desk,
        certificate: &Certificate,
        display: u32,
    ) -> Result<()> {
        let target = directory.join("configuration");
        let copied = std::process::Command::new("cp")
            .args(["-a", CONFIGURATION])
            .arg(&target)
            .status()?;
        ensure!(
            copied.success(),
            "no {CONFIGURATION} to copy (Debian package xrdp)"
        );
        let file = |name: &str| directory.join(name).display().to_string();
        let mut xrdp = vec![
            ("port", format!("unix://.{}", file("rdp.socket"))),
            ("fork", "true".to_owned()),
            (
                "certificate",
                certificate.certificate().display().to_string(),
            ),
            ("key_file", certificate.key().display().to_string()),
            ("autorun", "Xorg".to_owned()),
            ("EnableSyslog", "false".to_owned()),
            ("LogFile", file("xrdp.log")),
        ];
        let further = self.settings.iter();
        xrdp.extend(further.map(|(name, value)| (name.as_str(), value.clone())));
        let sesman = [
            ("EnableUserWindowManager", "false".to_owned()),
            ("DefaultWindowManager", desk.script().display().to_string()),
            ("Policy", self.policy.to_owned()),
            ("X11DisplayOffset", display.to_string()),
            ("MaxSessions", SESSIONS_MAX.to_string()),
            ("EnableSyslog", "false".to_owned()),
            ("LogFile", file("sesman.log")),
        ];
        set(&target.join("xrdp.ini"), &xrdp)?;
        set(&target.join("sesman.ini"), &sesman)
    }
}

/// A running server. Dropping it ends it and its sessions.
pub struct Xrdp {
    relay: Relay,
    server: Daemon,
    display: u32,
    desk: Desk,
    certificate: Certificate,
    account: UnixUser,
    directory: TempDir,
}

impl Xrdp {
    /// A server as Debian sets it up.
    pub fn builder() -> XrdpBuilder {
        XrdpBuilder {
            policy: "Default",
            settings: Vec::new(),
            photo: None,
        }
    }

    /// The same, started.
    ///
    /// # Errors
    /// As [`XrdpBuilder::start`].
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.relay.address()
    }

    /// The account to sign in to.
    #[must_use]
    pub const fn username(&self) -> &'static str {
        USERNAME
    }

    /// The account's password.
    #[must_use]
    pub fn password(&self) -> &str {
        self.account.password()
    }

    /// The certificate that it shows.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The display of the first session, seen from this machine; there is
    /// none before somebody signed in.
    #[must_use]
    pub fn display(&self) -> Display {
        Display::with_authority(self.display, self.home().join(".Xauthority"))
    }

    /// What is on the first session's display.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Waits until a session's desk is there and at rest.
    ///
    /// # Errors
    /// When nobody's session comes up.
    pub async fn session(&mut self) -> Result<Display> {
        let desk = &self.desk;
        self.server
            .until("desk", || desk.is_ready().then_some(()))
            .await
            .with_context(|| self.desk.last_words())?;
        let display = self.display();
        display.at_rest().await?;
        Ok(display)
    }

    /// Plays a tone into the first session, while somebody is connected.
    ///
    /// # Errors
    /// When the session takes no sound.
    pub async fn play(&self, sine: Sine) -> Result<()> {
        let name = format!("xrdp_chansrv_audio_out_socket_{}", self.display);
        sine.play(&self.directory.path().join("run/sockdir").join(name))
            .await
    }

    /// How many connections came so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.relay.accepted()
    }

    /// Cuts all connections; the sessions live on.
    pub fn cut(&self) {
        self.relay.cut();
    }

    /// Ends the server and all sessions as a power cut would.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// The ends of its logs.
    #[must_use]
    pub fn last_words(&self) -> String {
        ["start.log", "sesman.log", "xrdp.log"]
            .map(|name| daemon::tail(&self.directory.path().join(name)))
            .join("\n")
    }

    fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }
}

impl Drop for Xrdp {
    fn drop(&mut self) {
        self.server.kill();
        // What an X server that was killed leaves behind.
        for file in [
            format!("/tmp/.X11-unix/X{}", self.display),
            format!("/tmp/.X{}-lock", self.display),
        ] {
            drop(fs::remove_file(file));
        }
    }
}

/// In the namespaces: its own files over the fixed places, then both servers.
/// `$1` is the fixture's directory, `$2` the account's home.
const START: &str = r#"
set -e
mount --make-rprivate /
ip link set lo up
mkdir -p /run/xrdp
mount --bind "$1/configuration" /etc/xrdp
mount --bind "$1/run" /run/xrdp
mount --bind "$1/home" "$2"
chown root:xrdp /run/xrdp /run/xrdp/sockdir
chmod 2775 /run/xrdp
chmod 3777 /run/xrdp/sockdir
xrdp-sesman --nodaemon &
exec xrdp --nodaemon
"#;

/// A home for the account that is this server's alone, with the desk in it.
fn home(directory: &Path, photo: Option<(usize, usize)>) -> Result<Desk> {
    fs::create_dir_all(directory.join("run/sockdir"))?;
    let home = directory.join("home");
    fs::create_dir(&home)?;
    let background = photo.map_or(Background::Plain, |(width, height)| Background::Photo {
        width,
        height,
    });
    let desk = Desk::write(&home, background)?;
    let account = account_numbers()?;
    chown(&home, Some(account.0), Some(account.1))?;
    Ok(desk)
}

/// User and group of the account, by number.
fn account_numbers() -> Result<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    let line = accounts
        .lines()
        .find(|line| line.split(':').next() == Some(USERNAME))
        .context("the account is in /etc/passwd")?;
    let fields: Vec<_> = line.split(':').collect();
    Ok((fields[2].parse()?, fields[3].parse()?))
}

/// Sets lines `name=value` that are there: the first of each name, since later
/// sections are of other things.
fn set(file: &Path, settings: &[(&str, String)]) -> Result<()> {
    let text = fs::read_to_string(file)?;
    for (name, _) in settings {
        ensure!(
            text.lines().any(|line| names(line, name)),
            "{} has no setting {name}",
            file.display()
        );
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (name, value) in settings {
        if let Some(line) = lines.iter_mut().find(|line| names(line, name)) {
            *line = format!("{name}={value}");
        }
    }
    Ok(fs::write(file, lines.join("\n") + "\n")?)
}

fn names(line: &str, setting: &str) -> bool {
    line.strip_prefix(setting)
        .is_some_and(|rest| rest.starts_with('='))
}
