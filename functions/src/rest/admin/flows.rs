//! Flows: what a provider asks before it lets somebody in.

use causeway_model::object::{Flow, FlowSpec};

use super::object::object_routes;

object_routes!(
    Flow,
    FlowSpec,
    "/api/v1/admin/flows",
    "/api/v1/admin/flows/{id}",
    "flow"
);
