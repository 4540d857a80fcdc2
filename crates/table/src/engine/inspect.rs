//! Looks at a file before the engine does: permissions, mark, length, pages.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::open_error::{OpenError, engine_at, io_at};
use crate::key::LAYOUT_VERSION;

/// Marks a SQLite file as ours (`PRAGMA application_id`): "CwTb".
pub(super) const APPLICATION_ID: i32 = 0x4377_5462;

/// The first bytes of every SQLite file.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A SQLite file has at least one page, of at least this many bytes.
const SQLITE_BYTES_MIN: usize = 512;

/// Refuses a file that the engine must not touch; says which layout it has
/// (`PRAGMA user_version`).
pub(super) fn inspect(path: &Path) -> Result<i32, OpenError> {
    require_mode(path, 0o600)?;
    let layout = require_mark(path)?;
    let torn = |error: rusqlite::Error| torn(path, error.to_string());
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(torn)?;
    require_length(path, &connection)?;
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(torn)?;
    if verdict != "ok" {
        return Err(self::torn(path, verdict));
    }
    connection
        .close()
        .map_err(|(_, error)| engine_at(path)(error))?;
    Ok(layout)
}

/// Refuses a file without our mark. Read without SQLite, which would already
/// move another program's log into its file.
fn require_mark(path: &Path) -> Result<i32, OpenError> {
    let foreign = |found: &str| OpenError::Foreign {
        path: path.to_owned(),
        found: found.to_owned(),
    };
    let mut head = Vec::with_capacity(SQLITE_BYTES_MIN);
    File::open(path)
        .and_then(|file| file.take(SQLITE_BYTES_MIN as u64).read_to_end(&mut head))
        .map_err(io_at(path))?;
    if !SQLITE_MAGIC.starts_with(&head[..head.len().min(SQLITE_MAGIC.len())]) {
        return Err(foreign("not a SQLite file"));
    }
    // SQLite takes a file that ends within its header for a new one.
    if head.len() < SQLITE_BYTES_MIN {
        return Err(torn(path, format!("it ends after {} bytes", head.len())));
    }
    // Places in the header: SQLite's "Database File Format", section 1.3.
    let number =
        |at: usize| i32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (version, application) = (number(60), number(68));
    if application != APPLICATION_ID {
        return Err(foreign("a SQLite file of another program"));
    }
    if version > LAYOUT_VERSION {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found: format!("layout {version}, this program knows {LAYOUT_VERSION}"),
        });
    }
    Ok(version)
}

fn torn(path: &Path, found: String) -> OpenError {
    OpenError::Torn {
        path: path.to_owned(),
        found,
    }
}

/// Refuses a file that is shorter than it says, unless pages of it are still
/// in the log: those are moved over when the log is.
fn require_length(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return Ok(());
    }
    let bytes = std::fs::metadata(path).map_err(io_at(path))?.len();
    let expected: u64 = connection
        .query_row(
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            [],
            |row| row.get(0),
        )
        .map_err(|error| torn(path, error.to_string()))?;
    if bytes == expected {
        return Ok(());
    }
    Err(torn(path, format!("it has {bytes} bytes of {expected}")))
}

/// Refuses what others can use.
pub(super) fn require_mode(path: &Path, wanted: u32) -> Result<(), OpenError> {
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
