//! Property mappings.

use causeway_model::object::{PropertyMapping, PropertyMappingSpec};

use super::object::object_routes;

object_routes!(
    PropertyMapping,
    PropertyMappingSpec,
    "/api/v1/admin/property-mappings",
    "/api/v1/admin/property-mappings/{id}",
    "property_mapping"
);
