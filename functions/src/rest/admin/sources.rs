//! Sources: identity providers that people sign in with.

use causeway_model::object::{Source, SourceSpec};

use super::object::object_routes;

object_routes!(
    Source,
    SourceSpec,
    "/api/v1/admin/sources",
    "/api/v1/admin/sources/{id}",
    "source"
);
