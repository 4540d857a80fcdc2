//! The function that nodes and edges ask.

use std::process::ExitCode;

use causeway_lambda::{Function, serve};

fn main() -> ExitCode {
    serve(Function::Nodes, causeway_functions::fleet::router)
}
