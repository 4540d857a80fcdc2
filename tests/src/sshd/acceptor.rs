//! Accepts connections on a port of its own and starts one `sshd -i` for
//! each. It knows nothing of what sshd is configured to do.

use std::fs::{File, OpenOptions};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal};

use super::user::Pam;

const PROGRAM: &str = "/usr/sbin/sshd";

pub(super) struct Acceptor {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    closing: AtomicBool,
    accepted: AtomicUsize,
    servers: Mutex<Vec<Child>>,
}

impl Acceptor {
    pub(super) fn start(directory: &Path, pam: Pam) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(directory.join("log"))?;
        let shared = Arc::new(Shared::default());
        let server = Server {
            config: directory.join("sshd_config"),
            pam,
            log,
        };
        let thread = std::thread::Builder::new()
            .name("sshd-acceptor".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || accept(&listener, &shared, &server)
            })?;
        Ok(Self {
            address,
            shared,
            thread: Some(thread),
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    pub(super) fn alive(&self) -> usize {
        let mut servers = self.shared.servers();
        servers.retain_mut(is_alive);
        servers.len()
    }

    pub(super) fn end_connections(&self) {
        for mut server in self.shared.servers().drain(..) {
            end(&mut server);
        }
    }
}

impl Drop for Acceptor {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        // Wakes the thread out of its `accept`.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        self.end_connections();
    }
}

impl Shared {
    fn servers(&self) -> MutexGuard<'_, Vec<Child>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Server {
    config: PathBuf,
    pam: Pam,
    log: File,
}

impl Server {
    fn serve(&self, socket: TcpStream) -> Result<Child> {
        let output = socket.try_clone().context("duplicate the socket")?;
        Command::new(PROGRAM)
            // Names the PAM service.
            .arg0(format!("/usr/sbin/{}", self.pam.service()))
            .args(["-i", "-e", "-f"])
            .arg(&self.config)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .stdin(Stdio::from(OwnedFd::from(socket)))
            .stdout(Stdio::from(OwnedFd::from(output)))
            .stderr(Stdio::from(self.log.try_clone()?))
            // A group of its own, so that its helpers end with it.
            .process_group(0)
            .spawn()
            .with_context(|| format!("start {PROGRAM} (Debian package openssh-server)"))
    }
}

fn accept(listener: &TcpListener, shared: &Shared, server: &Server) {
    for socket in listener.incoming() {
        if shared.closing.load(Ordering::SeqCst) {
            return;
        }
        let Ok(socket) = socket else { continue };
        shared.accepted.fetch_add(1, Ordering::SeqCst);
        match server.serve(socket) {
            Ok(child) => {
                let mut servers = shared.servers();
                servers.retain_mut(is_alive);
                servers.push(child);
            }
            Err(error) => eprintln!("the OpenSSH fixture cannot serve a connection: {error:#}"),
        }
    }
}

fn is_alive(server: &mut Child) -> bool {
    matches!(server.try_wait(), Ok(None))
}

fn end(server: &mut Child) {
    if let Some(group) = i32::try_from(server.id()).ok().and_then(Pid::from_raw) {
        // Fails only when the group has already ended.
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
    }
    drop(server.wait());
}
