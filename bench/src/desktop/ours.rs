//! The whole path: launch, edge, tunnel, node, target; the node is a process
//! of its own, so that its processor time and memory can be told.

use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use causeway_tests::session::Viewer;
use causeway_tests::stack::Stack;
use serde_json::{Map, Value, json};

use super::process;
use super::screened::{Scene, Screened};
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
        self.viewer.next_frame().await
    }

    async fn key(&mut self, character: char) -> Result<()> {
        match character {
            '\u{8}' => self.viewer.press("Backspace", "Backspace").await,
            other => self.viewer.type_on_desktop(&other.to_string()).await,
        }
    }

    async fn resize(&mut self, width: u32, height: u32) -> Result<()> {
        self.viewer.resize_desktop(width, height).await?;
        let size = (width as usize, height as usize);
        let what = "a picture in the new size";
        self.viewer
            .shows(what, |picture| picture.size() == size)
            .await
    }

    fn bytes(&self) -> u64 {
        self.viewer.view().traffic.bytes
    }

    fn processor_time(&self) -> Result<Duration> {
        process::tree_processor_time(self.node)
    }
}
