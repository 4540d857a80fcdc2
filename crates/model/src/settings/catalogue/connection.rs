//! Where to connect and as whom: settings of every protocol.

use super::super::form::{self, Kind};
use super::{ALL, Entry, RDP};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "hostname",
        ALL,
        Kind::Form(&form::HOST_NAME),
        "Name or address of the target; the endpoint's host unless set.",
    ),
    Entry::new(
        "port",
        ALL,
        Kind::Integer { min: 1, max: 65535 },
        "Port of the target; the endpoint's, or the protocol's usual one.",
    ),
    Entry::new(
        "timeout",
        ALL,
        Kind::Integer { min: 1, max: 120 },
        "How long the target may take to accept the connection, in seconds.",
    )
    .default("10"),
    Entry::new(
        "username",
        ALL,
        Kind::Text,
        "Name to sign in with on the target; the viewer asks when there is none.",
    ),
    Entry::new(
        "password",
        ALL,
        Kind::Text,
        "Password to sign in with on the target; the viewer asks when one is needed.",
    )
    .secret(),
    Entry::new(
        "client-name",
        RDP,
        Kind::Text,
        "Name that the target shows for the client; `Causeway - <username>` unless set.",
    ),
    Entry::new(
        "wol-send-packet",
        ALL,
        Kind::Boolean,
        "Wakes the target by a Wake-on-LAN packet from the node before connecting.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "wol-mac-addr",
        ALL,
        Kind::Form(&form::MAC_ADDRESS),
        "Hardware address that the Wake-on-LAN packet names.",
    )
    .planned(),
    Entry::new(
        "wol-broadcast-addr",
        ALL,
        Kind::Text,
        "Address that the Wake-on-LAN packet is sent to.",
    )
    .default("255.255.255.255")
    .planned(),
    Entry::new(
        "wol-udp-port",
        ALL,
        Kind::Integer { min: 1, max: 65535 },
        "Port that the Wake-on-LAN packet is sent to.",
    )
    .default("9")
    .planned(),
    Entry::new(
        "wol-wait-time",
        ALL,
        Kind::Integer { min: 0, max: 600 },
        "How long to wait for a woken target, in seconds.",
    )
    .default("0")
    .planned(),
];
