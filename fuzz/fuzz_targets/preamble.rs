//! Frames of the tunnel, as a peer that is no edge and no node may send them.
//! What is understood must be understood again once written.
#![no_main]

use causeway_tunnel::frame::Frame;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(frame) = Frame::decode(bytes) else {
        return;
    };
    let written = frame.encode();
    let (length, rest) = written.split_at(2);
    let length = Frame::decode_length([length[0], length[1]]);
    assert_eq!(length, Ok(rest.len()));
    assert_eq!(Frame::decode(rest), Ok(frame));
});
