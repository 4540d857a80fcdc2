//! What the tests share: a fake control plane, a session on a real target,
//! and a viewer at the other end of a pipe.

mod control_plane;
mod desktop;
mod node;
mod session;
mod viewer;

pub(crate) use desktop::{FakeDesktop, noise, start_desktop};
pub(crate) use node::NodeUnderTest;
pub(crate) use session::{Running, Setup};
pub(crate) use viewer::{Answer, TestViewer, within_patience};

use std::time::Duration;

use causeway_tests::sshd::Sshd;

/// Waits until the server has no connection any more.
pub(crate) async fn left(sshd: &Sshd) {
    within_patience("the server to be left", async {
        while sshd.alive() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
