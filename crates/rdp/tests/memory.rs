//! What an idle session takes. Alone in its file: nothing else may use the
//! memory that is measured.

mod support;

use anyhow::Result;
use causeway_tests::rdp::Xrdp;
use support::Attempt;

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_small() -> Result<()> {
    const SESSIONS: usize = 3;
    const BYTES_MAX: usize = 10 * 1024 * 1024;
    let mut servers = Vec::new();
    let mut viewers = Vec::new();
    let mut before = 0;
    for index in 0..=SESSIONS {
        let mut server = Xrdp::start().await?;
        let mut viewer = Attempt::to(server.address())
            .signing_in(server.username(), server.password())
            .sized(1280, 720)
            .open()
            .await?;
        server.session().await?;
        // Looked at in place: copies of pictures are no part of a session.
        viewer.is_lit().await?;
        servers.push(server);
        viewers.push(viewer);
        if index == 0 {
            before = resident_bytes()?;
        }
    }
    let each = resident_bytes()?.saturating_sub(before) / SESSIONS;
    println!("{each} bytes a session");
    assert!(each <= BYTES_MAX, "{each} bytes a session");
    Ok(())
}

fn resident_bytes() -> Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.unwrap_or_default().trim().parse::<usize>()? * 1024)
}
