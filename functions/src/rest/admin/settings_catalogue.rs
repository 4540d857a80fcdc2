//! The catalogue of settings.

use axum::Json;
use causeway_model::object::Protocol;
use causeway_model::settings::catalogue::{self, Entry, SettingKind, Status};
use serde::Serialize;

use crate::problem::ProblemDocument;
use crate::rest::extract::StaffOnly;

/// Every setting that is known.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SettingsCatalogue {
    /// The settings, by theme.
    items: Vec<SettingView>,
}

/// A setting.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SettingView {
    /// Guacamole's name of it.
    name: &'static str,
    /// The protocols that it concerns.
    protocols: &'static [Protocol],
    r#type: SettingType,
    /// What can be chosen, for `choice`.
    values: &'static [&'static str],
    /// The least number, for `integer`.
    minimum: Option<i64>,
    /// The greatest number, for `integer`.
    maximum: Option<i64>,
    /// What a value looks like, in words.
    expected: String,
    /// Its value when it is not set, as text; null for unset.
    default: Option<&'static str>,
    /// Whether its value is sealed and never shown.
    secret: bool,
    support: Support,
    /// The theme that it belongs to.
    group: &'static str,
    /// What it does here, in a sentence.
    help: &'static str,
}

/// The type of a setting's value.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SettingType {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// One of `values`.
    Choice,
    /// One line of text.
    Text,
    /// Lines of text.
    Multiline,
}

/// What becomes of a setting today.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Support {
    /// It does what its help says.
    Honoured,
    /// It is kept and has no effect yet.
    Planned,
    /// It has no meaning here and is kept only so that settings can be pasted.
    Ignored,
}

impl SettingView {
    fn new(group: &'static str, entry: &'static Entry) -> Self {
        let (kind, values, minimum, maximum) = match entry.kind {
            SettingKind::Boolean => (SettingType::Boolean, &[][..], None, None),
            SettingKind::Integer { min, max } => {
                (SettingType::Integer, &[][..], Some(min), Some(max))
            }
            SettingKind::Choice(values) => (SettingType::Choice, values, None, None),
            SettingKind::Text | SettingKind::Form(_) => (SettingType::Text, &[][..], None, None),
            SettingKind::LongText => (SettingType::Multiline, &[][..], None, None),
        };
        Self {
            name: entry.name,
            protocols: entry.protocols,
            r#type: kind,
            values,
            minimum,
            maximum,
            expected: entry.kind.expected(),
            default: entry.default,
            secret: entry.secret,
            support: match entry.status {
                Status::Honoured => Support::Honoured,
                Status::Planned => Support::Planned,
                Status::Ignored => Support::Ignored,
            },
            group,
            help: entry.about,
        }
    }
}

/// Lists the settings that are known: names, types, defaults, and what each does.
#[utoipa::path(
    get,
    path = "/api/v1/admin/settings-catalogue",
    operation_id = "settings_catalogue",
    tag = "admin",
    responses(
        (status = OK, body = SettingsCatalogue),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(StaffOnly(_staff): StaffOnly) -> Json<SettingsCatalogue> {
    let items = catalogue::groups()
        .flat_map(|(group, entries)| {
            entries
                .iter()
                .map(move |entry| SettingView::new(group, entry))
        })
        .collect();
    Json(SettingsCatalogue { items })
}
