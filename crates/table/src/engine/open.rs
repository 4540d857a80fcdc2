//! Opens the table's file on one machine, or says why not.
//!
//! Everything that can be wrong with the file is found before the engine
//! touches it: permissions, another process, a file that is not ours, one of a
//! newer program, one that is torn. A refused file keeps its contents.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use dynoxide::Database;
use rusqlite::Connection;

use super::inspect::{APPLICATION_ID, inspect, require_mode};
use super::open_error::{OpenError, engine_at, io_at};
use super::outdated;
use super::worker::Engine;
use crate::key::{Key, LAYOUT_VERSION};

/// The table's file in the data directory.
pub const FILE_NAME: &str = "table.db";

/// The lock that keeps a second process out.
const LOCK_NAME: &str = "table.lock";

/// Keeps other processes out of a data directory while it lives.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    _file: File,
}

/// An open file, and what of it an earlier program left to be brought up to
/// date.
pub(crate) struct Opened {
    /// The engine over the file.
    pub(crate) engine: Engine,
    /// Keys of items of an earlier layout; `None` when the layout is today's.
    pub(crate) outdated: Option<Vec<Key>>,
}

/// Opens the table's file in `directory`, making both when they are missing.
/// Blocks.
pub(crate) fn open(directory: &Path) -> Result<Opened, OpenError> {
    prepare_directory(directory)?;
    let lock = lock(directory)?;
    let path = directory.join(FILE_NAME);
    let layout = if path.try_exists().map_err(io_at(&path))? {
        inspect(&path)?
    } else {
        create(directory, &path)?;
        LAYOUT_VERSION
    };
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
    let outdated = (layout < LAYOUT_VERSION).then(|| outdated::keys(&database));
    let outdated = outdated.transpose().map_err(engine_at(&path))?;
    let engine = Engine {
        database,
        log: Some(log),
        _lock: Some(lock),
    };
    Ok(Opened { engine, outdated })
}

/// Marks the file in `directory` as one of today's layout. Blocks.
pub(crate) fn mark(directory: &Path) -> Result<(), OpenError> {
    let path = directory.join(FILE_NAME);
    let mark = || -> rusqlite::Result<()> {
        let connection = Connection::open(&path)?;
        connection.pragma_update(None, "user_version", LAYOUT_VERSION)?;
        connection.close().map_err(|(_, error)| error)
    };
    mark().map_err(engine_at(&path))
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

fn sync_directory(directory: &Path) -> Result<(), OpenError> {
    File::open(directory)
        .and_then(|handle| handle.sync_all())
        .map_err(io_at(directory))
}
