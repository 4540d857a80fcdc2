//! Waiting, with a bound, for pictures and for the node's attention.

use anyhow::{Context, Result};
use causeway_wire::message::{Ping, to_node};

use crate::picture::Picture;
use crate::session::Viewer;

impl Viewer {
    /// Hears until a frame came that was not there yet.
    ///
    /// # Errors
    /// As [`Viewer::wait_until`].
    pub async fn next_frame(&mut self) -> Result<()> {
        let before = self.view().traffic.frames;
        self.wait_until("a frame", |viewer| viewer.view().traffic.frames > before)
            .await
    }

    /// Hears until a whole frame shows what a look is for.
    ///
    /// # Errors
    /// As [`Viewer::wait_until`].
    pub async fn shows(&mut self, what: &str, is_shown: impl Fn(&Picture) -> bool) -> Result<()> {
        let looked_at = std::cell::Cell::new(None);
        self.wait_until(what, |viewer| {
            let frames = viewer.view().traffic.frames;
            // Looking at a picture costs more than hearing a message.
            let is_new = looked_at.replace(Some(frames)) != Some(frames);
            frames > 0 && is_new && is_shown(viewer.view().picture())
        })
        .await
    }

    /// Hears until exactly this picture is shown; the error says what differs.
    ///
    /// # Errors
    /// When it is not shown in time.
    pub async fn shows_exactly(&mut self, expected: &Picture) -> Result<()> {
        let shown = self
            .shows("the same picture", |picture| picture == expected)
            .await;
        shown.with_context(|| self.comparison(expected))
    }

    /// Hears until a picture is shown that is as alike as told.
    ///
    /// # Errors
    /// When none is shown in time; the error says how alike the last one was.
    pub async fn shows_like(&mut self, expected: &Picture, ssim_min: f64) -> Result<()> {
        let shown = self
            .shows("a picture like it", |picture| {
                picture.ssim(expected).is_ok_and(|ssim| ssim >= ssim_min)
            })
            .await;
        shown.with_context(|| self.comparison(expected))
    }

    /// Waits until the node has taken in all that was sent so far.
    ///
    /// # Errors
    /// As [`Viewer::wait_until`].
    pub async fn is_heard(&mut self) -> Result<()> {
        let nonce = self.heard.pongs.len() as u64;
        self.send(to_node::Body::Ping(Ping { nonce })).await?;
        self.wait_until("a pong", |viewer| viewer.heard.pongs.contains(&nonce))
            .await
    }

    fn comparison(&self, expected: &Picture) -> String {
        let picture = self.view().picture();
        let difference = match picture.must_equal(expected) {
            Ok(()) => "none".to_owned(),
            Err(error) => error.to_string(),
        };
        let ssim = picture.ssim(expected).unwrap_or_default();
        format!(
            "difference: {difference}; SSIM {ssim:.4}; {:?}",
            self.view().traffic
        )
    }
}
