//! Messages of the session protocol, from either side. What is understood
//! must be understood again once written.
#![no_main]

use causeway_wire::message::{ToNode, ToViewer};
use causeway_wire::{decode_to_node, decode_to_viewer, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Some(body)) = decode_to_node(bytes) {
        let written = encode(&ToNode::from(body.clone()));
        assert!(matches!(decode_to_node(written), Ok(Some(read)) if read == body));
    }
    if let Ok(Some(body)) = decode_to_viewer(bytes) {
        let written = encode(&ToViewer::from(body.clone()));
        assert!(matches!(decode_to_viewer(written), Ok(Some(read)) if read == body));
    }
});
