//! Settings as somebody writes them: checked, masked, merged and read by the
//! node, whatever they are. What the catalogue's check lets pass, no reader
//! panics on; what is secret is masked; references stay what they are.
#![no_main]

use causeway_model::host::Host;
use causeway_model::object::Protocol;
use causeway_model::settings::{
    CertificateSettings, DataPolicy, FlatSettings, Levels, MappingLayer, NamedLayer, RdpSettings,
    Settings, SshSettings, TerminalPresentation, VncSettings, defaults, merge,
};
use libfuzzer_sys::fuzz_target;

const PROTOCOLS: [Protocol; 3] = [Protocol::Ssh, Protocol::Rdp, Protocol::Vnc];

fn read(flat: &FlatSettings) {
    let _ = SshSettings::read(flat);
    let _ = RdpSettings::read(flat);
    let _ = VncSettings::read(flat);
    let _ = TerminalPresentation::read(flat);
    let _ = CertificateSettings::read(flat);
    for protocol in PROTOCOLS {
        let _ = DataPolicy::read(flat, protocol);
    }
}

// Two maps of settings, a line feed between them.
fuzz_target!(|text: &str| {
    let (first, second) = text.split_once('\n').unwrap_or((text, "{}"));
    if let Ok(flat) = serde_json::from_str::<FlatSettings>(first) {
        read(&flat);
    }
    let Ok(settings) = serde_json::from_str::<Settings>(first) else {
        return;
    };
    for protocol in PROTOCOLS {
        let _ = settings.check(Some(protocol));
    }
    let masked = settings.masked();
    assert_eq!(masked.masked(), masked);
    // What the mask stands for comes back.
    if !settings.has_mask() {
        let restored = masked.restore_secrets(&settings).expect("nothing is new");
        assert_eq!(restored, settings);
    }
    let other = serde_json::from_str::<Settings>(second).unwrap_or_default();
    let host: Host = "h:22".parse().expect("a host");
    let layer = |settings| NamedLayer {
        name: "x",
        settings,
    };
    let mapping = [MappingLayer {
        name: "m",
        static_settings: &other,
        expression: Some(&settings),
    }];
    let merged = merge(&Levels {
        defaults: &defaults(&host, Protocol::Ssh, "ada"),
        provider: layer(&settings),
        endpoint: layer(&other),
        connection: &settings,
        provider_mappings: &mapping,
        endpoint_mappings: &mapping,
    });
    assert_eq!(merged.masked().masked(), merged.masked());
    let _ = merged.references().count();
    read(&merged.to_flat());
});
