//! A VNC client that others wrote (`vnc-rs`) and ours show the same.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use causeway_tests::picture::{Area, Picture};
use causeway_tests::vnc::Xtigervnc;
use serde_json::json;
use tokio::net::TcpStream;
use vnc::{
    ClientMouseEvent, PixelFormat, VncClient, VncConnector, VncEncoding, VncEvent, X11Event,
};

use crate::desktop_lab::open_desktop;
use crate::lab::lab;

const PATIENCE: Duration = Duration::from_secs(15);
/// How often the other client asks for what is new.
const ASK_EVERY: Duration = Duration::from_millis(20);

#[tokio::test]
async fn both_show_the_same_picture() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::builder().photo().start().await?;
    let settings = json!({ "password": server.password() });
    let (_, mut viewer) = open_desktop(&stack, "vnc", server.address(), settings).await?;
    viewer.point(1, 1, 0).await?;
    for encoding in [VncEncoding::Raw, VncEncoding::Zrle, VncEncoding::Tight] {
        let mut other = Other::connect(&server, encoding).await?;
        for (x, y) in [("180", "120"), ("31", "207")] {
            let window = ["search", "--name", "desk", "windowmove", x, y];
            server.display().run("xdotool", &window).await?;
            let expected = server.display().at_rest().await?;
            other.shows_exactly(&expected).await?;
            viewer.shows_exactly(&expected).await?;
            other.picture.must_equal(viewer.view().picture())?;
        }
    }
    Ok(())
}

/// The other client and what it drew.
struct Other {
    client: VncClient,
    picture: Picture,
}

impl Other {
    async fn connect(server: &Xtigervnc, encoding: VncEncoding) -> Result<Self> {
        let password = server.password().to_owned();
        let client = VncConnector::new(TcpStream::connect(server.address()).await?)
            .set_auth_method(async move { Ok(password) })
            .add_encoding(encoding)
            .add_encoding(VncEncoding::CopyRect)
            // Without a shape of its own the server draws the pointer.
            .add_encoding(VncEncoding::CursorPseudo)
            .allow_shared(true)
            .set_pixel_format(PixelFormat::rgba())
            .build()?
            .try_start()
            .await?
            .finish()?;
        // The server draws the pointer for who has not moved it.
        let pointer = ClientMouseEvent {
            position_x: 1,
            position_y: 1,
            bottons: 0,
        };
        client.input(X11Event::PointerEvent(pointer)).await?;
        Ok(Self {
            client,
            picture: Picture::default(),
        })
    }

    async fn shows_exactly(&mut self, expected: &Picture) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.picture != *expected {
            self.client.input(X11Event::Refresh).await?;
            while let Some(event) = self.client.poll_event().await? {
                self.draw(event)?;
            }
            if Instant::now() > deadline {
                return self
                    .picture
                    .must_equal(expected)
                    .context("the other client");
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
        Ok(())
    }

    fn draw(&mut self, event: VncEvent) -> Result<()> {
        match event {
            VncEvent::SetResolution(screen) => {
                self.picture = Picture::black(screen.width.into(), screen.height.into());
            }
            VncEvent::RawImage(rect, pixels) => self.picture.draw_rgbx(area(rect), &pixels)?,
            VncEvent::Copy(target, source) => {
                let (target, source) = (area(target), area(source));
                ensure!(self.picture.holds(target) && self.picture.holds(source));
                self.picture.copy_within(source, target.x, target.y);
            }
            VncEvent::Error(error) => bail!("the other client: {error}"),
            _ => {}
        }
        Ok(())
    }
}

fn area(rect: vnc::Rect) -> Area {
    Area {
        x: rect.x.into(),
        y: rect.y.into(),
        width: rect.width.into(),
        height: rect.height.into(),
    }
}
