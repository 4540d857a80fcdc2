//! Settings and policy as the RFB client takes them.

use causeway_model::settings::VncSettings;
use causeway_rfb::security::SecurityType;
use causeway_rfb::{ClientConfig, ColourDepth, Encoding};
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::{DataPolicy, Step};

/// Quality of JPEG unless set: little is lost, and a photo is a tenth.
const QUALITY: u8 = 8;
/// Compression unless set: what decodes and encodes fastest.
const COMPRESSION: u8 = 2;

/// What the client is to negotiate.
pub(crate) fn client_config(settings: &VncSettings, policy: &DataPolicy) -> ClientConfig {
    let quality = settings.quality_level.unwrap_or(QUALITY);
    ClientConfig {
        shared: true,
        colour_depth: match settings.color_depth {
            Some(8) => ColourDepth::Bits8,
            Some(16) => ColourDepth::Bits16,
            Some(_) | None => ColourDepth::Bits24,
        },
        swap_red_and_blue: settings.swap_red_blue,
        encodings: encodings(&settings.encodings),
        quality: (!settings.force_lossless).then_some(quality),
        // Who sets a quality wants to spare the way to the target at all times.
        quality_in_motion_only: settings.quality_level.is_none(),
        compression: Some(settings.compress_level.unwrap_or(COMPRESSION)),
        cursor: !settings.remote_cursor,
        copy: policy.copy_allowed,
        paste: policy.paste_allowed && !policy.read_only,
        clipboard_bytes_max: usize::try_from(policy.clipboard_bytes_max).unwrap_or(usize::MAX),
    }
}

/// The encodings of the setting, as far as they are spoken: Guacamole's list
/// has some that nobody misses. Raw is always taken (RFC 6143 section 7.7.1).
fn encodings(names: &[String]) -> Vec<Encoding> {
    let mut known: Vec<Encoding> = names.iter().filter_map(|name| name.parse().ok()).collect();
    if known.is_empty() {
        return Encoding::PREFERRED.to_vec();
    }
    if !known.contains(&Encoding::Raw) {
        known.push(Encoding::Raw);
    }
    known
}

/// The security types of the setting.
///
/// # Errors
/// When one of them is unknown: it must never be lost silently.
pub(crate) fn security_types(settings: &VncSettings) -> Result<Vec<SecurityType>, Failure> {
    let types = settings.security_types.iter().map(|name| name.parse());
    types.collect::<Result<_, _>>().map_err(|error| {
        Failure::new(FailureCode::SettingsInvalid, Step::Authenticate)
            .with("setting", "security-types")
            .because(error)
    })
}

#[cfg(test)]
mod tests {
    use causeway_model::settings::SECURITY_TYPES;

    use super::*;

    #[test]
    fn every_security_type_can_be_set() {
        let names: Vec<&str> = SecurityType::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names, SECURITY_TYPES);
    }

    #[test]
    fn encodings_of_others_are_passed_over() {
        let names = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            encodings(&names("zrle ultra CopyRect")),
            [Encoding::Zrle, Encoding::CopyRect, Encoding::Raw]
        );
        assert_eq!(encodings(&names("ultra")), Encoding::PREFERRED);
        assert_eq!(encodings(&[]), Encoding::PREFERRED);
    }
}
