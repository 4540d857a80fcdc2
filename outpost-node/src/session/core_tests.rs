//! The state machine against a reference model, and its rules one by one.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use causeway_fleet::ReportEvent;
use causeway_model::id::{ConnectionId, UserId};
use causeway_model::object::{EndReason, Protocol};
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::VERSION;
use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{
    self, Hello, Ping, Resume, Step, TerminalAck, TerminalResize, ViewerSize, Welcome,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::common::{HANDOVER_DEADLINE, LAST_WORD_DEADLINE, WAY_GRACE};
use super::core::Core;
use super::facts::Facts;
use super::opening_trace::Stage;
use super::terminal::Terminal;
use super::viewer_state::{
    CONTROL_MESSAGES_MAX, CloseReason, HELLO_DEADLINE, PING_INTERVAL, SILENCE_MAX, ViewerId,
    ViewerOut,
};
use crate::ssh::{Exit, TargetCommand};
use crate::terminal::{TerminalSize, WINDOW_BYTES_MIN};

const GRACE: Duration = Duration::from_secs(60);
pub(super) const FIRST: ViewerId = ViewerId(1);
const SECOND: ViewerId = ViewerId(2);

fn facts() -> Facts {
    Facts {
        connection: ConnectionId::new(Uuid::from_u128(1)),
        user: UserId::new(Uuid::from_u128(2)),
        protocol: Protocol::Ssh,
        endpoint: "web-01".to_owned(),
        policy: message::DataPolicy {
            copy_allowed: true,
            paste_allowed: true,
            clipboard_bytes_max: 1024,
            ..message::DataPolicy::default()
        },
        lossless: false,
        presentation: message::TerminalPresentation::default(),
        ends_at: None,
        resume_grace: GRACE,
    }
}

fn terminal(ends_at: Option<Instant>) -> Core<Terminal> {
    Core::new(Terminal::new(1024), facts(), ends_at)
}

/// A session whose shell runs, at a moment.
pub(super) fn active() -> (Core<Terminal>, Instant) {
    let mut core = terminal(None);
    core.handle_opened(TerminalSize::default());
    assert_eq!(reports(&mut core), [ReportEvent::Opened]);
    (core, Instant::now())
}

/// A session whose target refuses, at a moment, and the failure's code.
fn refused() -> (Core<Terminal>, Instant, String) {
    let (mut core, now) = (terminal(None), Instant::now());
    let failure = Failure::new(FailureCode::TargetRefused, Step::Connect);
    core.handle_open_failed(&failure, now);
    (core, now, failure.code.as_str().to_owned())
}

fn hello(resume: Option<u64>) -> ToNodeBody {
    ToNodeBody::Hello(Hello {
        version: VERSION,
        size: Some(size(80, 24)),
        resume: resume.map(|output_offset| Resume { output_offset }),
        terminal_window_bytes: WINDOW_BYTES_MIN as u32,
        ..Hello::default()
    })
}

const fn size(columns: u32, rows: u32) -> ViewerSize {
    ViewerSize {
        columns,
        rows,
        width_px: 0,
        height_px: 0,
        scale_percent: 100,
    }
}

pub(super) fn attach(
    core: &mut Core<Terminal>,
    id: ViewerId,
    resume: Option<u64>,
    now: Instant,
) -> Welcome {
    core.handle_viewer_came(id, now);
    core.handle_viewer_message(id, Ok(Some(hello(resume))), now);
    match core.poll_viewer(id, now) {
        Some(ViewerOut::Message(Body::Welcome(welcome))) => welcome,
        other => panic!("{other:?} instead of a welcome"),
    }
}

/// Everything that goes out to a viewer now.
fn outs(core: &mut Core<Terminal>, id: ViewerId, now: Instant) -> Vec<ViewerOut> {
    std::iter::from_fn(|| core.poll_viewer(id, now)).collect()
}

fn reports(core: &mut Core<Terminal>) -> Vec<ReportEvent> {
    std::iter::from_fn(|| core.poll_report()).collect()
}

fn ended(reason: EndReason) -> ReportEvent {
    ReportEvent::Ended { reason, code: None }
}

// ---- The stream, against a model ---------------------------------------

#[derive(Debug, Clone)]
enum Act {
    /// The target puts this many bytes out, if it is not held back.
    Output(usize),
    /// The viewer takes up to this many messages.
    Take(usize),
    /// The viewer acknowledges all that it took.
    Acknowledge,
    /// The viewer's socket breaks.
    Vanish,
    /// The viewer comes back, with or without memory.
    Return { remembers: bool },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1_usize..40_000).prop_map(Act::Output),
        4 => (1_usize..6).prop_map(Act::Take),
        3 => Just(Act::Acknowledge),
        1 => Just(Act::Vanish),
        2 => any::<bool>().prop_map(|remembers| Act::Return { remembers }),
    ]
}

/// Byte `offset` of what the target puts out: plain text, told apart.
fn byte_at(offset: u64) -> u8 {
    b'a' + u8::try_from(offset * 7 % 23).unwrap()
}

#[derive(Default)]
struct Model {
    /// Bytes that the target has put out.
    put_out: u64,
    viewer: Option<ViewerId>,
    viewers: u64,
    /// What the viewer has, and has acknowledged.
    has: u64,
    acknowledged: u64,
}

impl Model {
    fn act(&mut self, core: &mut Core<Terminal>, act: &Act, now: Instant) {
        match act {
            Act::Output(bytes) => {
                if !core.holds_back() {
                    let output: Vec<u8> = (0..*bytes as u64)
                        .map(|n| byte_at(self.put_out + n))
                        .collect();
                    core.handle_output(&output, now);
                    self.put_out += *bytes as u64;
                }
            }
            Act::Take(messages) => {
                for _ in 0..*messages {
                    self.take(core, now);
                }
            }
            Act::Acknowledge => self.acknowledge(core, now),
            Act::Vanish => {
                if let Some(id) = self.viewer.take() {
                    core.handle_viewer_gone(id, now);
                }
            }
            Act::Return { remembers } => self.come(core, *remembers, now),
        }
    }

    fn take(&mut self, core: &mut Core<Terminal>, now: Instant) {
        let Some(id) = self.viewer else { return };
        if let Some(ViewerOut::Message(Body::TerminalOutput(output))) = core.poll_viewer(id, now) {
            for byte in &output.data {
                assert_eq!(*byte, byte_at(self.has), "offset {}", self.has);
                self.has += 1;
            }
        }
        assert!(self.has - self.acknowledged <= WINDOW_BYTES_MIN as u64);
    }

    fn acknowledge(&mut self, core: &mut Core<Terminal>, now: Instant) {
        let Some(id) = self.viewer else { return };
        self.acknowledged = self.has;
        let ack = TerminalAck {
            output_offset: self.has,
        };
        core.handle_viewer_message(id, Ok(Some(ToNodeBody::TerminalAck(ack))), now);
    }

    fn come(&mut self, core: &mut Core<Terminal>, remembers: bool, now: Instant) {
        if self.viewer.is_some() {
            return;
        }
        self.viewers += 1;
        let id = ViewerId(self.viewers);
        let resume = (remembers && self.viewers > 1).then_some(self.has);
        let welcome = attach(core, id, resume, now);
        assert!(welcome.output_offset <= self.put_out);
        self.viewer = Some(id);
        self.has = welcome.output_offset;
        self.acknowledged = welcome.output_offset;
    }
}

proptest! {
    /// Whatever happens, a viewer gets the target's bytes in order, without a
    /// gap since its welcome, and no more than its window.
    #[test]
    fn a_viewer_gets_the_stream(acts in proptest::collection::vec(act(), 1..120)) {
        let (mut core, now) = active();
        let mut model = Model::default();
        for act in &acts {
            model.act(&mut core, act, now);
        }
        // In the end everything arrives.
        if model.viewer.is_some() {
            for _ in 0..10_000 {
                if model.has == model.put_out {
                    break;
                }
                model.take(&mut core, now);
                model.acknowledge(&mut core, now);
            }
            prop_assert_eq!(model.has, model.put_out);
            prop_assert!(!core.holds_back());
        }
    }
}

// ---- Rules --------------------------------------------------------------

#[test]
fn a_session_says_how_far_it_is() {
    let (mut core, now) = (terminal(None), Instant::now());
    assert_eq!(core.stage(), Stage::Opening(Step::Claim));
    core.handle_step(Step::Connect);
    assert_eq!(core.stage(), Stage::Opening(Step::Connect));
    core.handle_opened(TerminalSize::default());
    assert_eq!(core.stage(), Stage::Opened);
    core.handle_output(b"$ ", now);
    assert_eq!(core.stage(), Stage::Shown);
    core.handle_end(EndReason::Terminated, now);
    assert_eq!(core.stage(), Stage::Over(None));
    let (mut core, now, code) = refused();
    assert_eq!(core.stage(), Stage::HandingOver);
    core.poll_report().unwrap();
    core.handle_report_answer(false, now);
    assert!(matches!(core.stage(), Stage::Over(Some(found)) if found == code));
}

#[test]
fn a_full_window_holds_the_target_back_and_no_viewer_does_not() {
    let (mut core, now) = active();
    attach(&mut core, FIRST, None, now);
    core.handle_output(&[b'x'; WINDOW_BYTES_MIN], now);
    assert!(core.holds_back());
    core.handle_viewer_gone(FIRST, now);
    assert!(!core.holds_back());
}

#[test]
fn what_was_drawn_before_is_marked_as_a_replay() {
    let (mut core, now) = active();
    assert_eq!(attach(&mut core, FIRST, None, now).replayed_until_offset, 0);
    core.handle_output(b"drawn", now);
    outs(&mut core, FIRST, now);
    let ack = TerminalAck { output_offset: 5 };
    core.handle_viewer_message(FIRST, Ok(Some(ToNodeBody::TerminalAck(ack))), now);
    core.handle_output(b" not drawn", now);
    let welcome = attach(&mut core, SECOND, None, now);
    assert_eq!(
        (welcome.output_offset, welcome.replayed_until_offset),
        (0, 5)
    );
    assert!(welcome.resumed);
}

#[test]
fn a_viewer_that_missed_something_gets_a_redraw() {
    let (mut core, now) = active();
    attach(&mut core, FIRST, None, now);
    core.handle_viewer_gone(FIRST, now);
    core.handle_output(&vec![b'x'; 1 << 20], now);
    while core.poll_command().is_some() {}
    attach(&mut core, SECOND, Some(0), now);
    let rows: Vec<u32> = std::iter::from_fn(|| core.poll_command())
        .map(|command| match command {
            TargetCommand::Resize(size) => size.rows,
            TargetCommand::Input(_) => panic!("input"),
        })
        .collect();
    assert_eq!(rows, [23, 24]);
}

#[test]
fn only_the_latest_size_is_told() {
    let (mut core, now) = active();
    attach(&mut core, FIRST, None, now);
    for columns in [100, 110, 120] {
        let resize = TerminalResize {
            size: Some(size(columns, 30)),
        };
        core.handle_viewer_message(FIRST, Ok(Some(ToNodeBody::TerminalResize(resize))), now);
    }
    let Some(TargetCommand::Resize(told)) = core.poll_command() else {
        panic!("no resize");
    };
    assert_eq!((told.columns, told.rows), (120, 30));
    assert!(core.poll_command().is_none());
}

#[test]
fn a_size_that_changed_while_opening_is_told_afterwards() {
    let mut core = terminal(None);
    let now = Instant::now();
    attach(&mut core, FIRST, None, now);
    let resize = TerminalResize {
        size: Some(size(100, 30)),
    };
    core.handle_viewer_message(FIRST, Ok(Some(ToNodeBody::TerminalResize(resize))), now);
    assert!(core.poll_command().is_none());
    core.handle_opened(TerminalSize::of_viewer(&size(80, 24)));
    assert!(
        matches!(core.poll_command(), Some(TargetCommand::Resize(size)) if size.columns == 100)
    );
}

#[test]
fn a_viewer_that_vanishes_has_a_grace_period() {
    let (mut core, now) = active();
    attach(&mut core, FIRST, None, now);
    core.handle_viewer_gone(FIRST, now);
    assert_eq!(core.next_timeout(), Some(now + GRACE));
    assert_eq!(reports(&mut core), [ReportEvent::Detached]);
    attach(&mut core, SECOND, None, now);
    assert_eq!(reports(&mut core), [ReportEvent::Attached]);
    core.handle_timeout(now + GRACE);
    assert!(core.ending().is_none());

    core.handle_viewer_gone(SECOND, now);
    core.handle_timeout(now + GRACE);
    assert_eq!(
        reports(&mut core),
        [ReportEvent::Detached, ended(EndReason::Abandoned)]
    );
    assert!(core.is_finished(now + GRACE));
}

#[test]
fn a_viewer_that_never_says_hello_is_given_up() {
    let (mut core, now) = active();
    core.handle_viewer_came(FIRST, now);
    let later = now + HELLO_DEADLINE;
    assert_eq!(core.next_timeout(), Some(later));
    core.handle_timeout(later);
    assert_eq!(
        outs(&mut core, FIRST, later),
        [ViewerOut::Close(CloseReason::Silent)]
    );
}

#[test]
fn a_silent_viewer_is_asked_and_then_given_up() {
    let (mut core, now) = active();
    attach(&mut core, FIRST, None, now);
    outs(&mut core, FIRST, now);
    let asked = now + PING_INTERVAL;
    core.handle_timeout(asked);
    assert_eq!(outs(&mut core, FIRST, asked), [ViewerOut::Ping]);
    core.handle_viewer_heard(FIRST, asked);
    core.handle_timeout(now + SILENCE_MAX);
    assert_eq!(outs(&mut core, FIRST, asked), [ViewerOut::Ping]);
    core.handle_timeout(asked + SILENCE_MAX);
    let last = outs(&mut core, FIRST, asked).pop();
    assert_eq!(last, Some(ViewerOut::Close(CloseReason::Silent)));
}

#[test]
fn a_viewer_that_asks_more_than_it_reads_is_closed() {
    let (mut core, now) = active();
    attach(&mut core, FIRST, None, now);
    for nonce in 0..=CONTROL_MESSAGES_MAX as u64 {
        core.handle_viewer_message(FIRST, Ok(Some(ToNodeBody::Ping(Ping { nonce }))), now);
    }
    let out = outs(&mut core, FIRST, now);
    assert_eq!(out, [ViewerOut::Close(CloseReason::ProtocolError)]);
}

#[test]
fn the_last_output_comes_before_the_last_word() {
    let (mut core, now) = active();
    attach(&mut core, FIRST, None, now);
    core.handle_output(&[b'x'; 3 * WINDOW_BYTES_MIN], now);
    core.handle_exit(
        Exit {
            status: Some(0),
            signal: None,
        },
        now,
    );
    let (mut drawn, mut all) = (0, Vec::new());
    for _ in 0..3 {
        assert!(!core.is_finished(now));
        for out in outs(&mut core, FIRST, now) {
            if let ViewerOut::Message(Body::TerminalOutput(output)) = &out {
                drawn += output.data.len() as u64;
            }
            all.push(out);
        }
        let ack = TerminalAck {
            output_offset: drawn,
        };
        core.handle_viewer_message(FIRST, Ok(Some(ToNodeBody::TerminalAck(ack))), now);
    }
    assert_eq!(drawn, 3 * WINDOW_BYTES_MIN as u64);
    let [
        ..,
        ViewerOut::Message(Body::TerminalOutput(_)),
        last_word,
        close,
    ] = &all[..]
    else {
        panic!("{all:?}");
    };
    let ViewerOut::Message(Body::Ended(ended)) = last_word else {
        panic!("{last_word:?}");
    };
    assert_eq!(
        (ended.reason.as_str(), ended.exit_status),
        ("exited", Some(0))
    );
    assert_eq!(*close, ViewerOut::Close(CloseReason::Done));
}

#[test]
fn a_decision_does_not_wait_for_the_output() {
    let (mut core, now) = active();
    attach(&mut core, FIRST, None, now);
    core.handle_output(&[b'x'; 3 * WINDOW_BYTES_MIN], now);
    outs(&mut core, FIRST, now);
    core.handle_end(EndReason::Terminated, now);
    let out = outs(&mut core, FIRST, now);
    assert!(matches!(
        &out[..],
        [ViewerOut::Message(Body::Ended(_)), ViewerOut::Close(_)]
    ));
    assert_eq!(reports(&mut core), [ended(EndReason::Terminated)]);
    assert!(core.is_finished(now + LAST_WORD_DEADLINE));
}

#[test]
fn a_decision_does_not_wait_for_a_hello() {
    let (mut core, now) = active();
    core.handle_viewer_came(FIRST, now);
    assert_eq!(outs(&mut core, FIRST, now), []);
    core.handle_end(EndReason::SignedOut, now);
    let out = outs(&mut core, FIRST, now);
    assert!(matches!(
        &out[..],
        [
            ViewerOut::Message(Body::Ended(_)),
            ViewerOut::Close(CloseReason::Done)
        ]
    ));
    core.handle_viewer_gone(FIRST, now);
    assert!(core.is_finished(now));
}

#[test]
fn a_failure_waits_for_its_first_viewer() {
    let (mut core, now, code) = refused();
    assert_eq!(reports(&mut core), [ReportEvent::ConnectFailed { code }]);
    core.handle_report_answer(false, now);
    assert!(!core.is_finished(now));
    core.handle_viewer_came(FIRST, now);
    assert_eq!(outs(&mut core, FIRST, now), []);
    core.handle_viewer_message(FIRST, Ok(Some(hello(None))), now);
    let out = outs(&mut core, FIRST, now);
    assert!(matches!(
        &out[..],
        [
            ViewerOut::Message(Body::Welcome(_)),
            ViewerOut::Message(Body::Failure(_)),
            ViewerOut::Close(_)
        ]
    ));
    core.handle_viewer_gone(FIRST, now);
    assert!(core.is_finished(now));
}

#[test]
fn a_failure_does_not_wait_for_ever() {
    let mut core = terminal(None);
    let now = Instant::now();
    let failure = Failure::new(FailureCode::SshProtocolError, Step::Handshake);
    core.handle_open_failed(&failure, now);
    assert!(core.is_finished(now + HELLO_DEADLINE));
}

#[test]
fn a_viewer_waits_while_another_node_is_looked_for_and_is_sent_there() {
    let (mut core, now, code) = refused();
    attach(&mut core, FIRST, None, now);
    assert_eq!(outs(&mut core, FIRST, now), []);
    assert_eq!(reports(&mut core), [ReportEvent::ConnectFailed { code }]);
    core.handle_report_answer(true, now);
    let out = outs(&mut core, FIRST, now);
    let [
        ViewerOut::Message(Body::Ended(told)),
        ViewerOut::Close(CloseReason::Done),
    ] = &out[..]
    else {
        panic!("{out:?}");
    };
    assert_eq!(told.reason, "moved");
    assert_eq!(reports(&mut core), [], "it is another node's by now");
    core.handle_viewer_gone(FIRST, now);
    assert!(core.is_finished(now));
}

#[test]
fn without_another_node_it_ends_with_the_targets_code() {
    let (mut core, now, code) = refused();
    assert_eq!(reports(&mut core).len(), 1);
    core.handle_report_answer(false, now);
    let ended = ReportEvent::Ended {
        reason: EndReason::ConnectFailed,
        code: Some(code),
    };
    assert_eq!(reports(&mut core), [ended]);
}

#[test]
fn an_answer_to_something_else_decides_nothing() {
    let (mut core, now, _) = refused();
    core.handle_report_answer(false, now);
    assert!(core.ending().is_none(), "it was not asked yet");
}

#[test]
fn an_answer_is_not_waited_for_for_ever_and_not_asked_for_too_late() {
    let (mut core, now, code) = refused();
    let late = core.next_timeout().unwrap();
    assert_eq!(late, now + HANDOVER_DEADLINE);
    core.handle_timeout(late);
    let ended = ReportEvent::Ended {
        reason: EndReason::ConnectFailed,
        code: Some(code),
    };
    assert_eq!(reports(&mut core), [ended]);
    core.handle_report_answer(true, late);
    assert_eq!(core.ending().unwrap().reason, EndReason::ConnectFailed);
}

#[test]
fn who_ends_it_meanwhile_ends_it() {
    let (mut core, now, _) = refused();
    assert_eq!(reports(&mut core).len(), 1);
    core.handle_end(EndReason::Terminated, now);
    assert_eq!(reports(&mut core), [ended(EndReason::Terminated)]);
    // A heartbeat's answer may be quicker than that to the question.
    let (mut core, now, _) = refused();
    attach(&mut core, FIRST, None, now);
    assert_eq!(reports(&mut core).len(), 1);
    core.handle_end(EndReason::NodeLost, now);
    assert_eq!(reports(&mut core), []);
    let out = outs(&mut core, FIRST, now);
    assert!(
        matches!(&out[..], [ViewerOut::Message(Body::Ended(told)), _] if told.reason == "moved"),
        "{out:?}"
    );
}

#[test]
fn what_no_other_node_can_mend_is_not_handed_over() {
    for (code, step) in [
        (FailureCode::HostKeyChanged, Step::Handshake),
        (FailureCode::AuthFailed, Step::Authenticate),
        (FailureCode::TargetClosed, Step::Authenticate),
        (FailureCode::TargetTimedOut, Step::Open),
        (FailureCode::SettingsInvalid, Step::Claim),
    ] {
        let (mut core, now) = (terminal(None), Instant::now());
        core.handle_open_failed(&Failure::new(code, step), now);
        let told = reports(&mut core);
        assert!(
            matches!(&told[..], [ReportEvent::Ended { .. }]),
            "{code:?} at {step:?}: {told:?}"
        );
    }
}

#[test]
fn it_ends_once() {
    let (mut core, now) = active();
    core.handle_end(EndReason::Terminated, now);
    core.handle_exit(Exit::default(), now);
    core.handle_end(EndReason::SignedOut, now);
    assert_eq!(reports(&mut core), [ended(EndReason::Terminated)]);
}

#[test]
fn its_time_ends_it() {
    let now = Instant::now();
    let ends_at = now + Duration::from_secs(5);
    let mut core = terminal(Some(ends_at));
    assert_eq!(core.next_timeout(), Some(ends_at));
    core.handle_timeout(ends_at);
    assert_eq!(reports(&mut core), [ended(EndReason::Expired)]);
}

#[test]
fn a_draining_node_asks_for_another_and_goes_on_without_one() {
    let (mut core, now) = (terminal(None), Instant::now());
    attach(&mut core, FIRST, None, now);
    core.handle_step(Step::Connect);
    core.handle_drain(now);
    assert!(core.is_handing_over());
    let asked = ReportEvent::ConnectFailed {
        code: "node_draining".to_owned(),
    };
    assert_eq!(reports(&mut core), [asked]);
    core.handle_report_answer(false, now);
    assert!(!core.is_handing_over() && core.ending().is_none());
    core.handle_opened(TerminalSize::default());
    assert_eq!(reports(&mut core), [ReportEvent::Opened]);
    // A session that is there stays.
    core.handle_drain(now);
    assert!(!core.is_handing_over());
    assert_eq!(reports(&mut core), []);
}

#[test]
fn what_a_draining_node_has_not_opened_is_another_nodes() {
    let (mut core, now) = (terminal(None), Instant::now());
    attach(&mut core, FIRST, None, now);
    outs(&mut core, FIRST, now);
    core.handle_drain(now);
    assert_eq!(reports(&mut core).len(), 1);
    core.handle_report_answer(true, now);
    let out = outs(&mut core, FIRST, now);
    assert!(
        matches!(&out[..], [ViewerOut::Message(Body::Ended(told)), _] if told.reason == "moved"),
        "{out:?}"
    );
    assert_eq!(reports(&mut core), []);
}

#[test]
fn a_lost_edge_is_no_leaving() {
    let mut facts = facts();
    facts.resume_grace = Duration::ZERO;
    let mut core = Core::new(Terminal::new(1024), facts, None);
    core.handle_opened(TerminalSize::default());
    assert_eq!(reports(&mut core), [ReportEvent::Opened]);
    let now = Instant::now();
    attach(&mut core, FIRST, None, now);
    core.handle_way_lost(FIRST, now);
    // Told as detached, nobody would be let back in.
    assert_eq!(reports(&mut core), []);
    attach(&mut core, SECOND, None, now);
    core.handle_timeout(now + WAY_GRACE);
    assert!(core.ending().is_none());
    core.handle_way_lost(SECOND, now);
    core.handle_timeout(now + WAY_GRACE);
    assert_eq!(reports(&mut core), [ended(EndReason::Abandoned)]);
}
