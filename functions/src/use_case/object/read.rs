//! Finding and listing objects.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causeway_table::{ConfigObject, Objects, TableError};

use super::Object;
use super::reach::seen;
use crate::access::Staff;
use crate::app::App;

/// Which objects of a list, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Only the object of exactly this name.
    pub name: Option<String>,
    /// Only objects whose name holds this, whatever its case.
    pub search: Option<String>,
    /// Only what belongs to this: endpoints of a provider, bindings of a
    /// target, sessions, tokens and connections of a user, by name or id.
    pub of: Option<String>,
    /// At most so many.
    pub limit: usize,
    /// Those after this one.
    pub cursor: Option<String>,
}

impl Filter {
    /// Whether an object of that name is asked for.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        let is_named = self.name.as_deref().is_none_or(|wanted| wanted == name);
        let search = self.search.as_deref().unwrap_or_default().to_lowercase();
        is_named && (search.is_empty() || name.to_lowercase().contains(&search))
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The objects.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// Why a list could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The cursor is not one that a list answered.
    #[error("the cursor is not one of this list")]
    Cursor,
    /// The table did not answer.
    #[error("the list could not be read")]
    Table(#[from] TableError),
}

/// The object of that name or id, as readers see it.
///
/// # Errors
/// [`TableError`].
pub(crate) async fn find<T: Object>(
    app: &App,
    staff: &Staff,
    reference: &str,
) -> Result<Option<T>, TableError> {
    let snapshot = app.table().config().current().await?;
    match T::stored(app, &snapshot, reference).await? {
        Some(object) => seen(app, &snapshot, staff, object).await,
        None => Ok(None),
    }
}

/// A page of objects, as somebody sees them.
///
/// # Errors
/// [`ListError`].
pub(crate) async fn list<T: Object>(
    app: &App,
    staff: &Staff,
    filter: &Filter,
) -> Result<Page<T>, ListError> {
    let page = T::page(app, staff, filter).await?;
    if staff.rights().reads_everything() {
        return Ok(page);
    }
    Ok(Page {
        items: page.items.into_iter().map(T::for_operator).collect(),
        next: page.next,
    })
}

/// A page of objects that are kept as configuration, by name: those that the
/// reader may see.
///
/// # Errors
/// [`ListError`].
pub(crate) fn config_list<T: Object + ConfigObject>(
    objects: &Objects<T>,
    is_seen: impl Fn(&T) -> bool,
    filter: &Filter,
) -> Result<Page<T>, ListError> {
    let visible = objects.iter().filter(|object| is_seen(object));
    let page = config_page(visible, |object| object.unique_name(), filter)?;
    Ok(Page {
        items: page
            .items
            .into_iter()
            .map(|object| T::clone(object).masked())
            .collect(),
        next: page.next,
    })
}

/// A page of what is all in memory and ordered by name. The cursor is the name
/// of the last object, so that a page never repeats or skips one.
///
/// # Errors
/// [`ListError::Cursor`].
pub(crate) fn config_page<T>(
    objects: impl Iterator<Item = T>,
    name: impl Fn(&T) -> &str,
    filter: &Filter,
) -> Result<Page<T>, ListError> {
    let taken = objects.filter(|object| filter.takes(name(object)));
    page_by(taken, |object| name(object).to_owned(), filter)
}

/// A page of what is all in memory and ordered by `key`, which the cursor holds.
///
/// # Errors
/// [`ListError::Cursor`].
pub(crate) fn page_by<T>(
    objects: impl Iterator<Item = T>,
    key: impl Fn(&T) -> String,
    filter: &Filter,
) -> Result<Page<T>, ListError> {
    let after = filter.cursor.as_deref().map(read_cursor).transpose()?;
    let mut rest =
        objects.filter(|object| after.as_deref().is_none_or(|after| *key(object) > *after));
    let items: Vec<T> = rest.by_ref().take(filter.limit).collect();
    let has_more = rest.next().is_some();
    let next = items
        .last()
        .filter(|_| has_more)
        .map(|last| URL_SAFE_NO_PAD.encode(key(last)));
    Ok(Page { items, next })
}

fn read_cursor(cursor: &str) -> Result<String, ListError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(cursor)
        .map_err(|_| ListError::Cursor)?;
    String::from_utf8(bytes).map_err(|_| ListError::Cursor)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn page(names: &[&str], filter: &Filter) -> (Vec<String>, Option<String>) {
        let page = config_page(names.iter().copied(), |name| name, filter).unwrap();
        (
            page.items.into_iter().map(str::to_owned).collect(),
            page.next,
        )
    }

    fn filter(limit: usize) -> Filter {
        Filter {
            name: None,
            search: None,
            of: None,
            limit,
            cursor: None,
        }
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let names = ["a", "b", "c", "d", "e"];
        let (first, next) = page(&names, &filter(2));
        assert_eq!(first, ["a", "b"]);
        let (second, next) = page(
            &names,
            &Filter {
                cursor: next,
                ..filter(2)
            },
        );
        assert_eq!(second, ["c", "d"]);
        let (third, next) = page(
            &names,
            &Filter {
                cursor: next,
                ..filter(2)
            },
        );
        assert_eq!((third, next), (vec!["e".to_owned()], None));
    }

    #[test]
    fn a_filter_looks_at_names() {
        let names = ["Linux", "linux-2", "windows"];
        let search = Filter {
            search: Some("LIN".to_owned()),
            ..filter(9)
        };
        assert_eq!(page(&names, &search).0, ["Linux", "linux-2"]);
        let named = Filter {
            name: Some("Linux".to_owned()),
            ..filter(9)
        };
        assert_eq!(page(&names, &named).0, ["Linux"]);
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        let cursor = Filter {
            cursor: Some("!".to_owned()),
            ..filter(9)
        };
        assert!(config_page(["a"].into_iter(), |name| name, &cursor).is_err());
    }
}
