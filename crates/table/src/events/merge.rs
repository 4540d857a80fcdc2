//! Several ranges of the table read as one, newest first.
//!
//! All of them are ordered by the same sort keys. Each is read in parts, and
//! never further than the newest of the others' heads can tell; those that ran
//! low are read at once, so that a page takes few rounds.

use std::collections::VecDeque;

use futures_util::future::try_join_all;

use crate::error::TableError;
use crate::item::{Attributes, Item};
use crate::key::SK;
use crate::store::{Range, Store};

/// Items read in one request at most.
const REQUEST_ITEMS_MAX: usize = 500;

/// A list made of several.
pub(super) struct Merge<'a> {
    store: &'a Store,
    window: Window,
    strands: Vec<Strand>,
}

/// The sort keys that are wanted.
struct Window {
    first: String,
    last: String,
    /// Only those before this one.
    before: Option<String>,
}

/// Partitions that follow each other, newest first.
#[derive(Default)]
struct Strand {
    /// Those that are not read to their end.
    partitions: VecDeque<String>,
    /// Where the first of them is read on.
    after: Option<Attributes>,
    /// What was read and is not taken yet.
    read: VecDeque<Item>,
}

/// What comes next.
pub(super) enum Next {
    /// The newest item of all that are left.
    Item(Item),
    /// More must be read first.
    Dry,
    /// Nothing is left.
    End,
}

impl<'a> Merge<'a> {
    /// What has sort keys from `first` to `last`, both included, and before
    /// `before`; of no partition yet.
    pub(super) fn new(store: &'a Store, first: String, last: String, before: Option<&str>) -> Self {
        let last = match before {
            Some(before) if *before < *last => before.to_owned(),
            _ => last,
        };
        let before = before.map(str::to_owned);
        Self {
            store,
            window: Window {
                first,
                last,
                before,
            },
            strands: Vec::new(),
        }
    }

    /// Adds partitions whose items lie among each other.
    pub(super) fn with_each(mut self, partitions: impl Iterator<Item = String>) -> Self {
        self.strands
            .extend(partitions.map(|partition| Strand::of([partition].into())));
        self
    }

    /// Adds partitions of which each begins where the next ends, newest first.
    pub(super) fn with_one_after_the_other(mut self, partitions: Vec<String>) -> Self {
        self.strands.push(Strand::of(partitions.into()));
        self
    }

    /// What each that goes on must give for `wanted` items of all, with `slack`
    /// times as much where there are several.
    pub(super) fn share(&self, wanted: usize, slack: usize) -> usize {
        let going_on = self.strands.iter().filter(|strand| strand.goes_on());
        let each = wanted.div_ceil(going_on.count().max(1)) * slack;
        each.min(wanted).clamp(1, REQUEST_ITEMS_MAX)
    }

    /// Reads up to `most` items of each that has less than half of that left,
    /// and returns how many these were.
    pub(super) async fn fill(&mut self, most: usize) -> Result<usize, TableError> {
        let (store, window) = (self.store, &self.window);
        if window.first > window.last {
            self.strands.clear();
            return Ok(0);
        }
        let low = self.strands.iter_mut().filter(|strand| {
            strand.goes_on() && (strand.read.is_empty() || strand.read.len() < most / 2)
        });
        let filled = low.map(|strand| strand.fill(store, window, most));
        Ok(try_join_all(filled).await?.into_iter().sum())
    }

    /// Takes the next item.
    pub(super) fn next(&mut self) -> Next {
        let is_dry = |strand: &Strand| strand.read.is_empty() && strand.goes_on();
        if self.strands.iter().any(is_dry) {
            return Next::Dry;
        }
        let newest = self
            .strands
            .iter_mut()
            .filter(|strand| !strand.read.is_empty())
            .max_by(|one, other| one.head().cmp(&other.head()));
        match newest.and_then(|strand| strand.read.pop_front()) {
            Some(item) => Next::Item(item),
            None => Next::End,
        }
    }
}

impl Strand {
    fn of(partitions: VecDeque<String>) -> Self {
        Self {
            partitions,
            ..Self::default()
        }
    }

    /// Whether the table may have more of it.
    fn goes_on(&self) -> bool {
        !self.partitions.is_empty()
    }

    /// Sort key of the item that is next.
    fn head(&self) -> Option<&str> {
        self.read.front().and_then(|item| item.optional_text(SK))
    }

    /// Reads on, over as many partitions as have nothing.
    async fn fill(
        &mut self,
        store: &Store,
        window: &Window,
        most: usize,
    ) -> Result<usize, TableError> {
        let mut read = 0;
        while let Some(partition) = self.partitions.front() {
            let slice = store
                .query(Range {
                    newest_first: true,
                    limit: most,
                    after: self.after.take(),
                    between: Some((&window.first, &window.last)),
                    ..Range::new(partition, "")
                })
                .await?;
            read += slice.items.len();
            let is_wanted = |item: &Item| {
                let before = window.before.as_deref();
                before.is_none_or(|before| item.optional_text(SK).is_some_and(|sk| sk < before))
            };
            self.read.extend(slice.items.into_iter().filter(is_wanted));
            match slice.last {
                None => drop(self.partitions.pop_front()),
                last => self.after = last,
            }
            if !self.read.is_empty() {
                break;
            }
        }
        Ok(read)
    }
}
