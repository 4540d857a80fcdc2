//! Sound on its way to viewers.

use super::*;

#[test]
fn sound_is_for_who_can_hear_it() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.hear(FIRST);
    session.happen(sound());
    assert_eq!(sounds(&session.hear(FIRST)), 1);

    session.core.handle_viewer_came(SECOND, session.now);
    let deaf = Hello {
        capabilities: vec![Capability::TileZstd.into()],
        ..hello()
    };
    session.say(SECOND, ToNodeBody::Hello(deaf));
    session.happen(sound());
    assert_eq!(sounds(&session.hear(SECOND)), 0);
}

#[test]
fn sound_that_is_not_allowed_reaches_nobody() {
    let mut session = Session::active(DataPolicy {
        audio_allowed: false,
        ..open_policy()
    });
    session.attach(FIRST);
    session.happen(sound());
    assert_eq!(sounds(&session.hear(FIRST)), 0);
}

#[test]
fn sound_that_waits_too_long_is_dropped_and_counted() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.hear(FIRST);
    session.core.take_tally();
    for _ in 0..100 {
        session.happen(sound());
    }
    assert_eq!(sounds(&session.hear(FIRST)), 4);
    assert_eq!(session.core.take_tally().sounds_dropped, 96);
}
