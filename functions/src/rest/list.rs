//! Lists: their query and their answer.

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

/// Which items of a list, and how many.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
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
    /// Only what belongs to this provider, by name or id (endpoints).
    #[serde(default)]
    provider: Option<String>,
    /// Only what belongs to this user, by name or id (connections); with it,
    /// ended ones are listed too.
    #[serde(default)]
    user: Option<String>,
}

impl From<ListQuery> for Filter {
    fn from(query: ListQuery) -> Self {
        Self {
            name: query.name,
            search: query.search,
            of: query.provider.or(query.user),
            limit: query.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX),
            cursor: query.cursor,
        }
    }
}

/// The filter that a request's query asks for.
#[derive(Debug)]
pub(crate) struct Listing(pub(crate) Filter);

impl<S: Send + Sync> FromRequestParts<S> for Listing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let QueryOf(query) = QueryOf::<ListQuery>::from_request_parts(parts, state).await?;
        Ok(Self(query.into()))
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
