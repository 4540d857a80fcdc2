//! Outposts.

use causeway_model::object::{Outpost, OutpostSpec};

use super::object::object_routes;

object_routes!(
    Outpost,
    OutpostSpec,
    "/api/v1/admin/outposts",
    "/api/v1/admin/outposts/{id}",
    "outpost"
);
