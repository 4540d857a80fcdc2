//! Groups of users.

use causeway_model::object::{Group, GroupSpec};

use super::object::object_routes;

object_routes!(
    Group,
    GroupSpec,
    "/api/v1/admin/groups",
    "/api/v1/admin/groups/{id}",
    "group"
);
