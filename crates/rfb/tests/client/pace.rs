//! When the server is asked for pictures.

use crate::server::{Session, rect, rectangle, update};

const INCREMENTAL: [u8; 10] = [3, 1, 0, 0, 0, 0, 0, 8, 0, 8];
const START: [u8; 10] = [150, 1, 0, 0, 0, 0, 0, 8, 0, 8];
const STOP: [u8; 10] = [150, 0, 0, 0, 0, 0, 0, 8, 0, 8];
const STOPPED: [u8; 1] = [150];

fn session() -> Session {
    Session::new(8, 8).quiet()
}

#[test]
fn the_next_update_is_asked_for_when_one_begins() {
    let mut session = session();
    let update = update(&[rectangle(rect(0, 0, 1, 1), 0, &[1, 2, 3, 4])]);
    session.hear(&update[..4]).unwrap();
    assert_eq!(session.output(), INCREMENTAL);
    session.hear(&update[4..]).unwrap();
    assert_eq!(session.output(), []);
}

#[test]
fn nothing_is_asked_for_while_nobody_wants_it() {
    let mut session = session();
    session.client.set_wanted(false);
    session.hear(&update(&[])).unwrap();
    assert_eq!(session.output(), []);
    session.client.set_wanted(true);
    assert_eq!(session.output(), INCREMENTAL);
    session.client.set_wanted(false);
    session.client.set_wanted(true);
    assert_eq!(session.output(), [], "it was asked for already");
}

/// A session whose server runs by itself.
fn running() -> Session {
    let mut session = session();
    session.hear(&STOPPED).unwrap();
    let mut sent = Vec::new();
    for _ in 0..4 {
        session.hear(&update(&[])).unwrap();
        sent = session.output();
    }
    assert_eq!(sent, START);
    session
}

#[test]
fn a_server_runs_while_its_pictures_are_taken() {
    let mut session = running();
    for _ in 0..3 {
        session.hear(&update(&[])).unwrap();
        assert_eq!(session.output(), []);
    }
    // Not wanted for less than an update is no reason to stop it.
    session.client.set_wanted(false);
    assert_eq!(session.output(), []);
    session.client.set_wanted(true);
    session.hear(&update(&[])).unwrap();
    assert_eq!(session.output(), []);
}

#[test]
fn a_server_is_stopped_when_a_picture_finds_no_taker() {
    let mut session = running();
    session.client.set_wanted(false);
    session.hear(&update(&[])).unwrap();
    assert_eq!(session.output(), STOP);
    session.hear(&STOPPED).unwrap();
    assert_eq!(session.output(), []);
    session.client.set_wanted(true);
    assert_eq!(session.output(), INCREMENTAL);
}

#[test]
fn a_server_that_does_not_confirm_is_asked_all_the_same() {
    let mut session = running();
    session.client.set_wanted(false);
    session.hear(&update(&[])).unwrap();
    assert_eq!(session.output(), STOP);
    session.client.set_wanted(true);
    assert_eq!(session.output(), INCREMENTAL);
}

#[test]
fn a_server_that_runs_is_told_of_another_size() {
    let mut session = running();
    session
        .hear(&update(&[rectangle(rect(0, 0, 6, 5), -223, &[])]))
        .unwrap();
    let sent = session.output();
    assert_eq!(
        sent,
        [150, 1, 0, 0, 0, 0, 0, 6, 0, 5, 3, 0, 0, 0, 0, 0, 0, 6, 0, 5]
    );
}
