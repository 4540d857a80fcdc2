//! What a viewer puts in, on its way to a target that may take it slowly.
//!
//! Keys and buttons are never lost silently, because a key that goes down and
//! never up is worse than none. The pointer's way from here to there is of no
//! use to anybody once it is over.

use std::collections::VecDeque;

use causeway_target::desktop::{DesktopCommand, Pointer};

/// Commands that wait for the target. What comes on top is dropped, and the
/// viewer is told.
pub(super) const COMMANDS_MAX: usize = 1024;
/// Text in them besides a clipboard's, in bytes.
pub(super) const TEXT_BYTES_MAX: usize = 256 * 1024;

/// The target takes input more slowly than it comes; this was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the target takes input too slowly")]
pub struct QueueFull;

/// Commands on their way to the target, in order.
#[derive(Debug)]
pub struct InputQueue {
    commands: VecDeque<DesktopCommand>,
    waiting: Waiting,
    clipboard_bytes_max: usize,
    /// Something was dropped: nothing is taken until all that waits is out
    /// and every key has been let go.
    choked: bool,
}

/// Bytes of text in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Waiting {
    text: usize,
    clipboard: usize,
}

impl InputQueue {
    /// An empty queue with room for one text for the clipboard, as long as it
    /// may be.
    #[must_use]
    pub const fn new(clipboard_bytes_max: usize) -> Self {
        Self {
            commands: VecDeque::new(),
            waiting: Waiting {
                text: 0,
                clipboard: 0,
            },
            clipboard_bytes_max,
            choked: false,
        }
    }

    /// Takes a command. A move of the pointer replaces the one before, and so
    /// does a text for the clipboard, if nothing else came between.
    ///
    /// # Errors
    /// When there is no room; from then on until the target has taken all
    /// that waits. A mere move is dropped without an error.
    pub fn push(&mut self, command: DesktopCommand) -> Result<(), QueueFull> {
        if let DesktopCommand::Pointer(pointer) = &command
            && let Some(DesktopCommand::Pointer(last)) = self.commands.back_mut()
            && let Some(merged) = merged(*last, *pointer)
        {
            *last = merged;
            return Ok(());
        }
        let replaces = matches!(
            (&command, self.commands.back()),
            (
                DesktopCommand::Clipboard(_),
                Some(DesktopCommand::Clipboard(_))
            )
        );
        if replaces && let Some(replaced) = self.commands.pop_back() {
            self.waiting.remove(&replaced);
        }
        let mut waiting = self.waiting;
        waiting.add(&command);
        let full = self.commands.len() >= COMMANDS_MAX
            || waiting.text > TEXT_BYTES_MAX
            || waiting.clipboard > self.clipboard_bytes_max;
        if full || self.choked {
            if self.is_mere_move(&command) {
                return Ok(());
            }
            self.choked = true;
            return Err(QueueFull);
        }
        self.waiting = waiting;
        self.commands.push_back(command);
        Ok(())
    }

    /// Lets go of every key and button: the viewer looks away.
    pub fn release_all(&mut self) {
        if self.commands.back() != Some(&DesktopCommand::ReleaseAll) {
            self.commands.push_back(DesktopCommand::ReleaseAll);
        }
    }

    /// The next command for the target.
    pub fn pop(&mut self) -> Option<DesktopCommand> {
        let command = self.commands.pop_front()?;
        self.waiting.remove(&command);
        if self.commands.is_empty() && std::mem::take(&mut self.choked) {
            self.release_all();
        }
        Some(command)
    }

    /// Whether losing it loses nothing but a place on the pointer's way.
    fn is_mere_move(&self, command: &DesktopCommand) -> bool {
        let DesktopCommand::Pointer(pointer) = command else {
            return false;
        };
        let before = self
            .commands
            .iter()
            .rev()
            .find_map(|waiting| match waiting {
                DesktopCommand::Pointer(pointer) => Some(pointer.buttons),
                DesktopCommand::ReleaseAll => Some(0),
                _ => None,
            });
        before == Some(pointer.buttons) && pointer.wheel_x == 0 && pointer.wheel_y == 0
    }
}

/// Two steps of the pointer in one, if that is the same to the target.
fn merged(last: Pointer, next: Pointer) -> Option<Pointer> {
    let turned = last.wheel_x != 0 || last.wheel_y != 0;
    let moved = (last.x, last.y) != (next.x, next.y);
    if last.buttons != next.buttons || (turned && moved) {
        return None;
    }
    Some(Pointer {
        wheel_x: last.wheel_x.saturating_add(next.wheel_x),
        wheel_y: last.wheel_y.saturating_add(next.wheel_y),
        ..next
    })
}

impl Waiting {
    const fn add(&mut self, command: &DesktopCommand) {
        let (text, clipboard) = bytes_of(command);
        self.text += text;
        self.clipboard += clipboard;
    }

    const fn remove(&mut self, command: &DesktopCommand) {
        let (text, clipboard) = bytes_of(command);
        self.text -= text;
        self.clipboard -= clipboard;
    }
}

/// Bytes of text in a command, and bytes for the clipboard.
const fn bytes_of(command: &DesktopCommand) -> (usize, usize) {
    match command {
        DesktopCommand::Key { code, key, .. } => (code.len() + key.len(), 0),
        DesktopCommand::Text(text) => (text.len(), 0),
        DesktopCommand::Clipboard(text) => (0, text.len()),
        DesktopCommand::Pointer(_)
        | DesktopCommand::LockKeys(_)
        | DesktopCommand::Resize(_)
        | DesktopCommand::ReleaseAll => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIPBOARD_BYTES_MAX: usize = 1000;

    fn queue() -> InputQueue {
        InputQueue::new(CLIPBOARD_BYTES_MAX)
    }

    const fn pointer(x: u16, buttons: u8, wheel_y: i32) -> DesktopCommand {
        DesktopCommand::Pointer(Pointer {
            x,
            y: 0,
            buttons,
            wheel_x: 0,
            wheel_y,
        })
    }

    fn key(down: bool) -> DesktopCommand {
        DesktopCommand::Key {
            code: "KeyA".to_owned(),
            key: "a".to_owned(),
            down,
        }
    }

    fn check(pushed: &[DesktopCommand], expected: &[DesktopCommand]) {
        let mut queue = queue();
        for command in pushed {
            assert_eq!(queue.push(command.clone()), Ok(()));
        }
        let popped: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(popped, expected);
        assert_eq!(queue.waiting, Waiting::default());
    }

    #[test]
    fn moves_are_one_and_everything_else_stays_apart() {
        check(
            &[pointer(1, 0, 0), pointer(2, 0, 0), pointer(3, 0, 0)],
            &[pointer(3, 0, 0)],
        );
        let click = [pointer(1, 0, 0), pointer(1, 1, 0), pointer(1, 0, 0)];
        check(&click, &click);
        let typed = [pointer(1, 0, 0), key(true), pointer(2, 0, 0), key(false)];
        check(&typed, &typed);
        // A wheel is turned where it was turned, all of it.
        check(
            &[pointer(1, 0, 0), pointer(2, 0, 120), pointer(2, 0, 120)],
            &[pointer(2, 0, 240)],
        );
        let turned = [pointer(1, 0, 120), pointer(2, 0, 0)];
        check(&turned, &turned);
    }

    #[test]
    fn a_clipboard_stays_before_the_keys_that_paste_it() {
        let text = |text: &str| DesktopCommand::Clipboard(text.to_owned());
        check(&[text("a"), text("b"), key(true)], &[text("b"), key(true)]);
        let pasted = [text("a"), key(true), text("b"), key(false)];
        check(&pasted, &pasted);
    }

    #[test]
    fn one_text_of_full_length_may_wait() {
        let mut queue = queue();
        let text = DesktopCommand::Clipboard("x".repeat(CLIPBOARD_BYTES_MAX));
        assert_eq!(queue.push(text.clone()), Ok(()));
        assert_eq!(queue.push(text.clone()), Ok(()));
        assert_eq!(queue.push(key(true)), Ok(()));
        assert_eq!(queue.push(text), Err(QueueFull));
    }

    #[test]
    fn a_full_queue_refuses_until_it_is_empty_and_all_keys_are_up() {
        let mut queue = queue();
        for at in 0..COMMANDS_MAX {
            assert_eq!(queue.push(key(at % 2 == 0)), Ok(()));
        }
        assert_eq!(queue.push(key(true)), Err(QueueFull));
        assert!(queue.pop().is_some());
        // The key that was lost may be one that goes up.
        assert_eq!(queue.push(key(true)), Err(QueueFull));
        for _ in 1..COMMANDS_MAX {
            assert_ne!(queue.pop(), Some(DesktopCommand::ReleaseAll));
        }
        assert_eq!(queue.push(key(true)), Ok(()));
        assert_eq!(queue.pop(), Some(DesktopCommand::ReleaseAll));
        assert_eq!(queue.pop(), Some(key(true)));
        assert_eq!(queue.pop(), None);
    }

    #[test]
    fn a_full_queue_drops_moves_without_a_word_and_no_click() {
        let mut queue = queue();
        for at in 0..COMMANDS_MAX {
            let command = if at % 2 == 0 {
                pointer(1, 0, 0)
            } else {
                key(true)
            };
            assert_eq!(queue.push(command), Ok(()));
        }
        assert_eq!(queue.push(pointer(9, 0, 0)), Ok(()));
        assert_eq!(queue.push(pointer(9, 0, 120)), Err(QueueFull));
        assert_eq!(queue.push(pointer(9, 1, 0)), Err(QueueFull));
    }

    #[test]
    fn long_texts_fill_it_too() {
        let mut queue = queue();
        let text = DesktopCommand::Text("x".repeat(TEXT_BYTES_MAX / 2));
        assert_eq!(queue.push(text.clone()), Ok(()));
        assert_eq!(queue.push(text.clone()), Ok(()));
        assert_eq!(queue.push(text), Err(QueueFull));
    }

    #[test]
    fn who_looks_away_lets_go_once_even_of_a_full_queue() {
        let mut queue = queue();
        queue.release_all();
        queue.release_all();
        assert_eq!(queue.pop(), Some(DesktopCommand::ReleaseAll));
        assert_eq!(queue.pop(), None);
    }
}
