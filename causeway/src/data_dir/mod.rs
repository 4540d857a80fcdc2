//! The data directory: everything that a process keeps, and where.
//!
//! ```text
//! DIR/                     0700
//!   lock                   held while a process uses the directory
//!   table/                 the embedded store                       (up)
//!   keys/signing.pk8       Ed25519 key that signs tickets and passes (up)
//!   keys/secrets.key       key that seals secret settings            (up)
//!   admin-password         the first administrator's password        (up)
//!   edge/                  key and identity of the edge              (up, edge)
//!   node/                  key and identity of the node              (up, outpost)
//!   demo/host-key          host key of the demo target               (up --demo)
//!   demo/password          password of the demo target               (up --demo)
//! ```
//!
//! Every file that holds a secret is readable by its owner only and written
//! whole or not at all.

mod lock;
mod private_file;

use std::io;
use std::path::{Path, PathBuf};

pub(crate) use lock::LockError;
pub(crate) use private_file::{PrivateFileError, read_or_create};

use lock::Lock;

/// A data directory that no other process uses.
#[derive(Debug)]
pub(crate) struct DataDir {
    root: PathBuf,
    _lock: Lock,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataDirError {
    #[error("cannot make the data directory {}", path.display())]
    Create { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Lock(#[from] LockError),
}

impl DataDir {
    /// Opens the directory, made when it is missing, and keeps others out
    /// until it is dropped.
    ///
    /// # Errors
    /// When it cannot be made, or another process uses it.
    pub(crate) fn open(root: &Path) -> Result<Self, DataDirError> {
        create_private(root)?;
        let root = root.canonicalize().map_err(|source| DataDirError::Create {
            path: root.into(),
            source,
        })?;
        let lock = Lock::take(&root.join("lock"))?;
        Ok(Self { root, _lock: lock })
    }

    /// The embedded store.
    pub(crate) fn table(&self) -> PathBuf {
        self.root.join("table")
    }

    /// Ed25519 key that signs tickets, passes and orders; PKCS#8.
    pub(crate) fn signing_key(&self) -> PathBuf {
        self.root.join("keys/signing.pk8")
    }

    /// Key that seals secret settings.
    pub(crate) fn secrets_key(&self) -> PathBuf {
        self.root.join("keys/secrets.key")
    }

    /// The first administrator's password.
    pub(crate) fn admin_password(&self) -> PathBuf {
        self.root.join("admin-password")
    }

    /// Key and identity of the edge.
    pub(crate) fn edge(&self) -> PathBuf {
        self.root.join("edge")
    }

    /// Key and identity of the node.
    pub(crate) fn node(&self) -> PathBuf {
        self.root.join("node")
    }

    /// Host key of the demo target; OpenSSH form.
    pub(crate) fn demo_host_key(&self) -> PathBuf {
        self.root.join("demo/host-key")
    }

    /// Password of the demo target.
    pub(crate) fn demo_password(&self) -> PathBuf {
        self.root.join("demo/password")
    }
}

fn create_private(path: &Path) -> Result<(), DataDirError> {
    private_file::create_directory(path).map_err(|source| DataDirError::Create {
        path: path.into(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_new_directory_is_private() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("a/b");
        let _data = DataDir::open(&root).unwrap();
        let mode = root.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn two_processes_never_share_it() {
        let root = tempfile::tempdir().unwrap();
        let first = DataDir::open(root.path()).unwrap();
        let error = DataDir::open(root.path()).unwrap_err().to_string();
        assert!(error.contains("in use"), "{error}");
        drop(first);
        DataDir::open(root.path()).unwrap();
    }
}
