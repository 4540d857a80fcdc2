//! Which way of authentication comes next (RFC 4252): a pure decision from
//! what the settings hold, what the target offers and what was tried.

use russh::MethodKind;

/// How often a person may answer before it counts as failed. Together with a
/// key and the probe it stays under OpenSSH's `MaxAuthTries` of 6.
pub(super) const VIEWER_TRIES_MAX: u32 = 3;

/// One way to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The private key, or its certificate.
    PublicKey,
    /// The password of the settings.
    SettingsPassword,
    /// A password that the viewer is asked for.
    ViewerPassword,
    /// The target's own questions.
    KeyboardInteractive,
}

/// What became of an attempt that did not let us in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The target accepted it and wants more.
    Partial,
    /// It was wrong.
    Wrong {
        /// Whether a person had a part in it and can do better.
        viewer_answered: bool,
    },
}

/// Keeps track of what was tried.
#[derive(Debug, Clone)]
pub(super) struct AuthPlan {
    key: Resource,
    password: Resource,
    viewer_tries: u32,
    given_up: bool,
    tried: Vec<Attempt>,
}

/// Something of the settings that is worth one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource {
    Absent,
    Unused,
    Used,
}

impl Resource {
    const fn new(present: bool) -> Self {
        if present { Self::Unused } else { Self::Absent }
    }
}

impl AuthPlan {
    /// A plan from what the settings hold.
    #[must_use]
    pub(super) const fn new(has_key: bool, has_password: bool) -> Self {
        Self {
            key: Resource::new(has_key),
            password: Resource::new(has_password),
            viewer_tries: 0,
            given_up: false,
            tried: Vec::new(),
        }
    }

    /// What was tried so far, in order.
    #[must_use]
    pub(super) fn tried(&self) -> &[Attempt] {
        &self.tried
    }

    /// The next attempt, if any of the offered methods is worth one.
    pub(super) fn next(&mut self, offered: &[MethodKind]) -> Option<Attempt> {
        if self.given_up {
            return None;
        }
        let attempt = self.choose(offered)?;
        match attempt {
            Attempt::PublicKey => self.key = Resource::Used,
            Attempt::SettingsPassword => self.password = Resource::Used,
            Attempt::ViewerPassword => self.viewer_tries += 1,
            Attempt::KeyboardInteractive => {
                self.viewer_tries += 1;
                if self.password == Resource::Unused {
                    self.password = Resource::Used;
                }
            }
        }
        self.tried.push(attempt);
        Some(attempt)
    }

    /// The attempt that [`AuthPlan::next`] gave did not let us in.
    pub(super) fn handle_refused(&mut self, attempt: Attempt, refused: Refused) {
        match (attempt, refused) {
            (_, Refused::Partial)
            | (Attempt::PublicKey | Attempt::ViewerPassword, _)
            | (
                Attempt::KeyboardInteractive,
                Refused::Wrong {
                    viewer_answered: true,
                },
            ) => {}
            // The settings' password alone was told, and it is wrong. To try
            // it elsewhere would only lock the account.
            (Attempt::SettingsPassword | Attempt::KeyboardInteractive, Refused::Wrong { .. }) => {
                self.given_up = true;
            }
        }
    }

    fn choose(&self, offered: &[MethodKind]) -> Option<Attempt> {
        let offers = |method| offered.contains(&method);
        if self.key == Resource::Unused && offers(MethodKind::PublicKey) {
            return Some(Attempt::PublicKey);
        }
        if self.password == Resource::Unused && offers(MethodKind::Password) {
            return Some(Attempt::SettingsPassword);
        }
        if self.viewer_tries >= VIEWER_TRIES_MAX {
            return None;
        }
        if offers(MethodKind::KeyboardInteractive) {
            return Some(Attempt::KeyboardInteractive);
        }
        (self.password == Resource::Absent && offers(MethodKind::Password))
            .then_some(Attempt::ViewerPassword)
    }
}

#[cfg(test)]
mod tests {
    use MethodKind::{GssapiWithMic, KeyboardInteractive, Password, PublicKey};

    use super::*;

    const WRONG: Refused = Refused::Wrong {
        viewer_answered: false,
    };
    const WRONG_ANSWER: Refused = Refused::Wrong {
        viewer_answered: true,
    };

    /// Plays a target that refuses every attempt as told, and compares what
    /// was tried.
    fn check(
        (has_key, has_password): (bool, bool),
        rounds: &[(&[MethodKind], Refused)],
        expected: &[Attempt],
    ) {
        let mut plan = AuthPlan::new(has_key, has_password);
        let mut rounds = rounds.iter();
        let Some((mut offered, mut refused)) = rounds.next().copied() else {
            return;
        };
        while let Some(attempt) = plan.next(offered) {
            plan.handle_refused(attempt, refused);
            if let Some(next) = rounds.next() {
                (offered, refused) = *next;
            }
        }
        assert_eq!(plan.tried(), expected);
    }

    #[test]
    fn a_key_comes_first_then_the_password() {
        check(
            (true, true),
            &[(&[Password, PublicKey, KeyboardInteractive], WRONG)],
            &[Attempt::PublicKey, Attempt::SettingsPassword],
        );
    }

    #[test]
    fn a_password_goes_by_keyboard_interactive_when_that_is_all_there_is() {
        check(
            (false, true),
            &[(&[KeyboardInteractive], WRONG)],
            &[Attempt::KeyboardInteractive],
        );
    }

    #[test]
    fn a_person_is_asked_three_times() {
        check(
            (false, false),
            &[(&[Password], WRONG_ANSWER)],
            &[Attempt::ViewerPassword; 3],
        );
        check(
            (false, false),
            &[(&[PublicKey, Password, KeyboardInteractive], WRONG_ANSWER)],
            &[Attempt::KeyboardInteractive; 3],
        );
        check(
            (false, true),
            &[(&[KeyboardInteractive], WRONG_ANSWER)],
            &[Attempt::KeyboardInteractive; 3],
        );
    }

    #[test]
    fn further_factors_follow_a_partial_success() {
        check(
            (true, false),
            &[
                (&[PublicKey], Refused::Partial),
                (&[KeyboardInteractive], WRONG_ANSWER),
            ],
            &[
                Attempt::PublicKey,
                Attempt::KeyboardInteractive,
                Attempt::KeyboardInteractive,
                Attempt::KeyboardInteractive,
            ],
        );
        check(
            (false, true),
            &[
                (&[Password], Refused::Partial),
                (&[KeyboardInteractive], WRONG),
            ],
            &[Attempt::SettingsPassword, Attempt::KeyboardInteractive],
        );
    }

    #[test]
    fn nothing_is_tried_that_cannot_work() {
        check((true, true), &[(&[GssapiWithMic], WRONG)], &[]);
        check((false, false), &[(&[PublicKey], WRONG)], &[]);
    }
}
