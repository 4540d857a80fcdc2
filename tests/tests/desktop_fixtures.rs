//! The desktop fixtures are what they say they are, by the word of the tools
//! of their own side.

use std::time::Duration;

use anyhow::Result;
use causeway_tests::display::{Background, TERMINAL_AT, Xvfb};
use causeway_tests::rdp::{Shadow, ShadowSecurity, Xrdp};
use causeway_tests::vnc::{X11vnc, Xtigervnc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::lab::eventually;

#[tokio::test]
async fn a_desk_writes_down_what_is_typed_and_clicked() -> Result<()> {
    let screen = Xvfb::start(800, 600, Background::Plain).await?;
    let display = screen.display();
    assert_eq!(display.size().await?, (800, 600));
    display.run("xdotool", &["type", "marker text"]).await?;
    let (x, y) = TERMINAL_AT;
    let (x, y) = ((x + 30).to_string(), (y + 60).to_string());
    display
        .run("xdotool", &["mousemove", &x, &y, "click", "1"])
        .await?;
    eventually("text and click", || async {
        let typed = screen.desk().typed();
        let whole = typed.starts_with("marker text\x1b[<0;") && typed.ends_with('m');
        Ok(if whole { Ok(()) } else { Err(typed) })
    })
    .await?;
    assert_eq!(
        display.pointer().await?,
        (x.parse()?, y.parse()?),
        "the pointer is where it was put"
    );
    let owner = display.copy("ein Text ✓").await?;
    eventually("a clipboard", || async {
        let text = display.clipboard().await?;
        Ok(if text.as_deref() == Some("ein Text ✓") {
            Ok(())
        } else {
            Err(format!("{text:?}"))
        })
    })
    .await?;
    drop(owner);
    Ok(())
}

#[tokio::test]
async fn vnc_servers_greet_side_by_side() -> Result<()> {
    let (one, two, three) = tokio::try_join!(
        Xtigervnc::start(),
        Xtigervnc::builder()
            .security_types("X509Plain,TLSVnc")
            .photo()
            .start(),
        X11vnc::start(640, 480),
    )?;
    assert_eq!(security_types(one.address()).await?, [2]);
    assert_eq!(security_types(two.address()).await?, [19]);
    assert_eq!(security_types(three.address()).await?, [2]);
    assert!(two.account().is_some());
    let picture = two.display().screenshot().await?;
    assert_eq!(picture.size(), (1024, 768));
    let plain = one.display().screenshot().await?;
    assert!(picture.ssim(&plain)? < 0.9, "a photo is no plain colour");
    assert_eq!(plain.pixel(1000, 700), [0x33, 0x66, 0x99]);
    assert_eq!(three.display().size().await?, (640, 480));
    Ok(())
}

#[tokio::test]
async fn a_vnc_server_comes_back_behind_its_port_with_another_certificate() -> Result<()> {
    let mut server = Xtigervnc::builder()
        .security_types("X509None")
        .start()
        .await?;
    let (address, before) = (server.address(), server.certificate().sha256_hex()?);
    assert_eq!(before.len(), 64);
    server.restart_with_new_certificate().await?;
    assert_eq!(security_types(address).await?, [19]);
    assert_ne!(server.certificate().sha256_hex()?, before);
    Ok(())
}

#[tokio::test]
async fn rdp_servers_choose_their_security_side_by_side() -> Result<()> {
    let (one, two, tls, nla) = tokio::try_join!(
        Xrdp::start(),
        Xrdp::start(),
        Shadow::start(640, 480, ShadowSecurity::Tls),
        Shadow::start(640, 480, ShadowSecurity::Nla),
    )?;
    const TLS: u32 = 1;
    const NLA: u32 = 2;
    assert_eq!(security(one.address()).await?, TLS, "{}", one.last_words());
    assert_eq!(security(two.address()).await?, TLS, "{}", two.last_words());
    assert_eq!(security(tls.address()).await?, TLS, "{}", tls.last_words());
    assert_eq!(security(nla.address()).await?, NLA, "{}", nla.last_words());
    assert_eq!(nla.certificate_sha256_hex()?.len(), 64);
    assert_eq!((one.accepted(), nla.accepted()), (1, 1));
    Ok(())
}

/// Security types that an RFB server offers (RFB 3.8, 7.1.2).
async fn security_types(address: std::net::SocketAddr) -> Result<Vec<u8>> {
    let mut server = TcpStream::connect(address).await?;
    let mut version = [0; 12];
    server.read_exact(&mut version).await?;
    server.write_all(b"RFB 003.008\n").await?;
    let mut types = vec![0; server.read_u8().await?.into()];
    server.read_exact(&mut types).await?;
    // Not every server has only those that it was told to have.
    types.retain(|kind| [2, 19].contains(kind));
    Ok(types)
}

/// The protocol that an RDP server selects when TLS and NLA are offered
/// (MS-RDPBCGR 2.2.1.1, 2.2.1.2).
async fn security(address: std::net::SocketAddr) -> Result<u32> {
    const REQUEST: &[u8] = &[3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0];
    let mut server = TcpStream::connect(address).await?;
    server.write_all(REQUEST).await?;
    let mut confirm = [0; 19];
    let read = server.read_exact(&mut confirm);
    tokio::time::timeout(Duration::from_secs(5), read).await??;
    Ok(u32::from_le_bytes(confirm[15..].try_into()?))
}
