//! Files that only their owner reads, with errors that name them.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use causeway_trust::secret_file;
use zeroize::Zeroizing;

/// Why a private file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivateFileError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// The file's bytes, made by `create` when there is no such file yet.
///
/// # Errors
/// When it can be neither read nor written, or `create` fails.
pub(crate) fn read_or_create<E: From<PrivateFileError>>(
    path: &Path,
    create: impl FnOnce() -> Result<Zeroizing<Vec<u8>>, E>,
) -> Result<Zeroizing<Vec<u8>>, E> {
    let read_error = |source| PrivateFileError::Read {
        path: path.into(),
        source,
    };
    if let Some(bytes) = secret_file::read(path).map_err(read_error)? {
        return Ok(bytes);
    }
    let bytes = create()?;
    write(path, &bytes)?;
    Ok(bytes)
}

/// Writes the file whole, and its directory when that is missing.
///
/// # Errors
/// When the directory or the file cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), PrivateFileError> {
    let directory = path.parent().unwrap_or(Path::new("."));
    create_directory(directory)
        .and_then(|()| secret_file::write(path, bytes))
        .map_err(|source| PrivateFileError::Write {
            path: path.into(),
            source,
        })
}

/// Makes the directory and its parents, for the owner only.
pub(super) fn create_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_made_once_and_private() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("keys/one");
        let make = |text: &str| {
            let bytes = || Ok(Zeroizing::new(text.as_bytes().to_vec()));
            read_or_create::<PrivateFileError>(&path, bytes)
                .unwrap()
                .to_vec()
        };
        assert_eq!(make("first"), b"first");
        assert_eq!(make("second"), b"first");
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&root.path().join("keys")), 0o700);
    }

    #[test]
    fn an_error_names_the_file() {
        let error = write(Path::new("/proc/nowhere/key"), b"x").unwrap_err();
        assert_eq!(error.to_string(), "cannot write /proc/nowhere/key");
    }
}
