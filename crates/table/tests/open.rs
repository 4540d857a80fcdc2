//! Opening the table on one machine: what it makes, and what it refuses.
//! Whatever is refused is left as it was.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use causeway_model::id::GroupId;
use causeway_model::object::{Group, Meta};
use causeway_table::{Change, FILE_NAME, OpenError, Table};
use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

fn directory() -> (TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("data");
    (parent, directory)
}

async fn make(directory: &Path, groups: usize) {
    let table = Table::embedded(directory).await.unwrap();
    for index in 0..groups {
        let group = Group {
            role: causeway_model::object::Role::User,
            operates: Vec::new(),
            attributes: serde_json::Map::new(),
            id: GroupId::new(Uuid::now_v7()),
            name: format!("group {index} {}", "x".repeat(500)),
            meta: Meta::first(Timestamp::UNIX_EPOCH),
        };
        table
            .write(&[Change::Create(group).into()], &[])
            .await
            .unwrap();
    }
    table.close().await;
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Opening is refused and the file left as it was.
async fn refused(directory: &Path) -> OpenError {
    let file = directory.join(FILE_NAME);
    let before = fs::read(&file).unwrap();
    let error = Table::embedded(directory).await.unwrap_err();
    assert_eq!(fs::read(&file).unwrap(), before, "{error}");
    error
}

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let (_parent, directory) = directory();
    make(&directory, 3).await;
    let table = Table::embedded(&directory).await.unwrap();
    let snapshot = table.config().current().await.unwrap();
    assert_eq!(snapshot.groups().len(), 3);
}

#[tokio::test]
async fn nobody_else_can_read_the_directory() {
    let (_parent, directory) = directory();
    let table = Table::embedded(&directory).await.unwrap();
    assert_eq!(mode(&directory), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort_unstable();
    assert_eq!(
        names,
        ["table.db", "table.db-shm", "table.db-wal", "table.lock"]
    );
    table.close().await;
}

#[tokio::test]
async fn a_directory_that_others_can_use_is_refused() {
    let (_parent, directory) = directory();
    make(&directory, 1).await;
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o750)).unwrap();
    let error = refused(&directory).await;
    assert!(
        matches!(
            error,
            OpenError::Permissions {
                mode: 0o750,
                wanted: 0o700,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("chmod 700"), "{error}");
}

#[tokio::test]
async fn a_file_that_others_can_use_is_refused() {
    let (_parent, directory) = directory();
    make(&directory, 1).await;
    let file = directory.join(FILE_NAME);
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    let error = refused(&directory).await;
    assert!(
        matches!(
            error,
            OpenError::Permissions {
                mode: 0o644,
                wanted: 0o600,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_directory_in_use_is_refused_until_it_is_closed() {
    let (_parent, directory) = directory();
    let first = Table::embedded(&directory).await.unwrap();
    let error = Table::embedded(&directory).await.unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    first.close().await;
    Table::embedded(&directory).await.unwrap();
}

#[tokio::test]
async fn a_closed_table_says_so() {
    let (_parent, directory) = directory();
    let table = Table::embedded(&directory).await.unwrap();
    table.close().await;
    table.close().await;
    let error = table.config().current().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_file_of_something_else_is_refused() {
    let (_parent, directory) = directory();
    make(&directory, 1).await;
    fs::write(
        directory.join(FILE_NAME),
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    )
    .unwrap();
    let error = refused(&directory).await;
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn a_sqlite_file_of_another_program_is_refused() {
    let (_parent, directory) = directory();
    make(&directory, 1).await;
    let file = directory.join(FILE_NAME);
    fs::write(&file, "").unwrap();
    let other = Connection::open(&file).unwrap();
    other
        .execute_batch("CREATE TABLE bookmarks (url); PRAGMA user_version = 9;")
        .unwrap();
    other.close().unwrap();
    let error = refused(&directory).await;
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn an_empty_file_is_refused_as_torn() {
    let (_parent, directory) = directory();
    make(&directory, 1).await;
    fs::write(directory.join(FILE_NAME), "").unwrap();
    let error = refused(&directory).await;
    assert!(matches!(error, OpenError::Torn { .. }), "{error}");
}

#[tokio::test]
async fn a_truncated_file_is_refused_as_torn() {
    let (_parent, directory) = directory();
    make(&directory, 40).await;
    let file = directory.join(FILE_NAME);
    let bytes = fs::read(&file).unwrap();
    for keep in [10, 50, bytes.len() / 2, bytes.len() - 4096, bytes.len() - 1] {
        fs::write(&file, &bytes[..keep]).unwrap();
        let error = refused(&directory).await;
        assert!(
            matches!(error, OpenError::Torn { .. }),
            "{keep} of {}: {error}",
            bytes.len()
        );
    }
    fs::write(&file, &bytes).unwrap();
    Table::embedded(&directory).await.unwrap();
}

#[tokio::test]
async fn a_scribbled_file_is_refused_as_torn() {
    let (_parent, directory) = directory();
    make(&directory, 40).await;
    let file = directory.join(FILE_NAME);
    let bytes = fs::read(&file).unwrap();
    let mut caught = 0;
    for page in 1..bytes.len() / 4096 {
        let mut scribbled = bytes.clone();
        scribbled[page * 4096..][..4096].fill(0xA5);
        fs::write(&file, &scribbled).unwrap();
        let error = refused(&directory).await;
        assert!(
            matches!(error, OpenError::Torn { .. }),
            "page {page}: {error}"
        );
        caught += 1;
    }
    assert!(caught > 10, "{caught}");
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused() {
    let (_parent, directory) = directory();
    make(&directory, 1).await;
    let edit = |sql: &str| {
        let connection = Connection::open(directory.join(FILE_NAME)).unwrap();
        connection.execute_batch(sql).unwrap();
        connection.close().unwrap();
    };
    edit("PRAGMA user_version = 99");
    let error = refused(&directory).await;
    assert!(
        matches!(error, OpenError::Newer { ref found, .. } if found.contains("99")),
        "{error}"
    );
    edit("PRAGMA user_version = 1; UPDATE _config SET value = '99' WHERE key = 'schema_version'");
    let error = refused(&directory).await;
    assert!(
        matches!(error, OpenError::Newer { ref found, .. } if found.contains("99")),
        "{error}"
    );
}

#[tokio::test]
async fn a_draft_that_was_never_finished_is_made_again() {
    let (_parent, directory) = directory();
    make(&directory, 0).await;
    fs::remove_file(directory.join(FILE_NAME)).unwrap();
    fs::write(directory.join("table.db.new"), "half").unwrap();
    Table::embedded(&directory).await.unwrap();
}

#[tokio::test]
async fn the_file_is_kept_as_the_durability_needs() {
    let (_parent, directory) = directory();
    make(&directory, 1).await;
    let connection = Connection::open(directory.join(FILE_NAME)).unwrap();
    let journal: String = connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(journal, "wal");
}

#[tokio::test]
async fn what_has_outlived_its_time_is_purged() {
    use causeway_table::{RateDecision, RateLimit};
    let (_parent, directory) = directory();
    let table = Table::embedded(&directory).await.unwrap();
    let limit = RateLimit {
        what: "purge",
        limit: 1,
        window: jiff::SignedDuration::from_secs(1),
    };
    let long_ago = Timestamp::UNIX_EPOCH;
    let take = async || {
        table
            .rate_limits()
            .take(limit, "ada", long_ago)
            .await
            .unwrap()
    };
    take().await;
    assert!(matches!(take().await, RateDecision::Limited { .. }));
    assert_eq!(table.purge_expired().await.unwrap(), 1);
    assert!(matches!(take().await, RateDecision::Allowed { .. }));
}
