//! Applications.

use causeway_model::object::{Application, ApplicationSpec};

use super::object::object_routes;

object_routes!(
    Application,
    ApplicationSpec,
    "/api/v1/admin/applications",
    "/api/v1/admin/applications/{id}",
    "application"
);
