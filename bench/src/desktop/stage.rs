//! A target to be measured, and what is shown on it.

use std::path::PathBuf;

use anyhow::Result;
use causeway_tests::daemon::Daemon;
use causeway_tests::display::Display;

use super::goals::Goals;
use super::screened::Scene;

/// A target, its scene and its display.
pub(crate) struct Stage {
    /// Its endpoint.
    pub(crate) name: &'static str,
    /// As the table names it.
    pub(crate) title: &'static str,
    /// How it is reached.
    pub(crate) scene: Scene,
    /// What it shows, from its own side.
    pub(crate) display: Display,
    /// What is to be reached.
    pub(crate) goals: &'static Goals,
    /// Where its programs write their errors.
    pub(crate) log: PathBuf,
}

impl Stage {
    /// A terminal over the whole display that runs a command, until it is
    /// dropped.
    ///
    /// # Errors
    /// When there is no `xterm`.
    pub(crate) fn terminal(&self, command: &str) -> Result<Daemon> {
        let font = ["-fa", "DejaVu Sans Mono", "-fs", "11"];
        let mut arguments = vec!["-maximized"];
        arguments.extend(font);
        arguments.extend(["-e", "sh", "-c", command]);
        self.display.start("xterm", &arguments, &self.log)
    }

    /// Numbers that run through such a terminal without an end.
    ///
    /// # Errors
    /// As [`Self::terminal`].
    pub(crate) fn flood(&self) -> Result<Daemon> {
        self.terminal("while :; do seq 1 100000; done")
    }

    /// The name of a figure of this target.
    pub(crate) fn figure(&self, what: &str) -> String {
        format!("{}: {what}", self.title)
    }
}
