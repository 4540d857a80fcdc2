//! The clipboards of both sides.

use super::*;

fn long_text() -> String {
    "grüß 你好 🦀\n".repeat(50_000)
}

#[test]
fn a_long_text_goes_both_ways_in_pieces() {
    let text = long_text();
    assert!(text.len() > 900_000);
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.settle();
    session.hear(FIRST);
    session.happen(DesktopEvent::Clipboard(text.clone()));
    let bodies = session.hear(FIRST);
    assert!(bodies.len() > 3);
    assert_eq!(copied(&bodies), text);
    for piece in clipboard_pieces(&text) {
        session.say(FIRST, ToNodeBody::Clipboard(piece));
    }
    assert_eq!(session.commands(), [DesktopCommand::Clipboard(text)]);
}

#[test]
fn the_policy_stands_between_the_clipboards() {
    let mut session = Session::active(DataPolicy {
        copy_allowed: false,
        paste_allowed: false,
        ..open_policy()
    });
    session.attach(FIRST);
    session.settle();
    session.hear(FIRST);
    session.happen(DesktopEvent::Clipboard("secret".to_owned()));
    session.say(
        FIRST,
        ToNodeBody::Clipboard(clipboard_pieces("secret").pop_front().unwrap()),
    );
    let bodies = session.hear(FIRST);
    assert_eq!(notices(&bodies), ["copy_refused", "paste_refused"]);
    assert_eq!(copied(&bodies), "");
    assert_eq!(session.commands(), []);
}

#[test]
fn a_text_over_the_limit_is_refused_both_ways() {
    let mut session = Session::active(DataPolicy {
        clipboard_bytes_max: 1000,
        ..open_policy()
    });
    session.attach(FIRST);
    session.settle();
    session.hear(FIRST);
    for piece in clipboard_pieces(&long_text()) {
        session.say(FIRST, ToNodeBody::Clipboard(piece));
    }
    assert_eq!(notices(&session.hear(FIRST)), ["clipboard_too_long"]);
    session.pass(Duration::from_secs(3));
    session.happen(DesktopEvent::ClipboardTooLong);
    assert_eq!(notices(&session.hear(FIRST)), ["clipboard_too_long"]);
    session.pass(Duration::from_secs(3));
    session.happen(DesktopEvent::Clipboard("x".repeat(1001)));
    let bodies = session.hear(FIRST);
    assert_eq!(notices(&bodies), ["clipboard_too_long"]);
    assert_eq!(copied(&bodies), "");
    assert_eq!(session.commands(), []);
}

#[test]
fn what_was_copied_while_nobody_looked_waits_for_the_next() {
    let mut session = Session::active(open_policy());
    session.happen(DesktopEvent::Clipboard("earlier".to_owned()));
    session.happen(DesktopEvent::Clipboard("later".to_owned()));
    session.happen(DesktopEvent::Clipboard(String::new()));
    session.attach(FIRST);
    assert_eq!(copied(&session.hear(FIRST)), "later");
    session.attach(SECOND);
    assert_eq!(copied(&session.hear(SECOND)), "");
}

#[test]
fn pieces_for_the_clipboard_and_frames_take_turns() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.happen(DesktopEvent::Clipboard(long_text()));
    session.settle();
    let bodies = session.hear(FIRST);
    let of = |wanted: fn(&Body) -> bool| bodies.iter().position(wanted).unwrap();
    let piece = of(|body| matches!(body, Body::Clipboard(_)));
    let mark = of(|body| matches!(body, Body::FrameMark(_)));
    let last = bodies.len() - 1;
    assert!(piece < mark && mark < last, "{piece} {mark} {last}");
}
