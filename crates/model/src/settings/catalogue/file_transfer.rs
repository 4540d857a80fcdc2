//! File transfer by SFTP, beside a desktop or inside SSH.

use super::super::form::{self, Kind};
use super::{ALL, DESKTOP, Entry};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "enable-sftp",
        ALL,
        Kind::Boolean,
        "Offers files of the target, or of the SFTP server named here.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "sftp-root-directory",
        ALL,
        Kind::Text,
        "Directory that the viewer sees as the root.",
    )
    .default("/")
    .planned(),
    Entry::new(
        "sftp-disable-download",
        ALL,
        Kind::Boolean,
        "Keeps files of the target from the viewer.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "sftp-disable-upload",
        ALL,
        Kind::Boolean,
        "Keeps the viewer's files from the target.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "sftp-directory",
        DESKTOP,
        Kind::Text,
        "Directory that files are put in.",
    )
    .planned(),
    Entry::new(
        "sftp-hostname",
        DESKTOP,
        Kind::Form(&form::HOST_NAME),
        "SFTP server; the target unless set.",
    )
    .planned(),
    Entry::new(
        "sftp-port",
        DESKTOP,
        Kind::Integer { min: 1, max: 65535 },
        "Port of the SFTP server.",
    )
    .default("22")
    .planned(),
    Entry::new(
        "sftp-timeout",
        DESKTOP,
        Kind::Integer { min: 1, max: 120 },
        "How long the SFTP server may take to accept the connection, in seconds.",
    )
    .default("10")
    .planned(),
    Entry::new(
        "sftp-host-key",
        DESKTOP,
        Kind::Form(&form::HOST_KEYS),
        "Host keys of the SFTP server to accept.",
    )
    .planned(),
    Entry::new(
        "sftp-username",
        DESKTOP,
        Kind::Text,
        "Name to sign in with on the SFTP server.",
    )
    .planned(),
    Entry::new(
        "sftp-password",
        DESKTOP,
        Kind::Text,
        "Password to sign in with on the SFTP server.",
    )
    .secret()
    .planned(),
    Entry::new(
        "sftp-private-key",
        DESKTOP,
        Kind::Form(&form::PRIVATE_KEY),
        "Private key to sign in with on the SFTP server.",
    )
    .secret()
    .planned(),
    Entry::new(
        "sftp-passphrase",
        DESKTOP,
        Kind::Text,
        "Passphrase of that private key.",
    )
    .secret()
    .planned(),
    Entry::new(
        "sftp-public-key",
        DESKTOP,
        Kind::Form(&form::PUBLIC_KEY),
        "User certificate that belongs to that private key.",
    )
    .planned(),
    Entry::new(
        "sftp-server-alive-interval",
        DESKTOP,
        Kind::Integer { min: 0, max: 3600 },
        "How often a silent SFTP server is asked for a sign of life, in seconds; 0 for never.",
    )
    .default("0")
    .planned(),
];
