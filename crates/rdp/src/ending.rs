//! What a target's own words for an end mean: negotiation failures, error
//! information, NTSTATUS. Tables, nothing else.

use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use ironrdp_connector::sspi;
use ironrdp_connector::sspi::credssp::NStatusCode;
use ironrdp_pdu::mcs::{DisconnectReason, McsMessage, SendDataIndicationCtx};
use ironrdp_pdu::nego;
use ironrdp_pdu::rdp::headers::{IoChannelPdu, ShareDataPdu, decode_io_channel};
use ironrdp_pdu::rdp::server_error_info::{
    ErrorInfo, ProtocolIndependentCode as Code, ServerSetErrorInfoPdu,
};
use ironrdp_pdu::x224::X224;

/// Longest PDU that is looked into for a word about the end, in bytes: those
/// are short, and pictures are not looked into for nothing.
const LOOKED_INTO_BYTES_MAX: usize = 256;

/// What a PDU of the I/O channel says besides pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// Why the target is about to close (MS-RDPBCGR 2.2.5.1.1).
    Ends(ErrorInfo),
    /// The target closes now (MS-RDPBCGR 2.2.2.3).
    Closes(DisconnectReason),
    /// The target's lock keys: bit 0 scroll, 1 num, 2 caps
    /// (MS-RDPBCGR 2.2.8.2.1.1).
    LockKeys(u16),
}

/// Looks into a slow-path PDU.
pub(crate) fn word(pdu: &[u8], io_channel: u16) -> Option<Word> {
    if pdu.len() > LOOKED_INTO_BYTES_MAX {
        return None;
    }
    match ironrdp_core::decode::<X224<McsMessage<'_>>>(pdu).ok()?.0 {
        McsMessage::DisconnectProviderUltimatum(ultimatum) => Some(Word::Closes(ultimatum.reason)),
        McsMessage::SendDataIndication(data) if data.channel_id == io_channel => {
            let context = SendDataIndicationCtx {
                initiator_id: data.initiator_id,
                channel_id: data.channel_id,
                user_data: &data.user_data,
            };
            let IoChannelPdu::Data(data) = decode_io_channel(context).ok()? else {
                return None;
            };
            match data.pdu {
                ShareDataPdu::ServerSetErrorInfo(ServerSetErrorInfoPdu(info)) => {
                    Some(Word::Ends(info))
                }
                ShareDataPdu::SetKeyboardIndicators(data) => {
                    let (_unit, flags) = data.split_first_chunk::<2>()?;
                    Some(Word::LockKeys(u16::from_le_bytes(
                        flags.get(..2)?.try_into().ok()?,
                    )))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// What error information means: `Ok` for an end that was asked for.
pub(crate) fn of_error_info(info: ErrorInfo, step: Step) -> Result<(), Failure> {
    let failed = |code| {
        let failure = Failure::new(code, step);
        Err(failure.with("reason", info.description()))
    };
    match info {
        ErrorInfo::ProtocolIndependentCode(code) => match code {
            Code::None | Code::LogoffByUser | Code::RpcInitiatedDisconnectByuser => Ok(()),
            Code::RpcInitiatedDisconnect | Code::RpcInitiatedLogoff => {
                failed(FailureCode::TargetEnded)
            }
            Code::IdleTimeout => failed(FailureCode::TargetIdleLimit),
            Code::LogonTimeout => failed(FailureCode::TargetTimeLimit),
            Code::DisconnectedByOtherconnection => failed(FailureCode::TargetTakenOver),
            Code::OutOfMemory => failed(FailureCode::TargetBusy),
            Code::ServerDeniedConnection => failed(FailureCode::TargetDenied),
            Code::ServerInsufficientPrivileges => failed(FailureCode::LogonNotPermitted),
            Code::ServerFreshCredentialsRequired => failed(FailureCode::AuthFailed),
            Code::ServerShutdown | Code::ServerReboot => failed(FailureCode::TargetShutdown),
            Code::CloseStackOnDriverNotReady
            | Code::ServerDwmCrash
            | Code::CloseStackOnDriverFailure
            | Code::CloseStackOnDriverIfaceFailure
            | Code::ServerWinlogonCrash
            | Code::ServerCsrssCrash => failed(FailureCode::TargetFailed),
        },
        ErrorInfo::ProtocolIndependentLicensingCode(_) => failed(FailureCode::RdpLicence),
        ErrorInfo::ProtocolIndependentConnectionBrokerCode(_) => failed(FailureCode::TargetBusy),
        ErrorInfo::RdpSpecificCode(_) => failed(FailureCode::RdpProtocolError),
    }
}

/// What a refused negotiation means (MS-RDPBCGR 2.2.1.2.2).
pub(crate) fn of_negotiation(code: nego::FailureCode, wanted_nla: bool) -> Failure {
    let meaning = match code {
        nego::FailureCode::HYBRID_REQUIRED_BY_SERVER => FailureCode::RdpNlaRequired,
        nego::FailureCode::SSL_CERT_NOT_ON_SERVER => FailureCode::RdpTlsRefused,
        nego::FailureCode::SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER
        | nego::FailureCode::ENTRA_AUTH_REQUIRED_BY_SERVER => FailureCode::AuthMethodUnsupported,
        // The target speaks TLS, but not the NLA that was insisted on.
        nego::FailureCode::SSL_REQUIRED_BY_SERVER if wanted_nla => FailureCode::RdpNlaNotOffered,
        nego::FailureCode::SSL_NOT_ALLOWED_BY_SERVER if wanted_nla => FailureCode::RdpNlaNotOffered,
        nego::FailureCode::SSL_NOT_ALLOWED_BY_SERVER
        | nego::FailureCode::SSL_REQUIRED_BY_SERVER => FailureCode::RdpSecurityUnsupported,
        _ => FailureCode::RdpProtocolError,
    };
    Failure::new(meaning, Step::Handshake)
        .with("negotiation_failure", format!("{:#x}", u32::from(code)))
}

/// What a status of the target's security authority means (MS-ERREF 2.3).
pub(crate) fn of_status(status: u32) -> FailureCode {
    /// `STATUS_ACCOUNT_EXPIRED`.
    const ACCOUNT_EXPIRED: u32 = 0xc000_0193;
    /// `STATUS_LOGON_TYPE_NOT_GRANTED`, of a missing right to sign in remotely.
    const LOGON_TYPE_NOT_GRANTED: u32 = NStatusCode::LOGON_TYPE_NOT_GRANTED.0;
    match NStatusCode(status) {
        NStatusCode::PASSWORD_EXPIRED | NStatusCode::PASSWORD_MUST_CHANGE => {
            FailureCode::PasswordExpired
        }
        NStatusCode::ACCOUNT_LOCKED_OUT => FailureCode::AccountLocked,
        NStatusCode::ACCOUNT_DISABLED => FailureCode::AccountDisabled,
        NStatusCode::ACCOUNT_RESTRICTION
        | NStatusCode::INVALID_LOGON_HOURS
        | NStatusCode::INVALID_WORKSTATION
        | NStatusCode::PASSWORD_RESTRICTION => FailureCode::AccountRestricted,
        NStatusCode::LOGON_NOT_GRANTED
        | NStatusCode::PRIVILEGE_NOT_HELD
        | NStatusCode::CTX_LOGON_DISABLED => FailureCode::LogonNotPermitted,
        NStatusCode::NO_LOGON_SERVERS | NStatusCode::TIME_DIFFERENCE_AT_DC => {
            FailureCode::LogonServerUnavailable
        }
        NStatusCode::SMARTCARD_LOGON_REQUIRED => FailureCode::AuthMethodUnsupported,
        NStatusCode(ACCOUNT_EXPIRED) => FailureCode::AccountDisabled,
        NStatusCode(LOGON_TYPE_NOT_GRANTED) => FailureCode::LogonNotPermitted,
        _ => FailureCode::AuthFailed,
    }
}

/// What an error of CredSSP means.
pub(crate) fn of_credssp(error: &sspi::Error) -> FailureCode {
    use sspi::ErrorKind;
    if let Some(status) = error.nstatus {
        return of_status(status.0);
    }
    match error.error_type {
        ErrorKind::NoAuthenticatingAuthority | ErrorKind::TimeSkew => {
            FailureCode::LogonServerUnavailable
        }
        ErrorKind::SmartCardLogonRequired => FailureCode::AuthMethodUnsupported,
        ErrorKind::LogonDenied
        | ErrorKind::UnknownCredentials
        | ErrorKind::NoCredentials
        | ErrorKind::IncompleteCredentials => FailureCode::AuthFailed,
        // Whatever else goes wrong in there goes wrong because of what the
        // target sent.
        _ => FailureCode::RdpProtocolError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_a_meaning_of_its_own() {
        fn check(status: u32, expected: FailureCode) {
            assert_eq!(of_status(status), expected, "{status:#x}");
        }
        check(0xc000_006d, FailureCode::AuthFailed);
        check(0xc000_006a, FailureCode::AuthFailed);
        check(0xc000_0071, FailureCode::PasswordExpired);
        check(0xc000_0224, FailureCode::PasswordExpired);
        check(0xc000_0234, FailureCode::AccountLocked);
        check(0xc000_0072, FailureCode::AccountDisabled);
        check(0xc000_0193, FailureCode::AccountDisabled);
        check(0xc000_006e, FailureCode::AccountRestricted);
        check(0xc000_006f, FailureCode::AccountRestricted);
        check(0xc000_015b, FailureCode::LogonNotPermitted);
        check(0xc000_005e, FailureCode::LogonServerUnavailable);
        check(0x1234_5678, FailureCode::AuthFailed);
    }

    #[test]
    fn each_refused_negotiation_says_what_to_change() {
        fn check(code: nego::FailureCode, wanted_nla: bool, expected: FailureCode) {
            assert_eq!(of_negotiation(code, wanted_nla).code, expected, "{code:?}");
        }
        use nego::FailureCode as Refused;
        check(
            Refused::HYBRID_REQUIRED_BY_SERVER,
            false,
            FailureCode::RdpNlaRequired,
        );
        check(
            Refused::SSL_NOT_ALLOWED_BY_SERVER,
            false,
            FailureCode::RdpSecurityUnsupported,
        );
        check(
            Refused::SSL_NOT_ALLOWED_BY_SERVER,
            true,
            FailureCode::RdpNlaNotOffered,
        );
        check(
            Refused::SSL_REQUIRED_BY_SERVER,
            true,
            FailureCode::RdpNlaNotOffered,
        );
        check(
            Refused::SSL_CERT_NOT_ON_SERVER,
            false,
            FailureCode::RdpTlsRefused,
        );
        check(
            Refused::INCONSISTENT_FLAGS,
            false,
            FailureCode::RdpProtocolError,
        );
    }

    #[test]
    fn each_error_information_has_a_meaning_of_its_own() {
        fn check(code: Code, expected: Result<(), FailureCode>) {
            let info = ErrorInfo::ProtocolIndependentCode(code);
            let meaning = of_error_info(info, Step::Open).map_err(|failure| failure.code);
            assert_eq!(meaning, expected, "{code:?}");
        }
        check(Code::LogoffByUser, Ok(()));
        check(Code::IdleTimeout, Err(FailureCode::TargetIdleLimit));
        check(Code::LogonTimeout, Err(FailureCode::TargetTimeLimit));
        check(
            Code::DisconnectedByOtherconnection,
            Err(FailureCode::TargetTakenOver),
        );
        check(Code::ServerDeniedConnection, Err(FailureCode::TargetDenied));
        check(
            Code::ServerInsufficientPrivileges,
            Err(FailureCode::LogonNotPermitted),
        );
        check(Code::RpcInitiatedLogoff, Err(FailureCode::TargetEnded));
    }

    #[test]
    fn what_is_no_word_is_passed_over() {
        assert_eq!(word(&[], 1003), None);
        assert_eq!(word(&[3, 0, 0, 7, 2, 0xf0, 0x80], 1003), None);
        assert_eq!(word(&[0; 4096], 1003), None);
    }
}
