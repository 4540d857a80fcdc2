//! The five routes that every written kind of object has.

/// Makes the routes of one kind: its object, its spec, the paths of its list
/// and of one object, a word for operation ids, and the query of its list.
macro_rules! object_routes {
    ($object:ident, $spec:ident, $list:literal, $one:literal, $word:literal) => {
        object_routes!($object, $spec, $list, $one, $word, ListQuery);
    };
    ($object:ident, $spec:ident, $list:literal, $one:literal, $word:literal, $query:ident) => {
        use axum::Json;
        use axum::extract::State;
        use axum::response::Response;
        use http::StatusCode;
        use utoipa_axum::router::OpenApiRouter;
        use utoipa_axum::routes;

        use crate::app::App;
        use crate::rest::extract::{Holder, IfMatch, Names, Viewer};
        use crate::rest::json::Json as Body;
        use crate::rest::list::{$query, List, Listing};
        use crate::rest::written::{self, WrittenView};
        use crate::problem::{Problem, ProblemDocument};
        use crate::use_case::object;

        pub(super) fn routes() -> OpenApiRouter<App> {
            OpenApiRouter::new()
                .routes(routes!(list, create))
                .routes(routes!(find, update, delete))
        }

        #[doc = concat!("Lists every ", $word, ".")]
        #[utoipa::path(
            get,
            path = $list,
            operation_id = concat!("list_", $word),
            tag = "admin",
            params($query),
            responses(
                (status = OK, body = List<$object>),
                (status = "default", body = ProblemDocument,
                    content_type = "application/problem+json"),
            )
        )]
        pub(super) async fn list(
            State(app): State<App>,
            Viewer(staff, _): Viewer<$object>,
            Listing(filter, _): Listing<$query>,
        ) -> Result<Json<List<$object>>, Problem> {
            Ok(Json(object::list::<$object>(&app, &staff, &filter).await?.into()))
        }

        #[doc = concat!("Makes a new ", $word, ".")]
        #[utoipa::path(
            post,
            path = $list,
            operation_id = concat!("create_", $word),
            tag = "admin",
            request_body = $spec,
            responses(
                (status = CREATED, body = WrittenView<$object>),
                (status = "default", body = ProblemDocument,
                    content_type = "application/problem+json"),
            )
        )]
        pub(super) async fn create(
            State(app): State<App>,
            Holder(staff, _): Holder<$object>,
            Body(spec): Body<$spec>,
        ) -> Result<Response, Problem> {
            let created = object::create::<$object>(&app, &staff, spec).await?;
            Ok(written::written(StatusCode::CREATED, created))
        }

        #[doc = concat!("Shows one ", $word, ".")]
        #[utoipa::path(
            get,
            path = $one,
            operation_id = concat!("find_", $word),
            tag = "admin",
            params(("id" = String, Path, description = "Id or unique name")),
            responses(
                (status = OK, body = $object),
                (status = "default", body = ProblemDocument,
                    content_type = "application/problem+json"),
            )
        )]
        pub(super) async fn find(
            State(app): State<App>,
            Viewer(staff, _): Viewer<$object>,
            Names(reference): Names<String>,
        ) -> Result<Response, Problem> {
            let found = object::find::<$object>(&app, &staff, &reference).await?;
            found.map(written::found).ok_or_else(|| Problem::not_found($word))
        }

        /// Replaces all fields; `version` or `If-Match` says which version is
        /// to be changed.
        #[utoipa::path(
            put,
            path = $one,
            operation_id = concat!("update_", $word),
            tag = "admin",
            params(
                ("id" = String, Path, description = "Id or unique name"),
                ("if-match" = Option<String>, Header, description = "The version in quotes"),
            ),
            request_body = $spec,
            responses(
                (status = OK, body = WrittenView<$object>),
                (status = "default", body = ProblemDocument,
                    content_type = "application/problem+json"),
            )
        )]
        pub(super) async fn update(
            State(app): State<App>,
            Holder(staff, _): Holder<$object>,
            Names(reference): Names<String>,
            IfMatch(if_match): IfMatch,
            Body(body): Body<serde_json::Value>,
        ) -> Result<Response, Problem> {
            let (spec, precondition) = written::fields::<$object>(body, if_match)?;
            let updated =
                object::update::<$object>(&app, &staff, &reference, spec, precondition).await?;
            Ok(written::written(StatusCode::OK, updated))
        }

        #[doc = concat!("Deletes one ", $word, ", and with it the policy bindings that are attached \
            to it; refused (`in_use`) while something else refers to it.")]
        #[utoipa::path(
            delete,
            path = $one,
            operation_id = concat!("delete_", $word),
            tag = "admin",
            params(("id" = String, Path, description = "Id or unique name")),
            responses(
                (status = NO_CONTENT),
                (status = CONFLICT, description = "`in_use`; `used_by` says by what",
                    body = ProblemDocument, content_type = "application/problem+json"),
                (status = "default", body = ProblemDocument,
                    content_type = "application/problem+json"),
            )
        )]
        pub(super) async fn delete(
            State(app): State<App>,
            Holder(staff, _): Holder<$object>,
            Names(reference): Names<String>,
        ) -> Result<StatusCode, Problem> {
            object::delete::<$object>(&app, &staff, &reference).await?;
            Ok(StatusCode::NO_CONTENT)
        }
    };
}

pub(super) use object_routes;
