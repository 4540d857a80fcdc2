//! What was typed and the node has not said to have taken: to be typed again
//! over the next way, as the web's viewer does.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};

use anyhow::{Context, Result};
use causeway_wire::message::InputStream;

use super::Viewer;

/// Texts that were typed, one message each.
pub(super) struct Typed {
    id: u64,
    taken: u64,
    kept: VecDeque<String>,
}

impl Typed {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            id: RandomState::new().hash_one(()),
            taken: 0,
            kept: VecDeque::new(),
        }
    }

    /// What a hello says of it.
    pub(super) fn stream(&self) -> InputStream {
        InputStream {
            id: self.id,
            sent: self.taken + self.kept.len() as u64,
        }
    }

    /// Types a text; when the socket is gone it waits for the next.
    pub(super) async fn type_text(&mut self, viewer: &mut Viewer, text: &str) {
        self.forget(viewer.heard.input_taken.unwrap_or_default());
        self.kept.push_back(text.to_owned());
        // That it is gone is heard, too.
        let _gone = viewer.type_text(text).await;
    }

    /// Types what the node of a new way has not taken. Says how much that was.
    ///
    /// # Errors
    /// When the node does not count, or the socket is gone again.
    pub(super) async fn type_again(&mut self, viewer: &mut Viewer) -> Result<usize> {
        let taken = viewer.heard.input_taken;
        self.forget(taken.context("the node counts no input")?);
        for text in &self.kept {
            viewer.type_text(text).await?;
        }
        Ok(self.kept.len())
    }

    fn forget(&mut self, taken: u64) {
        while self.taken < taken && self.kept.pop_front().is_some() {
            self.taken += 1;
        }
    }
}
