//! Measures the whole path on this machine: a client that speaks the session
//! protocol, the edge, the tunnel, the node, a real OpenSSH server. Beside
//! each figure stands that of OpenSSH's own client, taken in the same run.
//!
//! Prints one Markdown table: medians over runs, and the runs' range.

mod control;
mod desktop;
mod direct;
mod measure;
mod playwright;
mod policy;
mod report;
mod shell;
mod through;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use control::ControlFigure;
use desktop::DesktopFigure;
use report::Report;

/// Figures of the whole path.
#[derive(Debug, Parser)]
#[command(name = "causeway-bench", max_term_width = 100)]
struct Options {
    /// How often each figure is taken
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// What to measure; everything unless given
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Figure>,
    /// Sessions that are held for the figure of memory
    #[arg(long, default_value_t = 500)]
    sessions: u32,
    /// Which figures of desktops; everything unless given
    #[arg(long, value_enum, value_delimiter = ',')]
    desktop: Vec<DesktopFigure>,
    /// Which figures of the control plane; everything unless given
    #[arg(long, value_enum, value_delimiter = ',')]
    control: Vec<ControlFigure>,
    /// How much of the long lists is made, in percent; less is no figure
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100))]
    rows: u32,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Figure {
    /// From nothing to the first prompt
    Connect,
    /// From a key to its echo
    Echo,
    /// A flood of short lines
    Throughput,
    /// Ctrl-C during a flood without an end
    Interrupt,
    /// Idle sessions at node and edge
    Memory,
    /// The launch call
    Launch,
    /// What a person sees in Chromium
    Browser,
    /// Expressions of policies, normal ones and bombs
    Policy,
    /// Screens over VNC and RDP, beside `guacd`
    Desktop,
    /// Launching with policies, long lists, how fast an end is
    Control,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let mut report = Report::beside("`ssh` itself");
    let mut desktops = Report::beside("`guacd` alone");
    let outcome = run(&options, &mut report, &mut desktops).await;
    println!("{report}\n{desktops}");
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options, report: &mut Report, desktops: &mut Report) -> Result<()> {
    let wants = |figure| options.only.is_empty() || options.only.contains(&figure);
    let runs = options.runs;
    if wants(Figure::Connect) {
        measure::connect(runs, report).await?;
    }
    if wants(Figure::Echo) {
        measure::echo(runs, report).await?;
    }
    if wants(Figure::Throughput) {
        measure::throughput(runs, report).await?;
    }
    if wants(Figure::Interrupt) {
        measure::interrupt(runs, report).await?;
    }
    if wants(Figure::Memory) {
        measure::memory(options.sessions, report).await?;
    }
    if wants(Figure::Launch) {
        measure::launch(runs, report).await?;
    }
    if wants(Figure::Browser) {
        measure::browser(runs, report).await?;
    }
    if wants(Figure::Control) {
        control::control(runs, &options.control, options.rows, report).await?;
    }
    if wants(Figure::Policy) {
        policy::policy(runs, report)?;
    }
    if wants(Figure::Desktop) {
        desktop::desktop(runs, &options.desktop, desktops).await?;
    }
    Ok(())
}
