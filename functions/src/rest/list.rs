//! Lists: their query and their answer.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, Query};
use http::StatusCode;
use http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::use_case::object::{Filter, Page};

/// Items of a page when the caller does not say.
const LIMIT_DEFAULT: usize = 100;
/// Most items of a page.
const LIMIT_MAX: usize = 100;
/// Longest text of a query parameter, in bytes.
const TEXT_LENGTH_MAX: usize = 4096;

/// Makes the query of a list: name, search, limit and cursor, and, where the
/// kind has one, the owner that items belong to.
macro_rules! list_query {
    ($(#[$doc:meta])* $name:ident $({ $(#[$owner_doc:meta])* $owner:ident })?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            /// Only the item of exactly this name.
            #[serde(default)]
            name: Option<String>,
            /// Only items whose name holds this, whatever its case.
            #[serde(default)]
            search: Option<String>,
            /// At most so many items; 100 unless said otherwise, never more.
            #[serde(default)]
            #[param(minimum = 1, maximum = 100)]
            limit: Option<usize>,
            /// `next` of the page before.
            #[serde(default)]
            cursor: Option<String>,
            $($(#[$owner_doc])*
            #[serde(default)]
            $owner: Option<String>,)?
        }

        impl From<$name> for Filter {
            fn from(query: $name) -> Self {
                #[allow(unused_mut, unused_assignments)]
                let mut of = None;
                $(of = query.$owner;)?
                Self {
                    name: query.name,
                    search: query.search,
                    of,
                    limit: limit(query.limit),
                    cursor: query.cursor,
                }
            }
        }
    };
}

list_query! {
    /// Which items of a list, and how many.
    ListQuery
}

list_query! {
    /// Which endpoints, and how many.
    EndpointQuery {
        /// Only those of this provider, by name or id.
        provider
    }
}

list_query! {
    /// Which bindings, and how many.
    BindingQuery {
        /// Only those of this target, by id or as a binding writes it, in the
        /// order of their evaluation.
        target
    }
}

list_query! {
    /// Which sessions or tokens, and how many.
    OfUserQuery {
        /// Only those of this user, by username or id.
        user
    }
}

/// The number of items that a caller wants, within the limits.
pub(crate) fn limit(wanted: Option<usize>) -> usize {
    wanted.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX)
}

/// The filter that a request's query asks for.
#[derive(Debug)]
pub(crate) struct Listing<Q = ListQuery>(pub(crate) Filter, pub(crate) PhantomData<Q>);

impl<S, Q> FromRequestParts<S> for Listing<Q>
where
    S: Send + Sync,
    Q: serde::de::DeserializeOwned + Into<Filter>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let QueryOf(query) = QueryOf::<Q>::from_request_parts(parts, state).await?;
        Ok(Self(query.into(), PhantomData))
    }
}

/// A query, or a problem that says so.
#[derive(Debug)]
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let wrong = || {
            let detail = "a query parameter is not of its type";
            Problem::new(StatusCode::BAD_REQUEST, "invalid_query", detail)
        };
        if parts
            .uri
            .query()
            .is_some_and(|query| query.len() > TEXT_LENGTH_MAX)
        {
            return Err(wrong());
        }
        let Query(query) = Query::<T>::from_request_parts(parts, state)
            .await
            .map_err(|_| wrong())?;
        Ok(Self(query))
    }
}

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct List<T> {
    /// The items.
    items: Vec<T>,
    /// Where the next page begins; null at the end.
    next: Option<String>,
}

impl<T> List<T> {
    /// Shows each item of a page.
    pub(crate) fn of<U>(page: Page<U>, view: impl Fn(U) -> T) -> axum::Json<Self> {
        let items = page.items.into_iter().map(view).collect();
        axum::Json(Self {
            items,
            next: page.next,
        })
    }
}

impl<T> From<Page<T>> for List<T> {
    fn from(page: Page<T>) -> Self {
        Self {
            items: page.items,
            next: page.next,
        }
    }
}
