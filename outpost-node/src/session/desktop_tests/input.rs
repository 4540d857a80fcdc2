//! Keys, pointer and size on their way to the target.

use super::*;

#[test]
fn input_reaches_the_target_in_order_and_on_the_screen() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.settle();
    for body in [
        pointer(1, 0),
        pointer(2, 0),
        pointer(5000, 1),
        key("KeyA", true),
        key("KeyA", false),
    ] {
        session.say(FIRST, body);
    }
    let at = |x, buttons| {
        DesktopCommand::Pointer(Pointer {
            x,
            y: 10,
            buttons,
            ..Pointer::default()
        })
    };
    let pressed = |down| DesktopCommand::Key {
        code: "KeyA".to_owned(),
        key: "a".to_owned(),
        down,
    };
    assert_eq!(
        session.commands(),
        [at(2, 0), at(639, 1), pressed(true), pressed(false)]
    );
}

#[test]
fn a_read_only_desktop_takes_nothing_and_says_so_when_it_was_meant() {
    let mut session = Session::active(DataPolicy {
        read_only: true,
        paste_allowed: false,
        ..open_policy()
    });
    session.attach(FIRST);
    session.settle();
    session.hear(FIRST);
    session.say(FIRST, pointer(1, 0));
    session.say(FIRST, ToNodeBody::LockKeys(message::LockKeys::default()));
    assert_eq!(notices(&session.hear(FIRST)), Vec::<&str>::new());
    session.say(FIRST, key("KeyA", true));
    assert_eq!(notices(&session.hear(FIRST)), ["read_only"]);
    session.pass(Duration::from_secs(3));
    session.say(FIRST, pointer(1, 1));
    assert_eq!(notices(&session.hear(FIRST)), ["read_only"]);
    assert_eq!(session.commands(), []);
}

#[test]
fn who_leaves_lets_go_of_every_key() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.say(FIRST, key("ShiftLeft", true));
    session.core.handle_viewer_gone(FIRST, session.now);
    let commands = session.commands();
    assert_eq!(commands.last(), Some(&DesktopCommand::ReleaseAll));
    // The one who takes another's place too.
    session.attach(FIRST);
    session.attach(SECOND);
    assert_eq!(session.commands(), [DesktopCommand::ReleaseAll]);
}

#[test]
fn input_that_finds_no_room_is_dropped_with_a_word() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.hear(FIRST);
    for round in 0..3000 {
        session.say(FIRST, key("KeyA", round % 2 == 0));
    }
    assert_eq!(notices(&session.hear(FIRST)), ["input_dropped"]);
    let commands = session.commands();
    assert_eq!(commands.last(), Some(&DesktopCommand::ReleaseAll));
}

#[test]
fn the_size_is_told_when_it_changes_and_the_newest_wins() {
    let mut session = Session::opening(open_policy());
    session.attach(FIRST);
    assert_eq!(
        session.core.size(),
        Some(DesktopSize::clamped(800, 600, 100))
    );
    session
        .core
        .handle_opened(session.screen.clone(), session.now);
    assert_eq!(session.commands(), []);
    for width in [900, 1000, 1100] {
        let size = Some(size(width));
        session.say(FIRST, ToNodeBody::DesktopResize(DesktopResize { size }));
        if width == 900 {
            let told = DesktopSize::clamped(900, 600, 100);
            assert_eq!(session.commands(), [DesktopCommand::Resize(told)]);
        }
    }
    assert_eq!(session.commands(), []);
    session.pass(Duration::from_millis(100));
    let told = DesktopSize::clamped(1100, 600, 100);
    assert_eq!(session.commands(), [DesktopCommand::Resize(told)]);
}
