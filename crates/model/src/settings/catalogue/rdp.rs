//! Settings of RDP alone.

use super::super::form::{self, Kind};
use super::{Entry, RDP};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new("domain", RDP, Kind::Text, "Domain to sign in to."),
    Entry::new(
        "security",
        RDP,
        Kind::Choice(&["any", "nla", "nla-ext", "tls", "vmconnect", "rdp"]),
        "How the connection is secured and the user authenticated; `rdp` (RC4) and `vmconnect` are refused here.",
    )
    .default("any"),
    Entry::new(
        "disable-auth",
        RDP,
        Kind::Boolean,
        "Connects without authentication and leaves it to the target's own sign-in screen.",
    )
    .default("false"),
    Entry::new(
        "auth-pkg",
        RDP,
        Kind::Choice(&["kerberos", "ntlm"]),
        "How NLA proves the password: by Kerberos, or by NTLM, which is what is used unless set or `kdc-url` is.",
    ),
    Entry::new(
        "kdc-url",
        RDP,
        Kind::Text,
        "Kerberos key distribution center, such as `tcp://dc1.example.com:88`; found by krb5.conf unless set.",
    ),
    Entry::new(
        "kerberos-cache",
        RDP,
        Kind::Text,
        "Credential cache on the machine of guacd; there is none here.",
    )
    .ignored(),
    Entry::new(
        "console",
        RDP,
        Kind::Boolean,
        "Joins the administrative session.",
    )
    .default("false"),
    Entry::new(
        "console-audio",
        RDP,
        Kind::Boolean,
        "Plays the sound of the administrative session.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "initial-program",
        RDP,
        Kind::Text,
        "Program to run instead of the desktop.",
    ),
    Entry::new(
        "server-layout",
        RDP,
        Kind::Form(&form::KEYBOARD_LAYOUT),
        "Keyboard layout of the target, such as `de-de-qwertz`; what it lacks is typed as text.",
    )
    .default("en-us-qwerty"),
    Entry::new(
        "resize-method",
        RDP,
        Kind::Choice(&["display-update", "reconnect", "none"]),
        "How the desktop follows the size of the window; by a new connection where the target lacks display control.",
    )
    .default("display-update"),
    Entry::new(
        "enable-audio-input",
        RDP,
        Kind::Boolean,
        "Lets the target hear the viewer's microphone.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "enable-touch",
        RDP,
        Kind::Boolean,
        "Passes touches on as touches.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "enable-printing",
        RDP,
        Kind::Boolean,
        "Offers the target a printer whose pages reach the viewer as PDF.",
    )
    .default("false")
    .planned(),
    Entry::new("printer-name", RDP, Kind::Text, "Name of that printer.").planned(),
    Entry::new(
        "enable-drive",
        RDP,
        Kind::Boolean,
        "Offers the target a drive for file transfer.",
    )
    .default("false")
    .planned(),
    Entry::new("drive-name", RDP, Kind::Text, "Name of that drive.").planned(),
    Entry::new(
        "drive-path",
        RDP,
        Kind::Text,
        "Path on the machine of guacd; there is none here.",
    )
    .ignored(),
    Entry::new(
        "create-drive-path",
        RDP,
        Kind::Boolean,
        "Makes the path on the machine of guacd; there is none here.",
    )
    .ignored(),
    Entry::new(
        "disable-download",
        RDP,
        Kind::Boolean,
        "Keeps files of the drive from the viewer.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "disable-upload",
        RDP,
        Kind::Boolean,
        "Keeps the viewer's files from the drive.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "static-channels",
        RDP,
        Kind::Text,
        "Names of static channels to open, separated by commas.",
    )
    .planned(),
    Entry::new(
        "preconnection-id",
        RDP,
        Kind::Integer {
            min: 0,
            max: 4_294_967_295,
        },
        "Number that names the source of the session (MS-RDPEPS).",
    ),
    Entry::new(
        "preconnection-blob",
        RDP,
        Kind::Text,
        "Text that names the source of the session, for Hyper-V the machine's id (MS-RDPEPS).",
    ),
    Entry::new(
        "gateway-hostname",
        RDP,
        Kind::Form(&form::HOST_NAME),
        "Remote Desktop Gateway to pass through.",
    )
    .planned(),
    Entry::new(
        "gateway-port",
        RDP,
        Kind::Integer { min: 1, max: 65535 },
        "Port of the gateway.",
    )
    .default("443")
    .planned(),
    Entry::new(
        "gateway-username",
        RDP,
        Kind::Text,
        "Name to sign in with on the gateway.",
    )
    .planned(),
    Entry::new(
        "gateway-password",
        RDP,
        Kind::Text,
        "Password to sign in with on the gateway.",
    )
    .secret()
    .planned(),
    Entry::new(
        "gateway-domain",
        RDP,
        Kind::Text,
        "Domain to sign in to on the gateway.",
    )
    .planned(),
    Entry::new(
        "load-balance-info",
        RDP,
        Kind::Text,
        "Load balancing information or cookie for the connection broker.",
    ),
    Entry::new(
        "enable-wallpaper",
        RDP,
        Kind::Boolean,
        "Shows the desktop's background picture.",
    )
    .default("false"),
    Entry::new(
        "enable-theming",
        RDP,
        Kind::Boolean,
        "Draws windows in their theme.",
    )
    .default("false"),
    Entry::new(
        "enable-font-smoothing",
        RDP,
        Kind::Boolean,
        "Smooths the edges of text.",
    )
    .default("false"),
    Entry::new(
        "enable-full-window-drag",
        RDP,
        Kind::Boolean,
        "Shows the contents of a window while it is moved.",
    )
    .default("false"),
    Entry::new(
        "enable-desktop-composition",
        RDP,
        Kind::Boolean,
        "Allows transparency and shadows.",
    )
    .default("false"),
    Entry::new(
        "enable-menu-animations",
        RDP,
        Kind::Boolean,
        "Animates menus.",
    )
    .default("false"),
    Entry::new(
        "disable-bitmap-caching",
        RDP,
        Kind::Boolean,
        "Switches off the cache for bitmaps.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "disable-offscreen-caching",
        RDP,
        Kind::Boolean,
        "Switches off the cache for regions that are off the screen.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "disable-glyph-caching",
        RDP,
        Kind::Boolean,
        "Switches off the cache for glyphs.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "disable-gfx",
        RDP,
        Kind::Boolean,
        "Switches off the graphics pipeline (MS-RDPEGFX).",
    )
    .default("false"),
    Entry::new(
        "remote-app",
        RDP,
        Kind::Text,
        "RemoteApp to run instead of the desktop, such as `||notepad`.",
    )
    .planned(),
    Entry::new(
        "remote-app-dir",
        RDP,
        Kind::Text,
        "Working directory of the RemoteApp.",
    )
    .planned(),
    Entry::new(
        "remote-app-args",
        RDP,
        Kind::Text,
        "Arguments of the RemoteApp.",
    )
    .planned(),
];
