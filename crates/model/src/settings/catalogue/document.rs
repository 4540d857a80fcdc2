//! The tables of `docs/settings.md`, made from the catalogue.

use std::fmt::Write as _;

use super::{Entry, Status, groups};
use crate::settings::form::Kind;

/// All settings in Markdown, a table for each theme.
#[must_use]
pub fn document() -> String {
    let mut text = String::new();
    for (theme, entries) in groups() {
        let _ = writeln!(text, "### {}\n", heading(theme));
        text.push_str("| setting | for | value | default | here | what it does |\n");
        text.push_str("| --- | --- | --- | --- | --- | --- |\n");
        for entry in entries {
            text.push_str(&row(entry));
        }
        text.push('\n');
    }
    text
}

fn heading(theme: &str) -> &str {
    match theme {
        "connection" => "Connection",
        "ssh" => "SSH",
        "terminal" => "Terminal",
        "clipboard" => "Clipboard and input",
        "desktop" => "Desktop",
        "certificate" => "Certificates",
        "rdp" => "RDP",
        "vnc" => "VNC",
        "file_transfer" => "File transfer",
        "recording" => "Recording",
        other => other,
    }
}

fn row(entry: &Entry) -> String {
    let protocols: Vec<&str> = entry
        .protocols
        .iter()
        .map(|protocol| protocol.as_str())
        .collect();
    let value = match entry.kind {
        Kind::Choice(choices) => format!("`{}`", choices.join("`, `")),
        Kind::Boolean | Kind::Integer { .. } | Kind::Text | Kind::LongText | Kind::Form(_) => {
            entry.kind.expected()
        }
    };
    let secret = if entry.secret { " (secret)" } else { "" };
    let default = entry
        .default
        .map_or(String::new(), |default| format!("`{default}`"));
    let here = match entry.status {
        Status::Honoured => "honoured",
        Status::Planned => "planned",
        Status::Ignored => "ignored",
    };
    let cells = [
        format!("`{}`{secret}", entry.name),
        protocols.join(", "),
        value,
        default,
        here.to_owned(),
        entry.about.to_owned(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const BEGIN: &str = "<!-- begin catalogue -->\n";
    const END: &str = "<!-- end catalogue -->";

    /// `UPDATE_DOCS=1` writes the tables anew.
    #[test]
    fn the_documentation_is_that_of_the_catalogue() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
        let found = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = found.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let expected = format!("{before}{BEGIN}{}{END}{after}", document());
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, expected).unwrap();
            return;
        }
        assert!(
            found == expected,
            "docs/settings.md is not that of the catalogue: run UPDATE_DOCS=1 cargo nextest run -p causeway-model documentation"
        );
    }
}
