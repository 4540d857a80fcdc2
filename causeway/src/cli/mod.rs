//! The command line: what can be said, and under which environment variable.
//!
//! Every flag `--some-thing` can also be set as `CAUSEWAY_SOME_THING`; a test
//! holds all of them to that. Nothing here acts: the commands do.

mod apply;
mod edge;
mod export;
mod listen;
mod log;
mod migrate;
mod outpost;
mod role;
mod secret;
mod up;

pub(crate) use apply::ApplyArgs;
pub(crate) use edge::EdgeArgs;
pub(crate) use export::ExportArgs;
pub(crate) use listen::{ListenAddress, TlsArgs};
pub(crate) use log::{LogArgs, LogFormat};
pub(crate) use migrate::MigrateArgs;
pub(crate) use outpost::OutpostArgs;
pub(crate) use role::RoleArgs;
pub(crate) use secret::SecretArgs;
pub(crate) use up::UpArgs;

use clap::{Parser, Subcommand};

/// Opens remote machines in a browser tab.
#[derive(Debug, Parser)]
#[command(name = "causeway", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// How it logs.
    #[command(flatten)]
    pub(crate) log: LogArgs,
    /// What it does.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program can be asked to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything in one process: control plane, edge, outpost node and store
    #[command(after_help = up::AFTER_HELP)]
    Up(Box<UpArgs>),
    /// Run an edge: the process that carries browsers' bytes to outpost nodes
    Edge(Box<EdgeArgs>),
    /// Run an outpost node: the process that speaks to the targets
    Outpost(Box<OutpostArgs>),
    /// Write objects from YAML files, all or nothing
    #[command(after_help = apply::AFTER_HELP)]
    Apply(ApplyArgs),
    /// Write the objects of a control plane as YAML that apply takes back
    #[command(after_help = export::AFTER_HELP)]
    Export(ExportArgs),
    /// Bring a table in the cloud up to date after an upgrade
    #[command(after_help = migrate::AFTER_HELP)]
    Migrate(MigrateArgs),
    /// Print the version
    Version,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    /// Every flag has the environment variable that its name says, and a help
    /// text.
    #[test]
    fn every_flag_has_its_environment_variable_and_a_help_line() {
        let mut command = Cli::command();
        command.build();
        let mut seen = 0;
        for sub in std::iter::once(&command).chain(command.get_subcommands()) {
            for arg in sub.get_arguments() {
                let Some(long) = arg.get_long() else { continue };
                if matches!(long, "help" | "version") {
                    continue;
                }
                let expected = format!("CAUSEWAY_{}", long.replace('-', "_").to_uppercase());
                let place = format!("{} --{long}", sub.get_name());
                assert_eq!(
                    arg.get_env().and_then(|name| name.to_str()),
                    Some(&*expected),
                    "{place}"
                );
                assert!(arg.get_help().is_some(), "{place} has no help");
                seen += 1;
            }
        }
        assert!(seen > 20, "only {seen} flags seen");
    }

    #[test]
    fn secrets_do_not_show_their_value_in_help() {
        let mut command = Cli::command();
        command.build();
        for sub in command.get_subcommands() {
            for arg in sub.get_arguments() {
                if arg.get_long().is_some_and(|long| long.contains("token")) {
                    assert!(arg.is_hide_env_values_set(), "{} {arg}", sub.get_name());
                }
            }
        }
    }
}
