//! Files of objects, as `causeway apply` reads them: what is read is a map, its
//! lines lie in the file, and nothing that a file refers to grows without end.
#![no_main]
#![allow(dead_code, reason = "the program uses more of it")]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

#[path = "../../causeway/src/apply/document.rs"]
mod document;
#[path = "../../causeway/src/apply/node.rs"]
mod node;

fuzz_target!(|text: &str| {
    let path = Path::new("f");
    let documents = match document::read_text(path, text) {
        Ok(documents) => documents,
        Err(error) => {
            assert!(error.to_string().contains('f'));
            return;
        }
    };
    let lines = text
        .split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
        .count();
    for document in documents {
        let value = document.value();
        assert!(value.is_object());
        for path in ["", "kind", "settings.port", "stages.0.fields.1.name", "0"] {
            let place = document.place(path);
            let line = place.strip_prefix("f:").and_then(|line| line.parse().ok());
            assert!(
                line.is_some_and(|line: usize| line <= lines + 1),
                "{place} of {lines}"
            );
            let _ = document.place_in(path, 3);
        }
    }
});
