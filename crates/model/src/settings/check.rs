//! Settings held against the catalogue, where they are written.

use serde_json::Value;

use super::catalogue::{self, Status};
use super::{SecretReference, SettingError, Settings, form, mask};
use crate::object::Protocol;

/// How large the settings of one object may be as JSON, in bytes.
pub const SIZE_BYTES_MAX: usize = 64 * 1024;
/// How deep maps and lists may be nested; a plain value has depth 1.
pub const DEPTH_MAX: usize = 8;
/// How many settings one object may have.
pub const NAMES_MAX: usize = 512;
/// Longest name of a setting, in bytes.
pub const NAME_BYTES_MAX: usize = 128;

/// What a check found. Settings with errors are not to be taken; warnings are
/// to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// What is wrong.
    pub errors: Vec<SettingError>,
    /// What is taken and probably not meant.
    pub warnings: Vec<SettingWarning>,
}

/// A setting that is kept and should be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingWarning {
    /// Name of the setting.
    pub name: String,
    /// What is to be said about it.
    pub kind: WarningKind,
}

/// What is to be said about a setting that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WarningKind {
    /// The catalogue does not know the name.
    Unknown {
        /// The name that may have been meant.
        nearest: Option<&'static str>,
    },
    /// It concerns other protocols than the endpoint's.
    OtherProtocol {
        /// The protocols that it concerns.
        protocols: &'static [Protocol],
    },
    /// It has no effect yet.
    Planned,
    /// It has no meaning here.
    Ignored,
    /// It holds `${...}`, which Guacamole replaces and Causeway does not.
    ParameterToken,
}

impl WarningKind {
    /// A stable code for documents.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "setting_unknown",
            Self::OtherProtocol { .. } => "setting_other_protocol",
            Self::Planned => "setting_planned",
            Self::Ignored => "setting_ignored",
            Self::ParameterToken => "setting_parameter_token",
        }
    }
}

impl std::fmt::Display for SettingWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, kind } = self;
        match kind {
            WarningKind::Unknown { nearest: None } => write!(f, "setting {name} is not known"),
            WarningKind::Unknown {
                nearest: Some(nearest),
            } => write!(f, "setting {name} is not known: was {nearest} meant?"),
            WarningKind::OtherProtocol { protocols } => {
                let names: Vec<&str> = protocols.iter().map(|p| p.as_str()).collect();
                write!(f, "setting {name} is for {} only", names.join(" and "))
            }
            WarningKind::Planned => write!(f, "setting {name} has no effect yet"),
            WarningKind::Ignored => write!(f, "setting {name} has no meaning here"),
            WarningKind::ParameterToken => {
                write!(
                    f,
                    "setting {name} holds a ${{...}} token, which is not replaced"
                )
            }
        }
    }
}

impl Settings {
    /// Holds the settings against the catalogue: limits, names, types. With a
    /// protocol (an endpoint's), settings of other protocols are flagged.
    ///
    /// Masks of secrets must have been resolved by
    /// [`Settings::restore_secrets`] before; one that is left is an error.
    #[must_use]
    pub fn check(&self, protocol: Option<Protocol>) -> Checked {
        let mut checked = Checked::default();
        // The size first: no other work is done for what is too large.
        if let Err(error) = check_size(self) {
            checked.errors.push(error);
            return checked;
        }
        for (name, value) in self.as_map() {
            match check_one(name, value) {
                Ok(()) => checked.warnings.extend(warn(name, value, protocol)),
                Err(error) => checked.errors.push(error),
            }
        }
        checked
    }
}

fn check_size(settings: &Settings) -> Result<(), SettingError> {
    if settings.as_map().len() > NAMES_MAX {
        return Err(SettingError::TooMany { max: NAMES_MAX });
    }
    let bytes: usize = settings
        .as_map()
        .iter()
        .map(|(name, value)| name.len() + value.to_string().len() + 4)
        .sum();
    if bytes > SIZE_BYTES_MAX {
        return Err(SettingError::TooLarge {
            max: SIZE_BYTES_MAX,
        });
    }
    Ok(())
}

fn check_one(name: &str, value: &Value) -> Result<(), SettingError> {
    check_setting_name(name)?;
    if depth(value) > DEPTH_MAX {
        return Err(SettingError::TooDeep {
            name: name.to_owned(),
            max: DEPTH_MAX,
        });
    }
    if mask::holds_mask(value) {
        return Err(SettingError::NothingToKeep {
            name: name.to_owned(),
        });
    }
    let reference = SecretReference::of(value).map_err(|reason| SettingError::Reference {
        name: name.to_owned(),
        reason,
    })?;
    if reference.is_some() {
        return Ok(());
    }
    let Some(entry) = catalogue::find(name) else {
        return Ok(());
    };
    if entry.kind.takes(value) {
        return Ok(());
    }
    Err(SettingError::Mismatch {
        name: name.to_owned(),
        expected: entry.kind.expected(),
        got: form::got(value, entry.secret),
    })
}

fn check_setting_name(name: &str) -> Result<(), SettingError> {
    let reason = if name.is_empty() {
        "it is empty"
    } else if name.len() > NAME_BYTES_MAX {
        "it is too long"
    } else if name.starts_with('$') {
        "names that begin with a dollar sign are reserved"
    } else if name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        "it has spaces or control characters"
    } else {
        return Ok(());
    };
    Err(SettingError::BadName {
        name: name.chars().take(40).collect(),
        reason,
    })
}

fn warn(name: &str, value: &Value, protocol: Option<Protocol>) -> Vec<SettingWarning> {
    let mut kinds = Vec::new();
    match catalogue::find(name) {
        None => kinds.push(WarningKind::Unknown {
            nearest: catalogue::nearest(name),
        }),
        Some(entry) => {
            let foreign = protocol.is_some_and(|protocol| !entry.protocols.contains(&protocol));
            match entry.status {
                Status::Ignored => kinds.push(WarningKind::Ignored),
                _ if foreign => kinds.push(WarningKind::OtherProtocol {
                    protocols: entry.protocols,
                }),
                Status::Planned => kinds.push(WarningKind::Planned),
                Status::Honoured => {}
            }
        }
    }
    // A secret may well hold these characters by chance.
    let token = value.as_str().is_some_and(|text| text.contains("${"));
    if token && !catalogue::is_secret(name) {
        kinds.push(WarningKind::ParameterToken);
    }
    kinds
        .into_iter()
        .map(|kind| SettingWarning {
            name: name.to_owned(),
            kind,
        })
        .collect()
}

/// How deep a value is nested. Recursion is bounded by the JSON parser's own
/// limit of 128 levels.
fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(value: Value) -> Checked {
        let settings: Settings = serde_json::from_value(value).unwrap();
        settings.check(Some(Protocol::Ssh))
    }

    fn check_error(value: Value, expected: &str) {
        let errors = checked(value).errors;
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(texts, [expected]);
    }

    fn check_warning(value: Value, expected: &[&str]) {
        let found = checked(value);
        assert_eq!(found.errors, []);
        let texts: Vec<String> = found.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn what_ssh_honours_is_taken_in_silence() {
        check_warning(
            json!({
                "hostname": "web-01", "port": "2222", "username": "ada", "password": "x",
                "font-size": 14, "scrollback": "1000", "disable-copy": "true",
                "read-only": false, "color-scheme": "green-black", "backspace": 8,
                "terminal-type": "", "locale": null,
            }),
            &[],
        );
    }

    #[test]
    fn a_wrong_type_is_an_error_with_name_expected_and_got() {
        check_error(
            json!({"font-size": "big"}),
            "setting font-size: expected a whole number from 4 to 96, got \"big\"",
        );
        check_error(
            json!({"read-only": "maybe"}),
            "setting read-only: expected true or false, got \"maybe\"",
        );
        check_error(
            json!({"username": 1001}),
            "setting username: expected one line of text of at most 4096 bytes, got the number 1001",
        );
        check_error(
            json!({"username": {"a": 1}}),
            "setting username: expected one line of text of at most 4096 bytes, got a map",
        );
    }

    #[test]
    fn errors_never_show_a_secret() {
        for value in [
            json!({"password": 12345}),
            json!({"private-key": "hunter2"}),
        ] {
            let text = checked(value).errors[0].to_string();
            assert!(
                !text.contains("12345") && !text.contains("hunter2"),
                "{text}"
            );
        }
    }

    #[test]
    fn unknown_names_are_kept_and_flagged() {
        check_warning(
            json!({"department": "R&D"}),
            &["setting department is not known"],
        );
        check_warning(
            json!({"private_key": "x"}),
            &["setting private_key is not known: was private-key meant?"],
        );
    }

    #[test]
    fn what_does_nothing_here_is_flagged() {
        check_warning(
            json!({"security": "nla"}),
            &["setting security is for rdp only"],
        );
        check_warning(
            json!({"enable-sftp": true}),
            &["setting enable-sftp has no effect yet"],
        );
        check_warning(
            json!({"recording-path": "/r"}),
            &["setting recording-path has no meaning here"],
        );
        check_warning(
            json!({"username": "${GUAC_USERNAME}"}),
            &["setting username holds a ${...} token, which is not replaced"],
        );
        let provider: Settings = serde_json::from_value(json!({"read-only": true})).unwrap();
        assert_eq!(provider.check(None), Checked::default());
    }

    #[test]
    fn limits_are_kept() {
        check_error(
            json!({"x": "a".repeat(SIZE_BYTES_MAX)}),
            "settings are larger than 65536 bytes",
        );
        let many: Settings = (0..=NAMES_MAX)
            .map(|i| (format!("n{i}"), json!(1)))
            .collect();
        assert_eq!(
            many.check(None).errors,
            [SettingError::TooMany { max: NAMES_MAX }]
        );
        let mut deep = json!(1);
        for _ in 0..DEPTH_MAX {
            deep = json!({ "a": deep });
        }
        check_error(
            json!({ "x": deep }),
            "setting x is nested deeper than 8 levels",
        );
    }

    #[test]
    fn names_that_cannot_be_are_refused() {
        for name in ["", "a b", "$ref", "a\n", &"x".repeat(NAME_BYTES_MAX + 1)] {
            let errors = checked(json!({ name: 1 })).errors;
            assert!(
                matches!(errors[..], [SettingError::BadName { .. }]),
                "{name:?}"
            );
        }
        check_error(
            json!({"password": {"$secret": "set"}}),
            "setting password: there is no earlier secret to keep",
        );
    }
}
