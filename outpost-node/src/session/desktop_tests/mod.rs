//! The rules of a desktop session, one by one, in simulated time.

#![allow(clippy::unwrap_used)]

mod clipboard;
mod input;
mod picture;
mod sound;

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
use super::opening_trace::Stage;
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
            lossless: false,
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

    /// A session whose desktop is there, with a first picture. It was opened
    /// for a viewer of the size that every other one has, too.
    fn active(policy: DataPolicy) -> Self {
        let mut session = Self::opening(policy);
        session.core.content.handle_size(Some(size(800)));
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
    let notices = bodies.iter().filter_map(|body| match body {
        Body::Notice(notice) => Some(notice.code.as_str()),
        _ => None,
    });
    notices.collect()
}

fn copied(bodies: &[Body]) -> String {
    let pieces = bodies.iter().filter_map(|body| match body {
        Body::Clipboard(piece) => Some(piece.text.as_str()),
        _ => None,
    });
    pieces.collect()
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
