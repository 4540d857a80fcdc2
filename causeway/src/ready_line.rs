//! The one line on standard output that says that a process is ready. Programs
//! wait for it; everything else that a process says goes to standard error.

use std::io::{self, Write, stdout};

/// Prints `ready` and `facts`.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn print(facts: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "ready {facts}")?;
    out.flush()
}

/// Runs `process`, and prints the line once `ready` has come true.
pub(crate) async fn print_while(
    process: impl Future<Output = ()>,
    ready: impl Future<Output = bool>,
    facts: &str,
) {
    let announce = async {
        if ready.await
            && let Err(error) = print(facts)
        {
            tracing::warn!(%error, "cannot say on standard output that it is ready");
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = process => {}
        () = announce => {}
    }
}
