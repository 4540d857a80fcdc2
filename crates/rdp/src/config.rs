//! Settings in the words of the protocol's connector.

use causeway_model::settings::{RdpExperience, RdpSecurity, RdpSettings};
use ironrdp_connector::{BitmapConfig, Config, Credentials, DesktopSize as ConnectorSize};
use ironrdp_pdu::gcc::{
    ClientClusterData, ConnectionType, KeyboardType, RedirectionFlags, RedirectionVersion,
};
use ironrdp_pdu::rdp::capability_sets::{
    BitmapCodecs, MajorPlatformType, RailSupportLevel, client_codecs_capabilities,
};
use ironrdp_pdu::rdp::client_info::PerformanceFlags;

use crate::keyboard::Layout;
use crate::plan::Plan;
use crate::timezone;

/// Build of the client that is told: one of which targets expect all that is
/// spoken here (Windows 10).
const CLIENT_BUILD: u32 = 19041;
/// Longest name of a client, in UTF-16 units (MS-RDPBCGR 2.2.1.3.2).
const CLIENT_NAME_UNITS_MAX: usize = 15;
/// Dots an inch that 100 % stands for.
const DPI_OF_100_PERCENT: u32 = 96;

/// What the connector is to do.
pub(crate) fn connector_config(plan: &Plan) -> Config {
    let settings = &plan.settings;
    let has_account = !plan.credentials.username.is_empty();
    Config {
        desktop_size: ConnectorSize {
            width: plan.size.width,
            height: plan.size.height,
        },
        monitor_layout: None,
        desktop_scale_factor: scale_percent(plan),
        desktop_physical_size: None,
        desktop_orientation: None,
        device_scale_factor: None,
        monitor_extended_layout: None,
        relative_mouse_input: false,
        enable_tls: matches!(settings.security, RdpSecurity::Any | RdpSecurity::Tls),
        // Without an account there is nothing to prove.
        enable_credssp: match settings.security {
            RdpSecurity::Nla => true,
            RdpSecurity::Any => has_account,
            _ => false,
        },
        enable_standard_rdp_security: false,
        credentials: Credentials::UsernamePassword {
            username: plan.credentials.username.clone(),
            password: plan.credentials.password.expose().to_owned(),
        },
        domain: plan.credentials.domain.clone(),
        client_build: CLIENT_BUILD,
        client_name: client_name(settings, &plan.credentials.username),
        keyboard_type: KeyboardType::IBM_ENHANCED,
        keyboard_subtype: 0,
        keyboard_functional_keys_count: 12,
        keyboard_layout: Layout::named(&settings.server_layout).id(),
        connection_type: ConnectionType::Lan,
        ime_file_name: String::new(),
        bitmap: Some(BitmapConfig {
            lossy_compression: true,
            color_depth: u32::from(settings.color_depth),
            codecs: bitmap_codecs(settings),
        }),
        dig_product_id: String::new(),
        client_dir: "C:\\Windows\\System32\\mstscax.dll".to_owned(),
        alternate_shell: settings.initial_program.clone().unwrap_or_default(),
        work_dir: String::new(),
        remote_application_mode: false,
        rail_support_level: RailSupportLevel::empty(),
        platform: MajorPlatformType::UNIX,
        hardware_id: None,
        request_data: None,
        autologon: has_account,
        enable_audio_playback: plan.policy.audio_allowed,
        enable_audio_capture: false,
        performance_flags: performance_flags(settings.experience),
        license_cache: None,
        timezone_info: timezone::info(settings.timezone.as_deref()),
        // Between machines that are near each other it costs more than it
        // saves, and two megabytes of history a session.
        compression_type: None,
        enable_server_pointer: true,
        pointer_software_rendering: false,
        multitransport_flags: None,
        support_dyn_vc_gfx_protocol: !settings.disable_gfx,
    }
}

/// How large things are to be, in percent.
pub(crate) fn scale_percent(plan: &Plan) -> u32 {
    match plan.settings.dpi {
        Some(dpi) => (u32::from(dpi) * 100 / DPI_OF_100_PERCENT).clamp(100, 500),
        None => u32::from(plan.size.scale_percent).clamp(100, 500),
    }
}

/// The session that is to be joined, when it matters which
/// (MS-RDPBCGR 2.2.1.3.5).
pub(crate) fn cluster_data(plan: &Plan) -> Option<ClientClusterData> {
    let session = match plan.route.session {
        Some(session) => Some(session),
        None => plan.settings.console.then_some(0),
    };
    let flags = RedirectionFlags::REDIRECTION_SUPPORTED;
    Some(ClientClusterData {
        flags: match session {
            Some(_) => flags | RedirectionFlags::REDIRECTED_SESSION_FIELD_VALID,
            None => flags,
        },
        redirection_version: RedirectionVersion::V4,
        redirected_session_id: session.unwrap_or(0),
    })
}

fn bitmap_codecs(settings: &RdpSettings) -> BitmapCodecs {
    // RemoteFX needs all of 32 bits; what is left at less are plain bitmaps.
    if settings.color_depth < 32 {
        return BitmapCodecs(Vec::new());
    }
    client_codecs_capabilities(&["remotefx:on"]).unwrap_or(BitmapCodecs(Vec::new()))
}

pub(crate) fn client_name(settings: &RdpSettings, username: &str) -> String {
    let name = match &settings.client_name {
        Some(name) => name.clone(),
        None if username.is_empty() => "Causeway".to_owned(),
        None => format!("Causeway - {username}"),
    };
    let mut units = 0;
    name.chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= CLIENT_NAME_UNITS_MAX
        })
        .collect()
}

fn performance_flags(wanted: RdpExperience) -> PerformanceFlags {
    let mut flags = PerformanceFlags::empty();
    flags.set(PerformanceFlags::DISABLE_WALLPAPER, !wanted.wallpaper);
    flags.set(PerformanceFlags::DISABLE_THEMING, !wanted.theming);
    flags.set(
        PerformanceFlags::DISABLE_FULLWINDOWDRAG,
        !wanted.full_window_drag,
    );
    flags.set(
        PerformanceFlags::DISABLE_MENUANIMATIONS,
        !wanted.menu_animations,
    );
    flags.set(
        PerformanceFlags::ENABLE_FONT_SMOOTHING,
        wanted.font_smoothing,
    );
    flags.set(
        PerformanceFlags::ENABLE_DESKTOP_COMPOSITION,
        wanted.desktop_composition,
    );
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_off_unless_wanted() {
        let plain = performance_flags(RdpExperience::default());
        assert!(plain.contains(PerformanceFlags::DISABLE_WALLPAPER));
        assert!(plain.contains(PerformanceFlags::DISABLE_THEMING));
        assert!(!plain.contains(PerformanceFlags::ENABLE_FONT_SMOOTHING));
        let pretty = performance_flags(RdpExperience {
            wallpaper: true,
            theming: true,
            font_smoothing: true,
            full_window_drag: true,
            desktop_composition: true,
            menu_animations: true,
        });
        let expected =
            PerformanceFlags::ENABLE_FONT_SMOOTHING | PerformanceFlags::ENABLE_DESKTOP_COMPOSITION;
        assert_eq!(pretty, expected);
    }
}
