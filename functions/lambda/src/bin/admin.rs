//! The administrators' function.

use std::process::ExitCode;

use causeway_lambda::serve_admin;

fn main() -> ExitCode {
    serve_admin(causeway_functions::admin::router)
}
