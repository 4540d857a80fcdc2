//! Endpoints; their names are unique in a provider only, so one is found by its id.

use causeway_model::object::{Endpoint, EndpointSpec};

use super::object::object_routes;

object_routes!(
    Endpoint,
    EndpointSpec,
    "/api/v1/admin/endpoints",
    "/api/v1/admin/endpoints/{id}",
    "endpoint",
    EndpointQuery
);
