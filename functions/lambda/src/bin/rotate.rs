//! The function that rotates the signing keys.

use std::process::ExitCode;

use causeway_lambda::rotate_on_request;

fn main() -> ExitCode {
    rotate_on_request()
}
