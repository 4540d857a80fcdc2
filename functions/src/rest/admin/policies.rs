//! Policies: expressions that say who may, and when.

use causeway_model::object::{Policy, PolicySpec};

use super::object::object_routes;

object_routes!(
    Policy,
    PolicySpec,
    "/api/v1/admin/policies",
    "/api/v1/admin/policies/{id}",
    "policy"
);
