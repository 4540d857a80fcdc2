//! `Debug` for the messages that carry what a person typed or copied: sizes,
//! never the words.

use std::fmt::{Debug, Formatter, Result};

use crate::message::{Clipboard, CredentialAnswer, Key, TerminalInput, Text};

impl Debug for CredentialAnswer {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("CredentialAnswer")
            .field("id", &self.id)
            .field("answers", &self.answers.len())
            .field("cancelled", &self.cancelled)
            .finish()
    }
}

impl Debug for TerminalInput {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("TerminalInput")
            .field("bytes", &self.data.len())
            .field("origin", &self.origin)
            .finish()
    }
}

impl Debug for Clipboard {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Clipboard")
            .field("bytes", &self.text.len())
            .field("more", &self.more)
            .finish()
    }
}

impl Debug for Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Text")
            .field("bytes", &self.text.len())
            .finish()
    }
}

impl Debug for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Key").field("down", &self.down).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: impl Debug) {
        let shown = format!("{message:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn what_a_person_typed_is_never_shown() {
        check(CredentialAnswer {
            id: 1,
            answers: vec!["hunter2".to_owned()],
            cancelled: false,
        });
        check(TerminalInput {
            data: "hunter2".into(),
            origin: 0,
        });
        check(Clipboard {
            text: "hunter2".to_owned(),
            more: false,
        });
        check(Text {
            text: "hunter2".to_owned(),
        });
        check(Key {
            code: "hunter2".to_owned(),
            key: "hunter2".to_owned(),
            down: true,
        });
    }
}
