//! The whole path: launch, edge, tunnel, node, target; the node is a process
//! of its own, so that its processor time and memory can be told.

use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use causeway_tests::session::Viewer;
use causeway_tests::session::desktop::DesktopView;
use causeway_tests::stack::Stack;
use serde_json::{Map, Value, json};

use super::process;
use super::screened::{Key, Scene, Screened};
use crate::through::APPLICATION;

/// A stack whose endpoints are scenes.
pub(crate) struct Ours {
    stack: Stack,
}

impl Ours {
    /// A control plane, an edge and a node.
    pub(crate) async fn start() -> Result<Self> {
        let stack = Stack::split(1, 1).await?;
        stack.application(APPLICATION, json!({})).await?;
        Ok(Self { stack })
    }

    /// Makes a scene an endpoint of this name.
    pub(crate) async fn add(&self, name: &str, scene: &Scene) -> Result<()> {
        let settings: Map<String, Value> = scene
            .settings()
            .into_iter()
            .filter(|(name, _)| !["hostname", "port"].contains(name))
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        let fields = json!({ "protocol": scene.protocol, "settings": settings });
        let host = scene.address.to_string();
        self.stack
            .endpoint_with(APPLICATION, name, &host, fields)
            .await
            .map(drop)
    }

    /// Launches and attaches.
    pub(crate) async fn open(&self, name: &str, scene: &Scene) -> Result<OurSession> {
        let launched = self.stack.admin.launch(APPLICATION, name).await?;
        let viewer = Viewer::open_desktop(&launched.entry, scene.width, scene.height).await?;
        Ok(OurSession {
            viewer,
            node: self.node()?,
        })
    }

    /// Where its pages are.
    pub(crate) fn url(&self) -> &str {
        self.stack.admin.base()
    }

    /// The node's process.
    pub(crate) fn node(&self) -> Result<u32> {
        let node = self.stack.nodes.first().context("there is no node")?;
        Ok(node.pid()?.try_into()?)
    }
}

/// One session through all of it.
pub(crate) struct OurSession {
    viewer: Viewer,
    node: u32,
}

#[async_trait(?Send)]
impl Screened for OurSession {
    async fn next_frame(&mut self) -> Result<()> {
        let before = self.viewer.view().traffic.drawn_frames;
        self.viewer
            .wait_until("a picture", |viewer| {
                viewer.view().traffic.drawn_frames > before
            })
            .await
    }

    async fn key(&mut self, key: Key) -> Result<()> {
        let name = match key {
            Key::Character(character) => {
                return self.viewer.type_on_desktop(&character.to_string()).await;
            }
            Key::Enter => "Enter",
            Key::Escape => "Escape",
            Key::PageDown => "PageDown",
            Key::PageUp => "PageUp",
        };
        self.viewer.press(name, name).await
    }

    async fn become_size(&mut self, (width, height): (u32, u32)) -> Result<()> {
        let size = (width as usize, height as usize);
        if self.viewer.view().picture().size() != size {
            self.viewer.resize_desktop(width, height).await?;
        }
        self.viewer
            .shows("a picture in the size", |picture| picture.size() == size)
            .await
    }

    fn only_count(&mut self) {
        self.viewer
            .desktop
            .iter_mut()
            .for_each(DesktopView::only_count);
    }

    async fn keep_alive(&mut self) -> Result<()> {
        self.viewer.is_heard().await
    }

    async fn leave(&mut self) -> Result<()> {
        self.viewer.leave().await?;
        self.viewer.ended().await.map(drop)
    }

    fn bytes(&self) -> u64 {
        self.viewer.received_bytes()
    }

    fn processor_time(&self) -> Result<Duration> {
        process::tree_processor_time(self.node)
    }
}
