//! Compiles the schema of the session protocol, without a `protoc` program.

use std::error::Error;

/// Messages that carry what a person typed: their `Debug` is written by hand
/// in `src/redact.rs`, so that no log can show it.
const REDACTED: [&str; 5] = [
    ".causeway.session.v1.CredentialAnswer",
    ".causeway.session.v1.TerminalInput",
    ".causeway.session.v1.Clipboard",
    ".causeway.session.v1.Key",
    ".causeway.session.v1.Text",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["causeway/session/v1/session.proto"], ["proto"])?;
    prost_build::Config::new()
        .bytes(["."])
        .btree_map(["."])
        .skip_debug(REDACTED)
        .type_attribute(".", "#[allow(missing_docs)]")
        .compile_fds(files)?;
    Ok(())
}
