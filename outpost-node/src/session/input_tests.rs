//! Input over ways that are lost: a viewer that sends again what was not taken,
//! against what reaches the shell.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::time::Instant;

use causeway_wire::VERSION;
use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{Hello, InputStream, TerminalInput};
use proptest::prelude::*;

use super::core::Core;
use super::core_tests::{FIRST, active, attach};
use super::input_count::TELL_WITHIN;
use super::terminal::Terminal;
use super::viewer_state::{ViewerId, ViewerOut};
use crate::ssh::TargetCommand;

#[derive(Debug, Clone, Copy)]
enum Act {
    /// The person types a letter.
    Type,
    /// So many messages of the present way come to the node.
    Arrive(usize),
    /// So many messages come that still were on ways which the viewer gave up.
    ArriveLate(usize),
    /// Time passes, and the viewer reads.
    Listen,
    /// The way is lost, which the node hears of at once, or later.
    Lose { at_once: bool },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => Just(Act::Type),
        4 => (0..5_usize).prop_map(Act::Arrive),
        1 => (0..3_usize).prop_map(Act::ArriveLate),
        1 => Just(Act::Listen),
        2 => any::<bool>().prop_map(|at_once| Act::Lose { at_once }),
    ]
}

/// A viewer, and all that is on its way.
struct Person {
    core: Core<Terminal>,
    now: Instant,
    way: ViewerId,
    on_its_way: VecDeque<u8>,
    late: VecDeque<(ViewerId, u8)>,
    taken: u64,
    kept: VecDeque<u8>,
    typed: Vec<u8>,
    arrived: Vec<u8>,
}

impl Person {
    fn new() -> Self {
        let (core, now) = active();
        let mut person = Self {
            core,
            now,
            way: FIRST,
            on_its_way: VecDeque::new(),
            late: VecDeque::new(),
            taken: 0,
            kept: VecDeque::new(),
            typed: Vec::new(),
            arrived: Vec::new(),
        };
        person.come();
        person
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Type => {
                let letter = b'a' + (self.typed.len() % 26) as u8;
                self.typed.push(letter);
                self.kept.push_back(letter);
                self.on_its_way.push_back(letter);
            }
            Act::Arrive(count) => {
                let count = count.min(self.on_its_way.len());
                for letter in self.on_its_way.drain(..count).collect::<Vec<_>>() {
                    self.arrive(self.way, letter);
                }
            }
            Act::ArriveLate(count) => {
                for _ in 0..count {
                    if let Some((way, letter)) = self.late.pop_front() {
                        self.arrive(way, letter);
                    }
                }
            }
            Act::Listen => {
                self.now += TELL_WITHIN;
                self.core.handle_timeout(self.now);
                while let Some(out) = self.core.poll_viewer(self.way, self.now) {
                    self.hear(out);
                }
            }
            Act::Lose { at_once } => {
                let way = self.way;
                let lost = std::mem::take(&mut self.on_its_way);
                if at_once {
                    self.core.handle_way_lost(way, self.now);
                }
                self.late
                    .extend(lost.into_iter().map(|letter| (way, letter)));
                self.way = ViewerId(way.0 + 1);
                self.come();
            }
        }
    }

    fn come(&mut self) {
        self.core.handle_viewer_came(self.way, self.now);
        let hello = ToNodeBody::Hello(Hello {
            version: VERSION,
            input: Some(InputStream {
                id: 7,
                sent: self.taken + self.kept.len() as u64,
            }),
            ..Hello::default()
        });
        self.core
            .handle_viewer_message(self.way, Ok(Some(hello)), self.now);
        let welcome = self.core.poll_viewer(self.way, self.now).unwrap();
        self.hear(welcome);
        self.on_its_way.clone_from(&self.kept);
    }

    fn hear(&mut self, out: ViewerOut) {
        let taken = match out {
            ViewerOut::Message(Body::Welcome(welcome)) => welcome.input_taken.unwrap(),
            ViewerOut::Message(Body::InputTaken(taken)) => taken.count,
            _ => return,
        };
        assert!(taken >= self.taken, "nothing is given back");
        let skipped = usize::try_from(taken - self.taken).unwrap();
        self.kept.drain(..skipped);
        self.taken = taken;
    }

    fn arrive(&mut self, way: ViewerId, letter: u8) {
        let input = ToNodeBody::TerminalInput(TerminalInput {
            data: vec![letter].into(),
            origin: 0,
        });
        self.core
            .handle_viewer_message(way, Ok(Some(input)), self.now);
        while let Some(command) = self.core.poll_command() {
            if let TargetCommand::Input(data) = command {
                self.arrived.extend_from_slice(&data);
            }
        }
    }
}

proptest! {
    #[test]
    fn each_letter_arrives_once_and_in_its_order(acts in proptest::collection::vec(act(), 1..150)) {
        let mut person = Person::new();
        for act in acts {
            person.act(act);
            prop_assert!(person.typed.starts_with(&person.arrived));
        }
        person.act(Act::Arrive(usize::MAX));
        prop_assert_eq!(&person.arrived, &person.typed);
        person.act(Act::Listen);
        prop_assert!(person.kept.is_empty());
    }
}

/// One from before input was counted, and programs of others.
#[test]
fn a_viewer_that_counts_nothing_is_told_nothing() {
    let (mut core, now) = active();
    let welcome = attach(&mut core, FIRST, None, now);
    assert_eq!(welcome.input_taken, None);
    let input = ToNodeBody::TerminalInput(TerminalInput {
        data: "a".into(),
        origin: 0,
    });
    core.handle_viewer_message(FIRST, Ok(Some(input)), now);
    core.handle_timeout(now + TELL_WITHIN);
    let told = std::iter::from_fn(|| core.poll_viewer(FIRST, now))
        .any(|out| matches!(out, ViewerOut::Message(Body::InputTaken(_))));
    assert!(!told);
}
