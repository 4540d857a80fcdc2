//! OpenAPI schemas of values that are one string or one free map on the wire.
//! Types that derive `utoipa::ToSchema` need none of this.

use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, Type};

/// A string with a description and an example.
pub(crate) fn text(description: &str, example: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .examples([example])
        .build()
}

/// An object with any members.
pub(crate) fn free_object(description: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(description))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}
