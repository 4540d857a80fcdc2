//! The portal's function.

use std::process::ExitCode;

use causeway_lambda::{Function, serve};

fn main() -> ExitCode {
    serve(Function::Portal, causeway_functions::portal::router)
}
