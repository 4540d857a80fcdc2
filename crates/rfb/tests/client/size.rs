//! The screen's size, as the server changes it and as we ask for it.

use causeway_rfb::{Event, RfbError};
use causeway_screen::{Rect, Size};

use crate::server::{Session, in_every_cut, rect, rectangle, update};

const DESKTOP_SIZE: i32 = -223;
const EXTENDED_DESKTOP_SIZE: i32 = -308;

/// One screen, of id 0x01020304 and flags 5.
fn layout(reason: u16, status: u16, width: u16, height: u16) -> Vec<u8> {
    let mut body = vec![1, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0];
    body.extend(width.to_be_bytes());
    body.extend(height.to_be_bytes());
    body.extend([0, 0, 0, 5]);
    update(&[rectangle(
        rect(reason, status, width, height),
        EXTENDED_DESKTOP_SIZE,
        &body,
    )])
}

fn asked(width: u16, height: u16) -> Vec<u8> {
    let [w1, w0] = width.to_be_bytes();
    let [h1, h0] = height.to_be_bytes();
    let screen = [1, 2, 3, 4, 0, 0, 0, 0, w1, w0, h1, h0, 0, 0, 0, 5];
    [&[251, 0, w1, w0, h1, h0, 1, 0], &screen[..]].concat()
}

fn whole_request(width: u16, height: u16) -> Vec<u8> {
    let [w1, w0] = width.to_be_bytes();
    let [h1, h0] = height.to_be_bytes();
    vec![3, 0, 0, 0, 0, 0, w1, w0, h1, h0]
}

#[test]
fn another_size_is_taken_and_the_whole_screen_asked_for() {
    for bytes in [
        update(&[rectangle(rect(0, 0, 30, 20), DESKTOP_SIZE, &[])]),
        layout(0, 0, 30, 20),
        layout(1, 0, 30, 20),
        layout(2, 0, 30, 20),
    ] {
        let mut session = in_every_cut(|| Session::new(10, 10).quiet(), &bytes, 1).unwrap();
        assert_eq!(
            session.picture.size,
            Size {
                width: 30,
                height: 20
            }
        );
        assert_eq!(session.output(), whole_request(30, 20));
    }
}

#[test]
fn the_size_that_it_has_changes_nothing() {
    let mut session = Session::new(10, 10).quiet();
    session.hear(&layout(0, 0, 10, 10)).unwrap();
    assert_eq!(session.output()[..2], [3, 1], "an incremental request");
    assert_eq!(session.events(), [Event::Resizable(true)]);
}

#[test]
fn a_size_is_asked_for_once_the_server_can_and_one_at_a_time() {
    let mut session = Session::new(10, 10).quiet();
    session.client.set_wanted(false);
    session.client.resize(40, 30);
    assert_eq!(session.output(), []);
    session.hear(&layout(0, 0, 10, 10)).unwrap();
    assert_eq!(session.output(), asked(40, 30));
    session.client.resize(50, 40);
    session.client.resize(60, 50);
    assert_eq!(session.output(), []);
    session.hear(&layout(1, 0, 40, 30)).unwrap();
    assert_eq!(session.output(), asked(60, 50));
    session.hear(&layout(1, 0, 60, 50)).unwrap();
    session.client.resize(60, 50);
    assert_eq!(session.output(), [], "the size that it has");
}

#[test]
fn a_server_that_does_not_answer_is_asked_again_in_time() {
    let mut session = Session::new(10, 10).quiet();
    session.client.set_wanted(false);
    session.hear(&layout(0, 0, 10, 10)).unwrap();
    session.client.resize(40, 30);
    assert_eq!(session.output(), asked(40, 30));
    session.client.resize(50, 40);
    for _ in 0..8 {
        assert_eq!(session.output(), []);
        session.hear(&update(&[])).unwrap();
    }
    assert_eq!(session.output(), asked(50, 40));
}

#[test]
fn a_refusal_is_told_and_kept() {
    let mut session = Session::new(10, 10).quiet();
    session.client.set_wanted(false);
    session.hear(&layout(0, 0, 10, 10)).unwrap();
    session.events();
    session.client.resize(40, 30);
    session.output();
    // A size that it cannot take says nothing of others.
    session.hear(&layout(1, 3, 40, 30)).unwrap();
    assert_eq!(
        session.picture.size,
        Size {
            width: 10,
            height: 10
        }
    );
    assert_eq!(session.events(), []);
    session.client.resize(50, 40);
    assert_eq!(session.output(), asked(50, 40));
    session.hear(&layout(1, 1, 50, 40)).unwrap();
    assert_eq!(session.events(), [Event::Resizable(false)]);
    session.client.resize(60, 50);
    assert_eq!(session.output(), []);
}

#[test]
fn a_screen_that_is_too_large_is_refused() {
    for (width, height) in [(16_385, 1), (1, 65_535), (16_384, 16_384), (65_535, 65_535)] {
        let bytes = update(&[rectangle(rect(0, 0, width, height), DESKTOP_SIZE, &[])]);
        let result = Session::new(10, 10).hear(&bytes);
        assert_eq!(result, Err(RfbError::ScreenTooLarge { width, height }));
    }
    let wide = update(&[rectangle(rect(0, 0, 7680, 4320), DESKTOP_SIZE, &[])]);
    Session::new(10, 10).hear(&wide).unwrap();
}

#[test]
fn a_rectangle_of_the_old_size_is_refused_after_the_new() {
    let bytes = update(&[
        rectangle(rect(0, 0, 5, 5), DESKTOP_SIZE, &[]),
        rectangle(rect(0, 0, 10, 1), 0, &[0; 40]),
    ]);
    let result = Session::new(10, 10).hear(&bytes);
    assert_eq!(
        result,
        Err(RfbError::OutsideScreen {
            x: 0,
            y: 0,
            width: 10,
            height: 1
        })
    );
}

#[test]
fn a_server_without_a_screen_may_get_one_later() {
    let mut session = Session::new(0, 0);
    session.output();
    assert_eq!(session.picture.size, Size::default());
    session.hear(&layout(0, 0, 10, 10)).unwrap();
    let pixels = rectangle(
        Rect {
            x: 0,
            y: 0,
            width: 1,
            height: 1,
        },
        0,
        &[1, 2, 3, 0],
    );
    session.hear(&update(&[pixels])).unwrap();
    assert_eq!(session.picture.at(0, 0), [1, 2, 3]);
}
