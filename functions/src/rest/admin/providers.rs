//! Providers.

use causeway_model::object::{Provider, ProviderSpec};

use super::object::object_routes;

object_routes!(
    Provider,
    ProviderSpec,
    "/api/v1/admin/providers",
    "/api/v1/admin/providers/{id}",
    "provider"
);
