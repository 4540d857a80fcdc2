//! What viewers of a desktop put in, held to the policy.

use std::time::Instant;

use causeway_target::desktop::DesktopCommand;
use causeway_wire::message::Clipboard;
use causeway_wire::message::to_node::Body as ToNodeBody;

use super::common::Common;
use super::desktop::Desktop;
use super::notices::Notice;
use super::viewer_state::ViewerId;
use crate::desktop::{QueueFull, read_input};

impl Desktop {
    /// Takes keys, text, pointer and lock keys; passes anything else over.
    pub(super) fn handle_input(&mut self, message: ToNodeBody, common: &mut Common, now: Instant) {
        if !common.is_active() {
            return;
        }
        let Some(command) = read_input(message, self.screen_size) else {
            return;
        };
        if !common.facts().policy.read_only {
            self.tell(command, common, now);
        } else if is_deliberate(&command) {
            common.give(Notice::ReadOnly, now);
        }
    }

    /// Takes a piece of a text for the target's clipboard.
    pub(super) fn handle_pasted(
        &mut self,
        id: ViewerId,
        piece: Clipboard,
        common: &mut Common,
        now: Instant,
    ) {
        let policy = common.facts().policy;
        if !policy.paste_allowed || policy.read_only {
            return common.give(Notice::PasteRefused, now);
        }
        let Some(viewer) = self.viewers.get_mut(&id).filter(|_| common.is_active()) else {
            return;
        };
        let bytes_max = policy.clipboard_bytes_max as usize;
        match viewer.assembly.handle_piece(piece, bytes_max) {
            Ok(None) => {}
            Ok(Some(text)) => self.tell(DesktopCommand::Clipboard(text), common, now),
            Err(_) => common.give(Notice::ClipboardTooLong, now),
        }
    }

    fn tell(&mut self, command: DesktopCommand, common: &mut Common, now: Instant) {
        if let Err(QueueFull) = self.input.push(command) {
            common.give(Notice::InputDropped, now);
        }
    }
}

/// Whether somebody meant to do something: who only looks moves the pointer
/// too, and lock keys are told unasked.
fn is_deliberate(command: &DesktopCommand) -> bool {
    match command {
        DesktopCommand::Key { down, .. } => *down,
        DesktopCommand::Text(_) => true,
        DesktopCommand::Pointer(pointer) => {
            pointer.buttons != 0 || pointer.wheel_x != 0 || pointer.wheel_y != 0
        }
        DesktopCommand::LockKeys(_)
        | DesktopCommand::Clipboard(_)
        | DesktopCommand::Resize(_)
        | DesktopCommand::ReleaseAll => false,
    }
}
