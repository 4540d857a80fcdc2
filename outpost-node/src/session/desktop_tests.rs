//! The rules of a desktop session, one by one, in simulated time.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use bytes::Bytes;
use causeway_model::id::{ConnectionId, UserId};
use causeway_model::object::{EndReason, Protocol};
use causeway_screen::{Canvas as _, Rect, Screen, Size};
use causeway_target::desktop::{
    DesktopCommand, DesktopEvent, DesktopSize, Pointer, SharedScreen, Sound,
};
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{
    self, Capability, DataPolicy, DesktopResize, FrameAck, Hello, Step, TargetProtocol, ViewerSize,
    Welcome,
};
use causeway_wire::{VERSION, clipboard_pieces};
use uuid::Uuid;

use super::core::Core;
use super::desktop::Desktop;
use super::facts::Facts;
use super::viewer_state::{CONTROL_MESSAGES_MAX, ViewerId, ViewerOut};

const FIRST: ViewerId = ViewerId(1);
const SECOND: ViewerId = ViewerId(2);
const SIZE: Size = Size {
    width: 640,
    height: 480,
};

fn open_policy() -> DataPolicy {
    DataPolicy {
        copy_allowed: true,
        paste_allowed: true,
        read_only: false,
        audio_allowed: true,
        clipboard_bytes_max: 1024 * 1024,
    }
}

/// A desktop session, its screen, and a clock.
struct Session {
    core: Core<Desktop>,
    screen: SharedScreen,
    now: Instant,
}

impl Session {
    fn opening(policy: DataPolicy) -> Self {
        let facts = Facts {
            connection: ConnectionId::new(Uuid::from_u128(1)),
            user: UserId::new(Uuid::from_u128(2)),
            protocol: Protocol::Vnc,
            endpoint: "desk-01".to_owned(),
            policy,
            presentation: message::TerminalPresentation::default(),
            ends_at: None,
            resume_grace: Duration::from_secs(60),
        };
        let content = Desktop::new(
            TargetProtocol::Vnc,
            facts.policy.clipboard_bytes_max as usize,
        );
        Self {
            core: Core::new(content, facts, None),
            screen: SharedScreen::new(Screen::new()),
            now: Instant::now(),
        }
    }

    /// A session whose desktop is there, with a first picture.
    fn active(policy: DataPolicy) -> Self {
        let mut session = Self::opening(policy);
        session
            .core
            .handle_opened(session.screen.clone(), session.now);
        session.draw(|canvas| {
            canvas.set_size(SIZE);
            canvas.fill(whole(), [1, 2, 3]);
        });
        session
    }

    fn draw(&mut self, draw: impl FnOnce(&mut causeway_screen::Drawing<'_>)) {
        self.screen.draw(|canvas| {
            draw(canvas);
            canvas.end_frame();
        });
        self.settle();
    }

    /// Encodes all that there is.
    fn settle(&mut self) {
        while let Some(work) = self.core.poll_work(self.now) {
            self.core.handle_encoded(work.encode(), self.now);
        }
    }

    fn attach(&mut self, id: ViewerId) -> Welcome {
        self.core.handle_viewer_came(id, self.now);
        self.say(id, ToNodeBody::Hello(hello()));
        match self.core.poll_viewer(id, self.now) {
            Some(ViewerOut::Message(Body::Welcome(welcome))) => welcome,
            other => panic!("{other:?} instead of a welcome"),
        }
    }

    fn say(&mut self, id: ViewerId, body: ToNodeBody) {
        self.core
            .handle_viewer_message(id, Ok(Some(body)), self.now);
        self.settle();
    }

    fn happen(&mut self, event: DesktopEvent) {
        self.core.handle_event(event, self.now);
    }

    /// Everything that goes out to a viewer now.
    fn hear(&mut self, id: ViewerId) -> Vec<Body> {
        let outs = std::iter::from_fn(|| self.core.poll_viewer(id, self.now));
        outs.filter_map(|out| match out {
            ViewerOut::Message(body) => Some(body),
            ViewerOut::Ping | ViewerOut::Close(_) => None,
        })
        .collect()
    }

    fn commands(&mut self) -> Vec<DesktopCommand> {
        std::iter::from_fn(|| self.core.poll_command(self.now)).collect()
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.core.handle_timeout(self.now);
        self.settle();
    }
}

fn whole() -> Rect {
    Rect {
        x: 0,
        y: 0,
        width: SIZE.width,
        height: SIZE.height,
    }
}

fn hello() -> Hello {
    let capabilities = [
        Capability::TileZstd,
        Capability::TileJpeg,
        Capability::AudioPcm,
    ];
    Hello {
        version: VERSION,
        capabilities: capabilities.map(i32::from).to_vec(),
        size: Some(size(800)),
        ..Hello::default()
    }
}

fn size(width_px: u32) -> ViewerSize {
    ViewerSize {
        columns: 80,
        rows: 24,
        width_px,
        height_px: 600,
        scale_percent: 100,
    }
}

fn key(code: &str, down: bool) -> ToNodeBody {
    ToNodeBody::Key(message::Key {
        code: code.to_owned(),
        key: "a".to_owned(),
        down,
    })
}

fn pointer(x: u32, buttons: u32) -> ToNodeBody {
    ToNodeBody::Pointer(message::Pointer {
        x,
        y: 10,
        buttons,
        ..message::Pointer::default()
    })
}

fn ack(frame: u64) -> ToNodeBody {
    ToNodeBody::FrameAck(FrameAck {
        frame,
        present_us: 1000,
    })
}

fn frames(bodies: &[Body]) -> Vec<u64> {
    let frame = |body: &Body| match body {
        Body::FrameMark(mark) => Some(mark.frame),
        _ => None,
    };
    bodies.iter().filter_map(frame).collect()
}

fn notices(bodies: &[Body]) -> Vec<&str> {
    let code = |body| match body {
        &Body::Notice(ref notice) => Some(notice.code.as_str()),
        _ => None,
    };
    bodies.iter().filter_map(code).collect()
}

fn copied(bodies: &[Body]) -> String {
    let text = |body| match body {
        &Body::Clipboard(ref piece) => Some(piece.text.as_str()),
        _ => None,
    };
    bodies.iter().filter_map(text).collect()
}

fn sounds(bodies: &[Body]) -> usize {
    let is_sound = |body: &&Body| matches!(body, Body::AudioChunk(_));
    bodies.iter().filter(is_sound).count()
}

fn sound() -> DesktopEvent {
    DesktopEvent::Audio(Sound {
        sample_rate: 44_100,
        channels: 2,
        pcm: Bytes::from(vec![0; 4 * 4410]),
    })
}

// ---- The picture ---------------------------------------------------------

#[test]
fn a_viewer_is_welcomed_to_a_desktop_and_gets_its_picture() {
    let mut session = Session::active(open_policy());
    let welcome = session.attach(FIRST);
    assert_eq!(welcome.protocol(), TargetProtocol::Vnc);
    assert_eq!(welcome.terminal, None);
    for capability in [
        Capability::TileZstd,
        Capability::TileJpeg,
        Capability::AudioPcm,
        Capability::ClipboardText,
        Capability::Resume,
    ] {
        assert!(welcome.capabilities().any(|had| had == capability));
    }
    session.settle();
    let bodies = session.hear(FIRST);
    let Some(Body::SurfaceCreated(surface)) = bodies
        .iter()
        .find(|body| matches!(body, Body::SurfaceCreated(_)))
    else {
        panic!("no surface in {bodies:?}");
    };
    assert_eq!((surface.width, surface.height), (640, 480));
    assert_eq!(frames(&bodies), [1]);
}

#[test]
fn a_picture_that_came_before_the_viewer_or_after_it_is_the_same() {
    let mut session = Session::opening(open_policy());
    session.attach(FIRST);
    assert_eq!(frames(&session.hear(FIRST)), Vec::<u64>::new());
    session
        .core
        .handle_opened(session.screen.clone(), session.now);
    session.draw(|canvas| {
        canvas.set_size(SIZE);
        canvas.fill(whole(), [9, 9, 9]);
    });
    assert_eq!(frames(&session.hear(FIRST)), [1]);
}

#[test]
fn frames_that_are_not_acknowledged_merge() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    let mut shown = 0;
    for step in 0..100 {
        session.draw(|canvas| canvas.fill(whole(), [step, 0, 0]));
        session.pass(Duration::from_millis(20));
        shown += frames(&session.hear(FIRST)).len();
    }
    assert!((1..=4).contains(&shown), "{shown} frames are on their way");
    assert!(!session.core.wants_picture());
    session.say(FIRST, ack(shown as u64));
    session.pass(Duration::from_millis(20));
    let next = frames(&session.hear(FIRST));
    assert_eq!(next, [shown as u64 + 1]);
}

#[test]
fn nobody_wants_a_picture_of_a_desktop_that_nobody_looks_at() {
    let mut session = Session::active(open_policy());
    assert!(!session.core.wants_picture());
    session.attach(FIRST);
    session.hear(FIRST);
    session.say(FIRST, ack(1));
    session.pass(Duration::from_millis(20));
    assert!(session.core.wants_picture());
    session.core.handle_viewer_gone(FIRST, session.now);
    assert!(!session.core.wants_picture());
    assert!(session.core.poll_work(session.now).is_none());
}

#[test]
fn who_comes_back_gets_the_whole_picture_anew() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.hear(FIRST);
    session.core.handle_viewer_gone(FIRST, session.now);
    session.draw(|canvas| canvas.fill(whole(), [7, 7, 7]));
    assert!(session.attach(SECOND).resumed);
    session.settle();
    let bodies = session.hear(SECOND);
    assert!(
        bodies
            .iter()
            .any(|body| matches!(body, Body::SurfaceCreated(_)))
    );
    assert_eq!(frames(&bodies), [1]);
}

#[test]
fn a_target_that_changes_its_mind_all_the_time_drowns_nobody() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.hear(FIRST);
    for round in 0..10 * CONTROL_MESSAGES_MAX {
        session.happen(DesktopEvent::Bell);
        session.happen(DesktopEvent::Resizable(round % 2 == 1));
        session.happen(DesktopEvent::Named(format!("{round}\n{}", "x".repeat(999))));
    }
    let bodies = session.hear(FIRST);
    let [Body::DesktopState(state), Body::Bell(_)] = &bodies[..] else {
        panic!("{bodies:?}");
    };
    assert!(state.resizable);
    assert_eq!(state.name.chars().count(), 200);
    assert!(!state.name.contains('\n'));
}

// ---- Input -----------------------------------------------------------------

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

// ---- Clipboard -------------------------------------------------------------

fn long_text() -> String {
    "grüß 你好 🦀\n".repeat(45_000)
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

// ---- Sound -----------------------------------------------------------------

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

// ---- The end ---------------------------------------------------------------

#[test]
fn a_desktop_that_closes_ends_the_session() {
    let mut session = Session::active(open_policy());
    session.happen(DesktopEvent::Closed(Ok(())));
    let ending = session.core.ending().unwrap();
    assert_eq!(ending.reason, EndReason::ClosedByTarget);
    assert_eq!(ending.code, None);
}

#[test]
fn a_desktop_that_is_lost_says_why() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.hear(FIRST);
    let failure = Failure::new(FailureCode::TargetClosed, Step::Active);
    session.happen(DesktopEvent::Closed(Err(failure)));
    let bodies = session.hear(FIRST);
    let Some(Body::Failure(failure)) = bodies.last() else {
        panic!("{bodies:?}");
    };
    assert_eq!(failure.code, "target_closed");
    assert_eq!(session.commands(), []);
}
