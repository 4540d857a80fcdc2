//! Expressions, for every purpose: what compiles is evaluated, and ends.
#![no_main]

use causeway_policy::limits::Limits;
use causeway_policy::{Expression, Purpose, Scope};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = std::str::from_utf8(bytes) else {
        return;
    };
    let scope = Scope::at(Timestamp::UNIX_EPOCH);
    for purpose in Purpose::ALL {
        if let Ok(expression) = Expression::compile(source, purpose) {
            let outcome = expression.evaluate_metered(&scope, &Limits::STANDARD);
            assert!(outcome.operations <= Limits::STANDARD.operations);
        }
    }
});
