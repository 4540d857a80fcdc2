//! `causeway`: one program, every process of Causeway.
//!
//! `up` runs all of it, `edge` and `outpost` run one part, `apply` writes
//! objects, `export` reads them back, `migrate` brings a table in the cloud up
//! to date. The parts themselves live in crates of their own; this one parses
//! the command line, keeps the data directory, binds sockets, wires the parts
//! together and takes them down in order.

mod address;
mod admission;
mod api;
mod apply;
mod cli;
mod data_dir;
mod demo;
mod edge;
mod export;
mod health;
mod membership;
mod migrate;
mod outpost;
mod ready_line;
mod serve;
mod shutdown;
mod task_protection;
mod telemetry;
mod up;
mod web;

use std::process::ExitCode;

use causeway_telemetry::{Sampling, Traces};
use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    // One crypto provider for all of TLS, QUIC and SSH, before anything uses one.
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        anyhow::bail!("another crypto provider was installed first");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let traces = telemetry::start(&cli.log, service(&cli.command), runtime.handle())?;
    let sampling = traces.as_ref().map(Traces::sampling);
    let ended = runtime.block_on(run(cli.command, sampling));
    if let Some(traces) = traces {
        traces.stop();
    }
    ended
}

/// Under which name a process sends traces; commands for people send none.
const fn service(command: &Command) -> Option<&'static str> {
    match command {
        Command::Up(_) => Some("causeway"),
        Command::Edge(_) => Some("causeway-edge"),
        Command::Outpost(_) => Some("causeway-outpost"),
        Command::Apply(_) | Command::Export(_) | Command::Migrate(_) | Command::Version => None,
    }
}

async fn run(command: Command, traces: Option<Sampling>) -> anyhow::Result<()> {
    match command {
        Command::Up(args) => up::run(&args, traces).await,
        Command::Edge(args) => edge::run(&args).await,
        Command::Outpost(args) => outpost::run(&args).await,
        Command::Apply(args) => apply::run(&args).await,
        Command::Export(args) => export::run(&args).await,
        Command::Migrate(args) => migrate::run(&args).await,
        Command::Version => {
            println!("causeway {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
    }
}
