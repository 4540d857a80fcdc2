//! Opens the table's file on one machine, or says why not.
//!
//! Everything that can be wrong with the file is found before the engine
//! touches it: permissions, another process, a file that is not ours, one of a
//! newer program, one that is torn. A refusal changes nothing on disk.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use dynoxide::{Database, DynoxideError};
use rusqlite::{Connection, OpenFlags};

use super::worker::Engine;

/// The table's file in the data directory.
pub const FILE_NAME: &str = "table.db";

/// The lock that keeps a second process out.
const LOCK_NAME: &str = "table.lock";

/// Marks a SQLite file as ours (`PRAGMA application_id`): "CwTb".
const APPLICATION_ID: i32 = 0x4377_5462;

/// Version of the layout in [`crate::key`] (`PRAGMA user_version`).
const LAYOUT_VERSION: i32 = 1;

/// The first bytes of every SQLite file.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A SQLite file has at least one page, of at least this many bytes.
const SQLITE_BYTES_MIN: usize = 512;

/// Why the table on this machine cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory or the file cannot be made, read or locked.
    #[error("cannot use {path}")]
    Io {
        /// What was being used.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read or write the directory or the file.
    #[error("{path} can be used by others (mode {mode:04o}): run `chmod {wanted:o} {path}`")]
    Permissions {
        /// The directory or the file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// The mode that it must have.
        wanted: u32,
    },
    /// Another process has the directory open.
    #[error("{directory} is in use by another process")]
    InUse {
        /// The data directory.
        directory: PathBuf,
    },
    /// The file is not a table of this program.
    #[error("{path} is not a causeway table ({found}); move it away or choose another directory")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: String,
    },
    /// The file was written by a newer version of this program.
    #[error("{path} was written by a newer causeway ({found}); upgrade to open it")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: String,
    },
    /// The file is damaged.
    #[error("{path} is damaged ({found}); restore it from a backup")]
    Torn {
        /// The file.
        path: PathBuf,
        /// What the check found first.
        found: String,
    },
    /// The engine refused the file.
    #[error("the engine cannot open {path}")]
    Engine {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Keeps other processes out of a data directory while it lives.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    _file: File,
}

/// Opens the table's file in `directory`, making both when they are missing.
/// Blocks.
pub(crate) fn open(directory: &Path) -> Result<Engine, OpenError> {
    prepare_directory(directory)?;
    let lock = lock(directory)?;
    let path = directory.join(FILE_NAME);
    if path.try_exists().map_err(io_at(&path))? {
        inspect(&path)?;
    } else {
        create(directory, &path)?;
    }
    let text = path.to_str().ok_or_else(|| OpenError::Foreign {
        path: path.clone(),
        found: "a path that is not UTF-8".to_owned(),
    })?;
    let database = Database::new(text).map_err(engine_at(&path))?;
    // From here on the engine leaves the sync of its log to the worker (see
    // `worker`). Despite its name this call sets `synchronous=NORMAL`.
    database.disable_bulk_loading().map_err(engine_at(&path))?;
    let log_path = directory.join(format!("{FILE_NAME}-wal"));
    let log = File::open(&log_path).map_err(io_at(&log_path))?;
    // The log's name must survive a power cut as well as what is in it.
    sync_directory(directory)?;
    Ok(Engine {
        database,
        log: Some(log),
        _lock: Some(lock),
    })
}

/// An engine that forgets everything, for tests.
pub(crate) fn open_in_memory() -> Result<Engine, OpenError> {
    let database = Database::memory().map_err(engine_at(Path::new("memory")))?;
    Ok(Engine {
        database,
        log: None,
        _lock: None,
    })
}

fn prepare_directory(directory: &Path) -> Result<(), OpenError> {
    if !directory.try_exists().map_err(io_at(directory))? {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(io_at(directory))?;
    }
    require_mode(directory, 0o700)
}

fn require_mode(path: &Path, wanted: u32) -> Result<(), OpenError> {
    let metadata = std::fs::metadata(path).map_err(io_at(path))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(OpenError::Permissions {
        path: path.to_owned(),
        mode,
        wanted,
    })
}

fn lock(directory: &Path) -> Result<DirectoryLock, OpenError> {
    let path = directory.join(LOCK_NAME);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(io_at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(DirectoryLock { _file: file }),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse {
            directory: directory.to_owned(),
        }),
        Err(std::fs::TryLockError::Error(error)) => Err(io_at(&path)(error)),
    }
}

/// Makes a marked, empty file under another name and moves it into place, so
/// that a half-made file never carries the table's name.
fn create(directory: &Path, path: &Path) -> Result<(), OpenError> {
    let draft = directory.join(format!("{FILE_NAME}.new"));
    for leftover in ["", "-wal", "-shm", "-journal"] {
        let leftover = directory.join(format!("{FILE_NAME}.new{leftover}"));
        match std::fs::remove_file(&leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_at(&leftover)(error));
            }
            _ => {}
        }
    }
    File::create(&draft)
        .and_then(|file| file.set_permissions(Permissions::from_mode(0o600)))
        .map_err(io_at(&draft))?;
    let mark = || -> rusqlite::Result<()> {
        let connection = Connection::open(&draft)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "user_version", LAYOUT_VERSION)?;
        connection.close().map_err(|(_, error)| error)
    };
    mark().map_err(engine_at(&draft))?;
    std::fs::rename(&draft, path).map_err(io_at(path))?;
    sync_directory(directory)
}

/// Refuses a file that the engine must not touch.
fn inspect(path: &Path) -> Result<(), OpenError> {
    require_mode(path, 0o600)?;
    require_magic(path)?;
    let foreign = |found: String| OpenError::Foreign {
        path: path.to_owned(),
        found,
    };
    let torn = |error: rusqlite::Error| OpenError::Torn {
        path: path.to_owned(),
        found: error.to_string(),
    };
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(torn)?;
    let number = |pragma: &str| -> Result<i32, OpenError> {
        connection
            .pragma_query_value(None, pragma, |row| row.get(0))
            .map_err(torn)
    };
    let application = number("application_id")?;
    if application != APPLICATION_ID {
        return Err(foreign("a SQLite file of another program".to_owned()));
    }
    let version = number("user_version")?;
    if version > LAYOUT_VERSION {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found: format!("layout {version}, this program knows {LAYOUT_VERSION}"),
        });
    }
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(torn)?;
    if verdict != "ok" {
        return Err(OpenError::Torn {
            path: path.to_owned(),
            found: verdict,
        });
    }
    connection
        .close()
        .map_err(|(_, error)| engine_at(path)(error))
}

fn require_magic(path: &Path) -> Result<(), OpenError> {
    let mut head = Vec::with_capacity(SQLITE_BYTES_MIN);
    File::open(path)
        .and_then(|file| file.take(SQLITE_BYTES_MIN as u64).read_to_end(&mut head))
        .map_err(io_at(path))?;
    let magic = &head[..head.len().min(SQLITE_MAGIC.len())];
    if !SQLITE_MAGIC.starts_with(magic) {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
            found: "not a SQLite file".to_owned(),
        });
    }
    // SQLite takes a file that ends within its header for a new one.
    if head.len() < SQLITE_BYTES_MIN {
        return Err(OpenError::Torn {
            path: path.to_owned(),
            found: format!("it ends after {} bytes", head.len()),
        });
    }
    Ok(())
}

fn sync_directory(directory: &Path) -> Result<(), OpenError> {
    File::open(directory)
        .and_then(|handle| handle.sync_all())
        .map_err(io_at(directory))
}

fn io_at(path: &Path) -> impl Fn(io::Error) -> OpenError {
    let path = path.to_owned();
    move |source| OpenError::Io {
        path: path.clone(),
        source,
    }
}

fn engine_at<E: Into<EngineFailure>>(path: &Path) -> impl Fn(E) -> OpenError {
    let path = path.to_owned();
    move |error| match error.into() {
        EngineFailure::Newer(found) => OpenError::Newer {
            path: path.clone(),
            found,
        },
        EngineFailure::Other(source) => OpenError::Engine {
            path: path.clone(),
            source,
        },
    }
}

/// What the engine said about a file.
enum EngineFailure {
    Newer(String),
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl From<DynoxideError> for EngineFailure {
    fn from(error: DynoxideError) -> Self {
        // The engine has no kind of its own for this; its words are pinned by
        // a test together with its version.
        let text = error.to_string();
        if text.contains("written by a newer version of Dynoxide") {
            return Self::Newer(text);
        }
        Self::Other(Box::new(error))
    }
}

impl From<rusqlite::Error> for EngineFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Other(Box::new(error))
    }
}
