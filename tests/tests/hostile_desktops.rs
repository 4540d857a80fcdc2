//! Desktop servers that nobody wrote in good faith: what they send ends their
//! own session with a word that helps, costs a bounded amount of memory, and
//! hurts nobody else.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use causeway_tests::hostile::{Act, Hostile};
use causeway_tests::session::{PATIENCE, Viewer};
use causeway_tests::stack::Stack;
use causeway_wire::message::Fault;
use serde_json::json;

use crate::lab::{LAB, lab};

/// What a node may need on top for one session, whatever its target does: the
/// largest desktop is 64 MPixel, but nobody draws on it here.
const GROWTH_BYTES_MAX: u64 = 96 * 1024 * 1024;
/// As much as a flood has to send to prove that nobody keeps it.
const FLOOD_BYTES: u64 = 256 * 1024 * 1024;
/// A flood that does not move for so long is held back.
const STALLED: Duration = Duration::from_secs(2);

#[tokio::test]
async fn vnc_servers_that_make_no_sense() -> Result<()> {
    let after_init =
        |bytes: &[u8]| [rfb_greeting(64, 48), vec![Act::Send(bytes.to_vec())]].concat();
    let cases = vec![
        ("nonsense", vec![Act::Send(noise(4096)), Act::Hold]),
        (
            "another protocol",
            vec![Act::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())],
        ),
        (
            "silence after the version",
            vec![Act::Send(b"RFB 003.008\n".to_vec())],
        ),
        ("half a version", vec![Act::Send(b"RFB 00".to_vec())]),
        ("an endless version", vec![Act::Flood(vec![b'R'; 4096])]),
        (
            "no security type",
            vec![
                Act::Send(b"RFB 003.008\n".to_vec()),
                Act::Take(12),
                // No types, and a reason of 4 GiB.
                Act::Send(vec![0, 0xff, 0xff, 0xff, 0xff]),
                Act::Flood(vec![b'x'; 4096]),
            ],
        ),
        (
            "an endless name",
            [
                rfb_sign_in(),
                vec![
                    Act::Send([&server_init(64, 48)[..20], &[0xff; 4]].concat()),
                    Act::Flood(vec![b'x'; 4096]),
                ],
            ]
            .concat(),
        ),
        (
            "a rectangle outside",
            after_init(&[0, 0, 0, 1, 0, 60, 0, 40, 0, 16, 0, 16, 0, 0, 0, 0]),
        ),
        (
            "an unknown encoding",
            after_init(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 16, 0, 16, 0x12, 0x34, 0x56, 0x78]),
        ),
        ("an unknown message", after_init(&[0x77; 64])),
        (
            "a truncated rectangle",
            after_init(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 16, 0, 16, 0, 0, 0, 0, 1, 2, 3]),
        ),
        (
            "compressed nonsense",
            after_init(
                &[
                    &[
                        0, 0, 0, 1, 0, 0, 0, 0, 0, 64, 0, 48, 0, 0, 0, 16, 0, 0, 0x10, 0,
                    ][..],
                    &noise(4096),
                ]
                .concat(),
            ),
        ),
    ];
    each_ends_its_session(&lab().await?, "vnc", cases).await
}

#[tokio::test]
async fn rdp_servers_that_make_no_sense() -> Result<()> {
    let confirm = |protocol: u8| {
        vec![
            Act::Take(11),
            Act::Send(vec![
                3, 0, 0, 19, 14, 0xd0, 0, 0, 0, 0, 0, 2, 0, 8, 0, protocol, 0, 0, 0,
            ]),
        ]
    };
    let then = |protocol: u8, act: Act| [confirm(protocol), vec![act]].concat();
    let cases = vec![
        ("nonsense", vec![Act::Send(noise(4096))]),
        (
            "another protocol",
            vec![Act::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())],
        ),
        ("nothing", vec![Act::Take(11)]),
        (
            "half an answer",
            vec![Act::Send(vec![3, 0, 0, 19, 14, 0xd0])],
        ),
        (
            "an endless answer",
            vec![Act::Send(vec![3, 0, 0xff, 0xff]), Act::Flood(vec![0; 4096])],
        ),
        (
            "an answer of no length",
            vec![Act::Send(vec![3, 0, 0, 0]), Act::Flood(vec![0; 64])],
        ),
        ("a security that nobody knows", then(0x40, Act::Hold)),
        ("nonsense for TLS", then(1, Act::Send(noise(4096)))),
        (
            "endless nonsense for TLS",
            then(1, Act::Flood(vec![0x16, 3, 3, 0x40, 0, 0, 0])),
        ),
        ("nonsense for NLA", then(2, Act::Send(noise(4096)))),
        ("an end instead of TLS", confirm(1)),
    ];
    each_ends_its_session(&lab().await?, "rdp", cases).await
}

#[tokio::test]
async fn a_flood_from_a_vnc_server_is_not_kept() -> Result<()> {
    let raw_tile: Vec<u8> = [
        // An update that nobody asked for, of 64x64 pixels as they are.
        &[0, 0, 0, 1, 0, 0, 0, 0, 0, 64, 0, 64, 0, 0, 0, 0][..],
        &noise(64 * 64 * 4),
    ]
    .concat();
    let resize: Vec<u8> = [4096_u16, 16]
        .into_iter()
        .flat_map(|side| {
            let [high, low] = side.to_be_bytes();
            // DesktopSize.
            [
                0, 0, 0, 1, 0, 0, 0, 0, high, low, high, low, 0xff, 0xff, 0xff, 0x21,
            ]
        })
        .collect();
    let text: Vec<u8> = [&[3, 0, 0, 0, 0, 1, 0, 0][..], &vec![b'x'; 65536]].concat();
    let floods = [
        ("bells", vec![2; 4096]),
        ("pixels", raw_tile),
        ("sizes", resize.repeat(16)),
        ("texts", text),
        // A text of almost 2 GiB that goes on and on.
        (
            "one text",
            [&[3, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff][..], &[b'x'; 4088]].concat(),
        ),
    ];
    for (name, flood) in floods {
        let stack = lab().await?;
        let acts = [rfb_greeting(640, 480), vec![Act::Flood(flood)]].concat();
        let server = Hostile::start(acts).await?;
        let before = stack.up.resident_bytes()?;
        // This viewer attaches and then neither reads nor acknowledges.
        let viewer = attach(&stack, "vnc", name, &server).await?;
        let most = most_memory_of_a_flood(&stack, &server).await?;
        assert!(
            most < before + GROWTH_BYTES_MAX,
            "{name}: from {before} to {most} bytes after {} were sent",
            server.sent_bytes()
        );
        drop(viewer);
    }
    Ok(())
}

async fn each_ends_its_session(
    stack: &Stack,
    protocol: &str,
    cases: Vec<(&str, Vec<Act>)>,
) -> Result<()> {
    let before = stack.up.resident_bytes()?;
    for (name, acts) in cases {
        let server = Hostile::start(acts).await?;
        let begun = Instant::now();
        let mut viewer = attach(stack, protocol, name, &server).await?;
        viewer
            .wait_until(&format!("an end of the session with {name}"), |viewer| {
                viewer.heard.failure.is_some() || viewer.heard.ended.is_some()
            })
            .await?;
        if let Some(failure) = &viewer.heard.failure {
            ensure!(
                matches!(failure.fault(), Fault::Target | Fault::Configuration)
                    && !failure.message.is_empty(),
                "{name}: {failure:?}"
            );
        }
        ensure!(
            begun.elapsed() < PATIENCE,
            "{name} took {:?}",
            begun.elapsed()
        );
        ensure!(server.accepted() > 0, "{name} was never visited");
    }
    let after = stack.up.resident_bytes()?;
    ensure!(
        after < before + GROWTH_BYTES_MAX,
        "from {before} to {after} bytes"
    );
    Ok(())
}

async fn attach(stack: &Stack, protocol: &str, name: &str, server: &Hostile) -> Result<Viewer> {
    let slug = name.replace(' ', "-");
    let fields = json!({
        "protocol": protocol,
        "settings": { "username": "marker", "password": "marker", "ignore-cert": true },
    });
    let host = server.address().to_string();
    stack.endpoint_with(LAB, &slug, &host, fields).await?;
    let launched = stack.admin.launch(LAB, &slug).await?;
    Viewer::open_desktop(&launched.entry, 640, 480).await
}

/// The most memory that the program had while a flood went on, was held back
/// or came to its end.
async fn most_memory_of_a_flood(stack: &Stack, server: &Hostile) -> Result<u64> {
    let (mut most, mut sent, mut moved) = (0, 0, Instant::now());
    let deadline = Instant::now() + PATIENCE;
    while sent < FLOOD_BYTES && server.ended() == 0 && moved.elapsed() < STALLED {
        tokio::time::sleep(Duration::from_millis(20)).await;
        most = most.max(stack.up.resident_bytes()?);
        if server.sent_bytes() > sent {
            (sent, moved) = (server.sent_bytes(), Instant::now());
        }
        if Instant::now() > deadline {
            break;
        }
    }
    ensure!(sent > 0 || server.ended() > 0, "no flood at all");
    Ok(most)
}

/// Up to the first message after the initialisation: no authentication
/// (RFC 6143, 7.1 to 7.3).
fn rfb_greeting(width: u16, height: u16) -> Vec<Act> {
    [rfb_sign_in(), vec![Act::Send(server_init(width, height))]].concat()
}

fn rfb_sign_in() -> Vec<Act> {
    vec![
        Act::Send(b"RFB 003.008\n".to_vec()),
        Act::Take(12),
        Act::Send(vec![1, 1]),
        Act::Take(1),
        Act::Send(vec![0; 4]),
        Act::Take(1),
    ]
}

fn server_init(width: u16, height: u16) -> Vec<u8> {
    let pixels = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
    let name = b"hostile";
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [&size, &pixels[..], &[0, 0, 0, 7], name].concat()
}

/// Bytes without any sense, the same every time.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 11) as u8
    };
    std::iter::repeat_with(&mut next).take(bytes).collect()
}
