//! Users; one who is deleted or not active any more is signed out everywhere.

use causeway_model::object::{User, UserSpec};

use super::object::object_routes;

object_routes!(
    User,
    UserSpec,
    "/api/v1/admin/users",
    "/api/v1/admin/users/{id}",
    "user"
);
