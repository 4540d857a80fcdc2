//! Signed tokens of every kind, as they come from outside: none is taken,
//! since nobody here can sign one. What they state is read all the same, as
//! if a key had leaked. So are places in traces, which come in tickets and in
//! requests' headers.
#![no_main]

use std::sync::LazyLock;

use causeway_model::trace_context::TraceContext;
use causeway_trust::token::{Order, Pass, Ticket};
use causeway_trust::{KeyRing, SigningKey, VerifyingKey};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<VerifyingKey> =
    LazyLock::new(|| SigningKey::generate().expect("a key").verifying_key());
static RING: LazyLock<KeyRing> = LazyLock::new(|| KeyRing::from_iter([*KEY]));

fuzz_target!(|text: &str| {
    // With the right key id, more of the text is looked at.
    let kid = KEY.id().to_string();
    for text in [text, &text.replacen("KID", &kid, 1)] {
        assert!(RING.verify::<Ticket>(text, Timestamp::UNIX_EPOCH).is_err());
        assert!(RING.verify::<Pass>(text, Timestamp::UNIX_EPOCH).is_err());
        assert!(RING.verify::<Order>(text, Timestamp::UNIX_EPOCH).is_err());
    }
    let _ = serde_json::from_str::<Ticket>(text);
    let _ = serde_json::from_str::<Pass>(text);
    let _ = serde_json::from_str::<Order>(text);
    if let Ok(place) = text.parse::<TraceContext>() {
        assert_eq!(place.to_string().parse(), Ok(place));
    }
});
