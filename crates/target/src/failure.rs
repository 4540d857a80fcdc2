//! What can go wrong between a claim and a usable session: one stable code
//! each, whose fault it is, whether trying again can help, and a sentence
//! for the person who looks at it.

use std::collections::BTreeMap;
use std::error::Error;

use causeway_wire::message::{self, Fault, Step};

/// What went wrong. [`FailureCode::as_str`] is the stable name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureCode {
    /// The endpoint's settings cannot be used.
    SettingsInvalid,
    /// The protocol is not spoken by this node.
    ProtocolUnsupported,
    /// The target's name is unknown to DNS.
    TargetNameNotFound,
    /// The target's name could not be looked up.
    TargetNameLookupFailed,
    /// The target refused the TCP connection.
    TargetRefused,
    /// No route to the target.
    TargetUnreachable,
    /// The target did not answer in time.
    TargetTimedOut,
    /// The target closed the connection before the session was open.
    TargetClosed,
    /// The target does not speak SSH, or not correctly.
    SshProtocolError,
    /// Target and node share no algorithm.
    SshNoCommonAlgorithm,
    /// The target's host key is not the one remembered.
    HostKeyChanged,
    /// The target's host key is not the one that the settings pin.
    HostKeyMismatch,
    /// The setting `host-key` cannot be read.
    HostKeyInvalid,
    /// A host key seen for the first time could not be remembered.
    HostKeyNotRemembered,
    /// The target's certificate is not the one remembered.
    CertificateChanged,
    /// The target's certificate is not one that the settings pin.
    CertificateMismatch,
    /// Nothing vouches for the target's certificate.
    CertificateUntrusted,
    /// A certificate seen for the first time could not be remembered.
    CertificateNotRemembered,
    /// Target and node could not agree on TLS.
    TlsFailed,
    /// The target does not speak RFB, or not correctly.
    VncProtocolError,
    /// The target's VNC server refused the connection, with or without a reason.
    VncRefused,
    /// Target and node share no way of VNC authentication.
    VncSecurityUnsupported,
    /// The target's VNC server takes no more attempts for a while.
    VncTooManyAttempts,
    /// The VNC repeater did not lead to the target.
    VncRepeaterFailed,
    /// The target did not accept the credentials.
    AuthFailed,
    /// The target offers no way of authentication that the settings allow.
    AuthMethodUnsupported,
    /// The person did not answer the target's questions.
    AuthCancelled,
    /// Nobody answered the target's questions in time.
    AuthTimedOut,
    /// The password has expired or must be changed before it can be used.
    PasswordExpired,
    /// The account is locked.
    AccountLocked,
    /// The account is disabled or has expired.
    AccountDisabled,
    /// The account may not sign in now, from here, or without a password.
    AccountRestricted,
    /// The account may not sign in remotely.
    LogonNotPermitted,
    /// No domain controller could be asked.
    LogonServerUnavailable,
    /// The target does not speak RDP, or not correctly.
    RdpProtocolError,
    /// Only RDP's own RC4 security is wanted or offered.
    RdpSecurityUnsupported,
    /// The target demands NLA and the settings do not allow it.
    RdpNlaRequired,
    /// The settings demand NLA and the target does not offer it.
    RdpNlaNotOffered,
    /// The target refused TLS, or the handshake failed.
    RdpTlsRefused,
    /// The target has no licence for another client.
    RdpLicence,
    /// The target's broker redirects without end.
    RdpRedirectionLoop,
    /// The target has no room for another session.
    TargetBusy,
    /// The target denied the connection.
    TargetDenied,
    /// Somebody ended the session with the target's own tools.
    TargetEnded,
    /// The target's own session failed.
    TargetFailed,
    /// The target's limit for idle sessions was reached.
    TargetIdleLimit,
    /// The target's limit for the length of sessions was reached.
    TargetTimeLimit,
    /// The target shuts down.
    TargetShutdown,
    /// Another connection took the session over.
    TargetTakenOver,
    /// The private key cannot be read.
    PrivateKeyInvalid,
    /// The private key's passphrase is missing or wrong.
    PrivateKeyPassphraseWrong,
    /// The user certificate cannot be read or is not of the private key.
    CertificateInvalid,
    /// The target refused to open a session channel.
    ChannelRefused,
    /// The target refused a pseudo-terminal.
    PtyRefused,
    /// The target refused to start the shell.
    ShellRefused,
    /// The target refused to start the command.
    CommandRefused,
    /// The viewer did not speak the session protocol.
    ViewerProtocolError,
    /// A newer or older viewer than this node understands.
    VersionUnsupported,
    /// The node itself failed.
    Internal,
}

/// Everything a code implies.
struct Description {
    code: &'static str,
    fault: Fault,
    retry_may_help: bool,
    message: &'static str,
}

impl FailureCode {
    /// Every code, for tables and tests.
    pub const ALL: [Self; 59] = [
        Self::SettingsInvalid,
        Self::ProtocolUnsupported,
        Self::TargetNameNotFound,
        Self::TargetNameLookupFailed,
        Self::TargetRefused,
        Self::TargetUnreachable,
        Self::TargetTimedOut,
        Self::TargetClosed,
        Self::SshProtocolError,
        Self::SshNoCommonAlgorithm,
        Self::HostKeyChanged,
        Self::HostKeyMismatch,
        Self::HostKeyInvalid,
        Self::HostKeyNotRemembered,
        Self::CertificateChanged,
        Self::CertificateMismatch,
        Self::CertificateUntrusted,
        Self::CertificateNotRemembered,
        Self::TlsFailed,
        Self::VncProtocolError,
        Self::VncRefused,
        Self::VncSecurityUnsupported,
        Self::VncTooManyAttempts,
        Self::VncRepeaterFailed,
        Self::AuthFailed,
        Self::AuthMethodUnsupported,
        Self::AuthCancelled,
        Self::AuthTimedOut,
        Self::PasswordExpired,
        Self::AccountLocked,
        Self::AccountDisabled,
        Self::AccountRestricted,
        Self::LogonNotPermitted,
        Self::LogonServerUnavailable,
        Self::RdpProtocolError,
        Self::RdpSecurityUnsupported,
        Self::RdpNlaRequired,
        Self::RdpNlaNotOffered,
        Self::RdpTlsRefused,
        Self::RdpLicence,
        Self::RdpRedirectionLoop,
        Self::TargetBusy,
        Self::TargetDenied,
        Self::TargetEnded,
        Self::TargetFailed,
        Self::TargetIdleLimit,
        Self::TargetTimeLimit,
        Self::TargetShutdown,
        Self::TargetTakenOver,
        Self::PrivateKeyInvalid,
        Self::PrivateKeyPassphraseWrong,
        Self::CertificateInvalid,
        Self::ChannelRefused,
        Self::PtyRefused,
        Self::ShellRefused,
        Self::CommandRefused,
        Self::ViewerProtocolError,
        Self::VersionUnsupported,
        Self::Internal,
    ];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.describe().code
    }

    /// Whose fault it is, as far as a node can tell.
    #[must_use]
    pub const fn fault(self) -> Fault {
        self.describe().fault
    }

    const fn describe(self) -> Description {
        use Fault::{Causeway, Configuration, Target, Viewer};
        const fn describe(
            code: &'static str,
            fault: Fault,
            retry_may_help: bool,
            message: &'static str,
        ) -> Description {
            Description {
                code,
                fault,
                retry_may_help,
                message,
            }
        }
        match self {
            Self::SettingsInvalid => describe(
                "settings_invalid",
                Configuration,
                false,
                "The settings of this endpoint cannot be used. Please tell an administrator.",
            ),
            Self::ProtocolUnsupported => describe(
                "protocol_unsupported",
                Configuration,
                false,
                "This endpoint uses a protocol that its outpost does not speak.",
            ),
            Self::TargetNameNotFound => describe(
                "target_name_not_found",
                Configuration,
                false,
                "The name of the target machine is not known to DNS at the outpost.",
            ),
            Self::TargetNameLookupFailed => describe(
                "target_name_lookup_failed",
                Target,
                true,
                "The name of the target machine could not be looked up at the outpost.",
            ),
            Self::TargetRefused => describe(
                "target_refused",
                Target,
                true,
                "The target machine refused the connection: nothing listens on that port.",
            ),
            Self::TargetUnreachable => describe(
                "target_unreachable",
                Target,
                true,
                "The outpost has no way to the target machine.",
            ),
            Self::TargetTimedOut => describe(
                "target_timed_out",
                Target,
                true,
                "The target machine did not answer in time.",
            ),
            Self::TargetClosed => describe(
                "target_closed",
                Target,
                true,
                "The target machine closed the connection.",
            ),
            Self::SshProtocolError => describe(
                "ssh_protocol_error",
                Target,
                false,
                "What answers on the target machine does not speak SSH as expected.",
            ),
            Self::SshNoCommonAlgorithm => describe(
                "ssh_no_common_algorithm",
                Target,
                false,
                "The target machine offers only algorithms that are not used here.",
            ),
            Self::HostKeyChanged => describe(
                "host_key_changed",
                Target,
                false,
                "The target machine showed another host key than before. Either it was set up anew, or somebody is in between. An administrator can forget the old key.",
            ),
            Self::HostKeyMismatch => describe(
                "host_key_mismatch",
                Target,
                false,
                "The target machine showed another host key than its endpoint is set to.",
            ),
            Self::HostKeyInvalid => describe(
                "host_key_invalid",
                Configuration,
                false,
                "The setting host-key of this endpoint cannot be read.",
            ),
            Self::HostKeyNotRemembered => describe(
                "host_key_not_remembered",
                Causeway,
                true,
                "The host key of the target machine was seen for the first time and could not be remembered.",
            ),
            Self::CertificateChanged => describe(
                "certificate_changed",
                Target,
                false,
                "The target machine showed another certificate than before. Either it was set up anew, or somebody is in between. An administrator can forget the old one.",
            ),
            Self::CertificateMismatch => describe(
                "certificate_mismatch",
                Target,
                false,
                "The target machine showed another certificate than its endpoint is set to.",
            ),
            Self::CertificateUntrusted => describe(
                "certificate_untrusted",
                Configuration,
                false,
                "Nothing vouches for the certificate of the target machine, and this endpoint is not set to trust it when it is seen for the first time.",
            ),
            Self::CertificateNotRemembered => describe(
                "certificate_not_remembered",
                Causeway,
                true,
                "The certificate of the target machine was seen for the first time and could not be remembered.",
            ),
            Self::TlsFailed => describe(
                "tls_failed",
                Target,
                false,
                "The target machine and the outpost could not agree on an encrypted connection.",
            ),
            Self::VncProtocolError => describe(
                "vnc_protocol_error",
                Target,
                false,
                "The target machine does not speak VNC as it should.",
            ),
            Self::VncRefused => describe(
                "vnc_refused",
                Target,
                true,
                "The VNC server of the target machine refused the connection.",
            ),
            Self::VncSecurityUnsupported => describe(
                "vnc_security_unsupported",
                Configuration,
                false,
                "The VNC server of the target machine offers no way of signing in that the outpost speaks and this endpoint allows.",
            ),
            Self::VncTooManyAttempts => describe(
                "vnc_too_many_attempts",
                Target,
                true,
                "The VNC server of the target machine takes no more attempts to sign in for a while.",
            ),
            Self::VncRepeaterFailed => describe(
                "vnc_repeater_failed",
                Configuration,
                true,
                "The VNC repeater did not lead to the target machine.",
            ),
            Self::AuthFailed => describe(
                "auth_failed",
                Viewer,
                true,
                "The target machine did not accept the user name, password or key.",
            ),
            Self::AuthMethodUnsupported => describe(
                "auth_method_unsupported",
                Configuration,
                false,
                "The target machine asks for a way of authentication that this endpoint is not set up for.",
            ),
            Self::AuthCancelled => describe(
                "auth_cancelled",
                Viewer,
                true,
                "Signing in to the target machine was cancelled.",
            ),
            Self::AuthTimedOut => describe(
                "auth_timed_out",
                Viewer,
                true,
                "The target machine's question was not answered in time.",
            ),
            Self::PasswordExpired => describe(
                "password_expired",
                Target,
                false,
                "The password of this account on the target machine has expired or must be changed first. Please change it there, then try again.",
            ),
            Self::AccountLocked => describe(
                "account_locked",
                Target,
                true,
                "This account is locked on the target machine, usually after too many wrong passwords.",
            ),
            Self::AccountDisabled => describe(
                "account_disabled",
                Target,
                false,
                "This account is disabled or has expired on the target machine.",
            ),
            Self::AccountRestricted => describe(
                "account_restricted",
                Target,
                false,
                "The target machine restricts this account: the hours, the place or an empty password are not allowed.",
            ),
            Self::LogonNotPermitted => describe(
                "logon_not_permitted",
                Target,
                false,
                "This account may not sign in to the target machine remotely.",
            ),
            Self::LogonServerUnavailable => describe(
                "logon_server_unavailable",
                Target,
                true,
                "The domain controller that knows this account could not be reached.",
            ),
            Self::RdpProtocolError => describe(
                "rdp_protocol_error",
                Target,
                true,
                "What answers on the target machine does not speak RDP as expected.",
            ),
            Self::RdpSecurityUnsupported => describe(
                "rdp_security_unsupported",
                Configuration,
                false,
                "Only RDP's own old encryption is wanted or offered, which is not safe and not spoken here. Please use TLS or NLA.",
            ),
            Self::RdpNlaRequired => describe(
                "rdp_nla_required",
                Configuration,
                false,
                "The target machine demands Network Level Authentication. Please set security to nla or any.",
            ),
            Self::RdpNlaNotOffered => describe(
                "rdp_nla_not_offered",
                Configuration,
                false,
                "The settings of this endpoint demand Network Level Authentication, which the target machine does not offer.",
            ),
            Self::RdpTlsRefused => describe(
                "rdp_tls_refused",
                Target,
                false,
                "A secure connection (TLS) to the target machine could not be made.",
            ),
            Self::RdpLicence => describe(
                "rdp_licence",
                Target,
                true,
                "The target machine has no Remote Desktop licence for this connection.",
            ),
            Self::RdpRedirectionLoop => describe(
                "rdp_redirection_loop",
                Target,
                true,
                "The target machine's connection broker sent us from machine to machine without end.",
            ),
            Self::TargetBusy => describe(
                "target_busy",
                Target,
                true,
                "The target machine is busy or has no room for another session.",
            ),
            Self::TargetDenied => describe(
                "target_denied",
                Target,
                false,
                "The target machine denied the connection.",
            ),
            Self::TargetEnded => describe(
                "target_ended",
                Target,
                true,
                "The session was ended on the target machine.",
            ),
            Self::TargetFailed => describe(
                "target_failed",
                Target,
                true,
                "The session on the target machine failed.",
            ),
            Self::TargetIdleLimit => describe(
                "target_idle_limit",
                Target,
                true,
                "The target machine ended the session because nothing was done in it for too long.",
            ),
            Self::TargetTimeLimit => describe(
                "target_time_limit",
                Target,
                true,
                "The target machine ended the session because its time was over.",
            ),
            Self::TargetShutdown => describe(
                "target_shutdown",
                Target,
                true,
                "The target machine is shutting down or restarting.",
            ),
            Self::TargetTakenOver => describe(
                "target_taken_over",
                Target,
                true,
                "Somebody connected to the same session from elsewhere and took it over.",
            ),
            Self::PrivateKeyInvalid => describe(
                "private_key_invalid",
                Configuration,
                false,
                "The private key of this endpoint cannot be read.",
            ),
            Self::PrivateKeyPassphraseWrong => describe(
                "private_key_passphrase_wrong",
                Configuration,
                false,
                "The passphrase of this endpoint's private key is missing or wrong.",
            ),
            Self::CertificateInvalid => describe(
                "certificate_invalid",
                Configuration,
                false,
                "The user certificate of this endpoint cannot be read or is not of its private key.",
            ),
            Self::ChannelRefused => describe(
                "channel_refused",
                Target,
                true,
                "The target machine refused to open a session.",
            ),
            Self::PtyRefused => describe(
                "pty_refused",
                Target,
                false,
                "The target machine refused to give a terminal.",
            ),
            Self::ShellRefused => describe(
                "shell_refused",
                Target,
                false,
                "The target machine refused to start a shell.",
            ),
            Self::CommandRefused => describe(
                "command_refused",
                Target,
                false,
                "The target machine refused to start the command.",
            ),
            Self::ViewerProtocolError => describe(
                "viewer_protocol_error",
                Viewer,
                true,
                "This page and the outpost do not understand each other. Reloading the page may help.",
            ),
            Self::VersionUnsupported => describe(
                "version_unsupported",
                Viewer,
                true,
                "This page is of another version than the outpost. Please reload it.",
            ),
            Self::Internal => describe(
                "internal",
                Causeway,
                true,
                "Something went wrong in the outpost.",
            ),
        }
    }
}

/// One failure: what, at which step, with facts for the person and the cause
/// for the log. Holds no secret.
#[derive(Debug, thiserror::Error)]
#[error("{} at {}", code.as_str(), step.as_str_name())]
pub struct Failure {
    /// What went wrong.
    pub code: FailureCode,
    /// The step that it happened in.
    pub step: Step,
    /// Overrides the code's own: the same thing can be another's fault.
    pub fault: Fault,
    /// Named facts.
    pub details: BTreeMap<String, String>,
    /// What a library said, for the log.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A failure of `code` at `step`.
    #[must_use]
    pub const fn new(code: FailureCode, step: Step) -> Self {
        Self {
            code,
            step,
            fault: code.fault(),
            details: BTreeMap::new(),
            source: None,
        }
    }

    /// Whether another node may reach the target where this one could not: the
    /// way there failed, before the target had anything to say about who asks.
    #[must_use]
    pub const fn another_node_may_help(&self) -> bool {
        let on_the_way = matches!(self.step, Step::Resolve | Step::Connect | Step::Handshake);
        on_the_way
            && matches!(
                self.code,
                FailureCode::TargetNameNotFound
                    | FailureCode::TargetNameLookupFailed
                    | FailureCode::TargetRefused
                    | FailureCode::TargetUnreachable
                    | FailureCode::TargetTimedOut
                    | FailureCode::TargetClosed
            )
    }

    /// Adds what caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds a fact for the person.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }

    /// Says whose fault it is.
    #[must_use]
    pub const fn by(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    /// The message for the viewer.
    #[must_use]
    pub fn to_message(&self) -> message::Failure {
        let description = self.code.describe();
        message::Failure {
            code: description.code.to_owned(),
            message: description.message.to_owned(),
            fault: self.fault.into(),
            step: self.step.into(),
            retry_may_help: description.retry_may_help,
            details: self.details.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_stable_names_with_a_sentence() {
        let codes: BTreeSet<&str> = FailureCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), FailureCode::ALL.len());
        for code in FailureCode::ALL {
            let description = code.describe();
            let is_snake = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(description.code.chars().all(is_snake), "{code:?}");
            assert!(description.message.ends_with('.'), "{code:?}");
            assert_ne!(description.fault, Fault::Unspecified, "{code:?}");
        }
    }
}
