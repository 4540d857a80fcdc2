//! What JPEG lost is asked for again once the picture is calm.

use std::time::{Duration, Instant};

use causeway_rfb::{ClientConfig, PixelFormat};

use crate::jpeg::{file, rectangle_of};
use crate::server::{Session, rect, rectangle, update};

const CALM: Duration = Duration::from_millis(300);

/// Whether a SetEncodings message has a quality level, and what follows it.
fn quality_and_rest(sent: &[u8]) -> (bool, Vec<u8>) {
    assert_eq!(sent[0], 2, "SetEncodings");
    let end = 4 + 4 * usize::from(u16::from_be_bytes([sent[2], sent[3]]));
    let levels = -32..=-23;
    let has_quality = sent[4..end]
        .chunks_exact(4)
        .any(|number| levels.contains(&i32::from_be_bytes(number.try_into().unwrap())));
    (has_quality, sent[end..].to_vec())
}

fn jpeg_update() -> Vec<u8> {
    update(&[rectangle_of(&file(100, 50, |_| ()), 100, 50)])
}

fn raw_update(width: u16, height: u16) -> Vec<u8> {
    let pixels = vec![7; usize::from(width) * usize::from(height) * 4];
    update(&[rectangle(rect(0, 0, width, height), 0, &pixels)])
}

/// What asks for all that the file above touches.
const REQUEST: [u8; 10] = [3, 0, 0, 0, 0, 0, 0, 128, 0, 64];

/// A session on a screen of 200 by 200 that has just been sent a file.
fn with_jpeg() -> (Session, Instant) {
    let mut session = Session::new(200, 200).quiet();
    session.hear(&jpeg_update()).unwrap();
    (session.quiet(), Instant::now())
}

#[test]
fn what_was_lost_is_asked_for_once_nothing_moves() {
    let (mut session, start) = with_jpeg();
    assert_eq!(session.client.poll_refinement(start), Some(start + CALM));
    let later = start + CALM / 2;
    assert_eq!(session.client.poll_refinement(later), Some(start + CALM));
    session.hear(&jpeg_update()).unwrap();
    let mut session = session.quiet();
    assert_eq!(
        session.client.poll_refinement(later),
        Some(later + CALM),
        "it moves"
    );
    assert_eq!(session.output(), []);
    assert_eq!(session.client.poll_refinement(later + CALM), None);
    let (has_quality, rest) = quality_and_rest(&session.output());
    assert_eq!((has_quality, &rest[..]), (false, &REQUEST[..]));
    // An update that was on its way does not count for the answer.
    session.hear(&jpeg_update()).unwrap();
    assert_eq!(session.output()[0], 3);
    session.hear(&raw_update(100, 50)).unwrap();
    let (has_quality, _) = quality_and_rest(&session.output());
    assert!(has_quality);
    assert_eq!(session.client.poll_refinement(later + CALM * 9), None);
}

#[test]
fn what_came_again_by_itself_is_not_asked_for() {
    let (mut session, start) = with_jpeg();
    session.hear(&raw_update(128, 64)).unwrap();
    assert_eq!(session.client.poll_refinement(start), None);
    let (mut session, start) = with_jpeg();
    session.hear(&raw_update(127, 64)).unwrap();
    assert_eq!(
        session.client.poll_refinement(start),
        Some(start + CALM),
        "a part is left"
    );
}

#[test]
fn what_was_lost_is_asked_for_at_the_place_it_moved_to() {
    let (mut session, start) = with_jpeg();
    session
        .hear(&update(&[rectangle(
            rect(100, 140, 100, 50),
            1,
            &[0, 0, 0, 0],
        )]))
        .unwrap();
    session.client.poll_refinement(start);
    session.output();
    session.client.poll_refinement(start + CALM);
    let (_, rest) = quality_and_rest(&session.output());
    assert_eq!(rest[2..], [0, 0, 0, 0, 0, 200, 0, 192]);
}

#[test]
fn nothing_is_asked_for_while_nobody_looks_or_nothing_may_be_lost() {
    let (mut session, start) = with_jpeg();
    session.client.set_wanted(false);
    assert_eq!(session.client.poll_refinement(start + CALM * 9), None);
    session.client.set_wanted(true);
    assert_eq!(session.client.poll_refinement(start), Some(start + CALM));
    let config = ClientConfig {
        quality: None,
        ..ClientConfig::default()
    };
    let mut session = Session::with(200, 200, &PixelFormat::RGBX, config);
    session.hear(&jpeg_update()).unwrap();
    assert_eq!(session.client.poll_refinement(start), None);
}

#[test]
fn another_size_forgets_what_was_lost() {
    let (mut session, start) = with_jpeg();
    session
        .hear(&update(&[rectangle(rect(0, 0, 30, 20), -223, &[])]))
        .unwrap();
    assert_eq!(session.client.poll_refinement(start), None);
}

#[test]
fn a_server_that_sends_nothing_but_jpeg_is_left_alone() {
    let (mut session, mut now) = with_jpeg();
    let mut asked = 0;
    for _ in 0..200 {
        now += CALM;
        session.client.poll_refinement(now);
        let sent = session.output();
        asked += u32::from(!sent.is_empty() && !quality_and_rest(&sent).0);
        session.hear(&jpeg_update()).unwrap();
        let sent = session.output();
        assert!(!sent.is_empty());
        now += CALM;
        session.client.poll_refinement(now);
    }
    assert_eq!(asked, 3);
}

#[test]
fn loss_is_wanted_only_while_something_moves() {
    let config = ClientConfig {
        quality_in_motion_only: true,
        ..ClientConfig::default()
    };
    let mut session = Session::with(200, 200, &PixelFormat::RGBX, config).quiet();
    let start = Instant::now();
    for _ in 0..5 {
        assert_eq!(session.client.poll_refinement(start), None);
        session.hear(&raw_update(200, 100)).unwrap();
        session.output();
    }
    let calm_at = start + CALM;
    assert_eq!(session.client.poll_refinement(start), Some(calm_at));
    assert_eq!(quality_and_rest(&session.output()), (true, Vec::new()));

    session.hear(&jpeg_update()).unwrap();
    session.output();
    session.client.poll_refinement(start);
    session.client.poll_refinement(calm_at);
    let sent = session.output();
    let (has_quality, rest) = quality_and_rest(&sent);
    assert!(!has_quality, "it is calm");
    let (has_quality, rest) = quality_and_rest(&rest);
    assert_eq!((has_quality, &rest[..]), (false, &REQUEST[..]));

    session.hear(&raw_update(100, 50)).unwrap();
    assert_eq!(session.output()[0], 3, "it stays without loss");
    assert_eq!(session.client.poll_refinement(calm_at + CALM), None);
}
