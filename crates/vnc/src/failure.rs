//! What went wrong, in the words of every target.

use causeway_rfb::RfbError;
use causeway_rfb::security::{LayerError, SecurityError};
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;

use crate::transport::TransportError;

/// A transport that broke at `step`.
pub(crate) fn of_transport(error: TransportError, step: Step) -> Failure {
    match error {
        TransportError::Closed => Failure::new(FailureCode::TargetClosed, step),
        TransportError::Io(error) => Failure::new(FailureCode::TargetClosed, step).because(error),
        TransportError::Layer(error) => of_layer(error, step),
    }
}

fn of_layer(error: LayerError, step: Step) -> Failure {
    Failure::new(FailureCode::TlsFailed, step)
        .with("reason", error)
        .because(error)
}

/// A handshake that failed.
pub(crate) fn of_security(error: SecurityError) -> Failure {
    let (code, step) = match &error {
        SecurityError::NotRfb { .. }
        | SecurityError::Protocol(_)
        | SecurityError::Cryptography(_) => (FailureCode::VncProtocolError, Step::Handshake),
        SecurityError::Refused { .. } => (FailureCode::VncRefused, Step::Handshake),
        SecurityError::Unsupported { .. } => {
            (FailureCode::VncSecurityUnsupported, Step::Authenticate)
        }
        SecurityError::WrongCredentials { .. } | SecurityError::CredentialsTooLong { .. } => {
            (FailureCode::AuthFailed, Step::Authenticate)
        }
        SecurityError::TooManyAttempts { .. } => {
            (FailureCode::VncTooManyAttempts, Step::Authenticate)
        }
    };
    let failure = Failure::new(code, step);
    let failure = match &error {
        SecurityError::NotRfb { greeting } if !greeting.is_empty() => {
            failure.with("greeting", greeting)
        }
        SecurityError::Protocol(reason) | SecurityError::Cryptography(reason) => {
            failure.with("reason", reason)
        }
        SecurityError::Refused { reason }
        | SecurityError::WrongCredentials { reason }
        | SecurityError::TooManyAttempts { reason }
            if !reason.is_empty() =>
        {
            failure.with("reason", reason)
        }
        SecurityError::Unsupported { offered } => failure.with("offered", offered),
        SecurityError::CredentialsTooLong { .. } => failure.with("reason", &error),
        _ => failure,
    };
    failure.because(error)
}

/// A client that cannot go on.
pub(crate) fn of_client(error: RfbError, step: Step) -> Failure {
    Failure::new(FailureCode::VncProtocolError, step)
        .with("reason", &error)
        .because(error)
}

/// A deadline that passed.
pub(crate) fn timed_out(step: Step, deadline: &str) -> Failure {
    Failure::new(FailureCode::TargetTimedOut, step).with("deadline", deadline)
}
