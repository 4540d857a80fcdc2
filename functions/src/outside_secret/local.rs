//! Secrets of this machine: environment variables with a certain prefix, files
//! in a certain directory, and nothing else.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use async_trait::async_trait;
use causeway_model::secret::Secret;
use causeway_model::settings::{SecretReference, SecretStore};

use super::{OutsideSecrets, SECRET_BYTES_MAX, Unavailable, text};

/// What variables begin with unless the operator says otherwise.
pub const PREFIX_DEFAULT: &str = "CAUSEWAY_SECRET_";

/// Variables of our own that no prefix may let out.
const OWN_VARIABLES: [&str; 4] = [
    "CAUSEWAY_ADMIN_PASSWORD",
    "CAUSEWAY_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// What the name of a variable begins with that may be let out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariablePrefix(String);

/// A prefix that lets out too much, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// No variable can begin so.
    #[error("a prefix is of letters, digits and underscores, at least one")]
    NoName,
    /// Variables of the control plane itself begin so.
    #[error("variables of the control plane itself begin with this prefix")]
    Own,
}

impl FromStr for VariablePrefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_name =
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name {
            return Err(PrefixError::NoName);
        }
        if OWN_VARIABLES.iter().any(|own| own.starts_with(text)) {
            return Err(PrefixError::Own);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for VariablePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Default for VariablePrefix {
    fn default() -> Self {
        Self(PREFIX_DEFAULT.to_owned())
    }
}

/// Where a variable's value comes from.
type Variables = dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync;

/// Environment variables and files of this machine.
pub struct Local {
    prefix: VariablePrefix,
    directory: Option<PathBuf>,
    variables: Box<Variables>,
}

impl Local {
    /// Variables that begin with `prefix`, and files in `directory` if there is
    /// one.
    #[must_use]
    pub fn new(prefix: VariablePrefix, directory: Option<PathBuf>) -> Self {
        Self::with_variables(prefix, directory, |name| {
            std::env::var_os(name).map(std::ffi::OsString::into_encoded_bytes)
        })
    }

    /// The same with variables from elsewhere; for tests.
    #[must_use]
    pub fn with_variables(
        prefix: VariablePrefix,
        directory: Option<PathBuf>,
        variables: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            prefix,
            directory,
            variables: Box::new(variables),
        }
    }

    /// The variable `name`, written with or without the prefix.
    fn variable(&self, name: &str) -> Result<Secret, Unavailable> {
        let name = if name.starts_with(&self.prefix.0) {
            name.to_owned()
        } else {
            format!("{}{name}", self.prefix)
        };
        let value = (self.variables)(&name).ok_or(Unavailable::NotFound)?;
        text(value)
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local")
            .field("prefix", &self.prefix)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl OutsideSecrets for Local {
    async fn read(&self, reference: &SecretReference) -> Result<Secret, Unavailable> {
        match reference.store {
            SecretStore::Environment => self.variable(&reference.name),
            SecretStore::File => {
                let directory = self.directory.clone();
                let directory = directory.ok_or(Unavailable::NoStore(SecretStore::File))?;
                let name = reference.name.clone();
                // A file may lie on a disk that is not there any more.
                tokio::task::spawn_blocking(move || file(&directory, &name))
                    .await
                    .map_err(|_| Unavailable::Failed("reading a file was given up".to_owned()))?
            }
            SecretStore::SecretsManager | SecretStore::ParameterStore => {
                Err(Unavailable::NoStore(reference.store))
            }
        }
    }
}

/// A file in `directory`, wherever links inside it lead inside it.
fn file(directory: &Path, name: &str) -> Result<Secret, Unavailable> {
    let directory = directory
        .canonicalize()
        .map_err(|_| Unavailable::Failed("the directory of secrets is not there".to_owned()))?;
    let path = directory
        .join(name)
        .canonicalize()
        .map_err(|_| Unavailable::NotFound)?;
    if !path.starts_with(&directory) {
        return Err(Unavailable::NotAllowed(
            "this file leads out of the directory of secrets".to_owned(),
        ));
    }
    // A pipe or a device would keep us waiting.
    if !path.is_file() {
        return Err(Unavailable::NotFound);
    }
    let unreadable = |_| Unavailable::Failed("the file cannot be read".to_owned());
    let limit = u64::try_from(SECRET_BYTES_MAX + 1).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .map_err(unreadable)?
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    text(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(directory: Option<&Path>) -> Local {
        Local::with_variables(
            VariablePrefix::default(),
            directory.map(Path::to_path_buf),
            |name| match name {
                "CAUSEWAY_SECRET_DB" => Some(b"hunter2".to_vec()),
                "CAUSEWAY_SECRET_BYTES" => Some(vec![0xff]),
                "CAUSEWAY_ADMIN_PASSWORD" => Some(b"ours".to_vec()),
                _ => None,
            },
        )
    }

    async fn read(local: &Local, reference: &str) -> Result<String, Unavailable> {
        let reference = reference.parse().unwrap();
        let secret = local.read(&reference).await?;
        Ok(secret.expose().to_owned())
    }

    #[tokio::test]
    async fn only_variables_with_the_prefix_are_let_out() {
        let local = local(None);
        assert_eq!(
            read(&local, "env:CAUSEWAY_SECRET_DB").await.unwrap(),
            "hunter2"
        );
        assert_eq!(read(&local, "env:DB").await.unwrap(), "hunter2");
        for (reference, expected) in [
            ("env:CAUSEWAY_ADMIN_PASSWORD", Unavailable::NotFound),
            ("env:PATH", Unavailable::NotFound),
            ("env:BYTES", Unavailable::NoText),
            ("file:db", Unavailable::NoStore(SecretStore::File)),
            (
                "aws-ssm:db",
                Unavailable::NoStore(SecretStore::ParameterStore),
            ),
        ] {
            assert_eq!(read(&local, reference).await, Err(expected), "{reference}");
        }
    }

    #[test]
    fn a_prefix_lets_out_no_variable_of_ours() {
        for (text, expected) in [
            ("APP_", Ok(())),
            ("CAUSEWAY_SECRET_", Ok(())),
            ("", Err(PrefixError::NoName)),
            ("A=B", Err(PrefixError::NoName)),
            ("CAUSEWAY_", Err(PrefixError::Own)),
            ("AWS_", Err(PrefixError::Own)),
        ] {
            assert_eq!(
                text.parse::<VariablePrefix>().map(|_| ()),
                expected,
                "{text}"
            );
        }
    }

    #[tokio::test]
    async fn files_are_read_inside_the_directory_and_nowhere_else() {
        let root = tempfile::tempdir().unwrap();
        let inside = root.path().join("secrets");
        std::fs::create_dir_all(inside.join("deep/..data")).unwrap();
        std::fs::write(root.path().join("key"), "ours").unwrap();
        std::fs::write(inside.join("db"), "hunter2\r\n").unwrap();
        std::fs::write(inside.join("lines"), "a\nb\n\n").unwrap();
        std::fs::write(inside.join("deep/..data/pin"), "1234").unwrap();
        std::fs::write(inside.join("large"), vec![b'x'; SECRET_BYTES_MAX + 1]).unwrap();
        let link = |to: &str, from: &str| {
            std::os::unix::fs::symlink(to, inside.join(from)).unwrap();
        };
        link("../key", "out");
        link("..", "up");
        link("deep/..data/pin", "pin");
        let local = local(Some(&inside));
        assert_eq!(read(&local, "file:db").await.unwrap(), "hunter2");
        assert_eq!(read(&local, "file:lines").await.unwrap(), "a\nb\n");
        // Kubernetes mounts secrets as links inside the same directory.
        assert_eq!(read(&local, "file:pin").await.unwrap(), "1234");
        assert_eq!(read(&local, "file:deep/..data/pin").await.unwrap(), "1234");
        for (reference, expected) in [
            ("file:none", Unavailable::NotFound),
            ("file:deep", Unavailable::NotFound),
            ("file:large", Unavailable::TooLarge),
        ] {
            assert_eq!(read(&local, reference).await, Err(expected), "{reference}");
        }
        for reference in ["file:out", "file:up/key"] {
            let found = read(&local, reference).await;
            assert!(
                matches!(found, Err(Unavailable::NotAllowed(_))),
                "{reference}"
            );
        }
        // Whoever makes a reference without the parser gets no further.
        let reference = SecretReference {
            store: SecretStore::File,
            name: "../key".to_owned(),
            key: None,
        };
        let found = local.read(&reference).await;
        assert!(matches!(found, Err(Unavailable::NotAllowed(_))));
    }
}
