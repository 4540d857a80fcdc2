//! Why the table on this machine cannot be opened.

use std::io;
use std::path::{Path, PathBuf};

use dynoxide::DynoxideError;

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

pub(super) fn io_at(path: &Path) -> impl Fn(io::Error) -> OpenError {
    let path = path.to_owned();
    move |source| OpenError::Io {
        path: path.clone(),
        source,
    }
}

pub(super) fn engine_at<E: Into<EngineFailure>>(path: &Path) -> impl Fn(E) -> OpenError {
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
pub(super) enum EngineFailure {
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
