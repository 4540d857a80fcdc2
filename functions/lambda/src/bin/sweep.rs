//! The function that a schedule invokes.

use std::process::ExitCode;

use causeway_lambda::sweep_on_schedule;

fn main() -> ExitCode {
    sweep_on_schedule()
}
