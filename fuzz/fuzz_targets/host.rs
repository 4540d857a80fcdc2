//! Hosts of endpoints, names, lifetimes and references to secrets, as somebody
//! types them: what is understood means the same once written and read again.
#![no_main]

use causeway_model::host::Host;
use causeway_model::lifetime::ConnectionExpiry;
use causeway_model::names::{check_label, check_name, check_slug, check_username, fold_username};
use causeway_model::settings::{CertificatePin, SecretReference};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(host) = text.parse::<Host>() {
        assert!(!host.name().is_empty());
        assert_eq!(host.to_string().parse::<Host>(), Ok(host));
    }
    if let Ok(reference) = text.parse::<SecretReference>() {
        assert!(!reference.name.split('/').any(|part| part == "..") || !text.starts_with("file:"));
        assert_eq!(reference.to_string(), text);
    }
    if let Ok(expiry) = text.parse::<ConnectionExpiry>() {
        assert_eq!(expiry.to_string().parse(), Ok(expiry));
    }
    if let Some(pin) = CertificatePin::parse(text) {
        assert_eq!(CertificatePin::parse(&pin.fingerprint()), Some(pin));
    }
    for check in [check_name, check_slug, check_username, check_label] {
        let _ = check(text);
    }
    let folded = fold_username(text);
    assert_eq!(fold_username(&folded), folded);
});
