//! TLS 1.2 with anonymous Diffie-Hellman, the client's side, as a pure state
//! machine (RFC 5246; AES-GCM: RFC 5288; RFC 7627; RFC 7919).
//!
//! VeNCrypt's types `TLSNone`, `TLSVnc` and `TLSPlain` use cipher suites in
//! which nobody proves who they are. **They keep out who only listens. Whoever
//! stands in between reads and changes everything**, and no library that cares
//! has them. Servers are set up with them by default nevertheless, and without
//! them there would be no encryption at all.
//!
//! This speaks only what such servers need: `DH_anon` with AES-128-GCM or
//! AES-256-GCM, which GnuTLS (TigerVNC, QEMU) and OpenSSL both have; no
//! renegotiation, no resumption, no client certificates, no compression.

mod exchange;
mod message;
mod record;

use bytes::{Buf as _, Bytes, BytesMut};

use self::exchange::{Keys, Transcript};
use self::message::{Message, RANDOM_BYTES};
use self::record::{ContentType, Receiving, Sending};
use super::diffie_hellman::PRIVATE_BYTES;
use super::error::LayerError;
use super::handshake::Random;
use zeroize::Zeroizing;

/// Longest message of the handshake, in bytes; a group of 4096 bits needs
/// less.
const MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// Most that is kept to be sent once the handshake is over, in bytes.
const WAITING_BYTES_MAX: usize = 64 * 1024;

/// The client's side of a connection.
pub struct AnonymousTls {
    state: State,
    client_random: [u8; RANDOM_BYTES],
    private: Zeroizing<[u8; PRIVATE_BYTES]>,
    transcript: Transcript,
    sending: Sending,
    receiving: Receiving,
    /// Records of which not all has come.
    wire: BytesMut,
    /// Messages of the handshake of which not all has come.
    messages: BytesMut,
    /// What is to be sent once the handshake is over.
    waiting: Zeroizing<Vec<u8>>,
    output: BytesMut,
}

enum State {
    ServerHello,
    ServerKeyExchange(message::ServerHello),
    ServerHelloDone {
        hello: message::ServerHello,
        exchange: message::ServerKeyExchange,
    },
    ChangeCipherSpec(Keys),
    Finished(Keys),
    Open,
    Closed,
}

impl AnonymousTls {
    /// Begins the handshake.
    pub(super) fn new(random: &mut Random) -> Self {
        let mut client_random = [0; RANDOM_BYTES];
        random(&mut client_random);
        let mut private = Zeroizing::new([0; PRIVATE_BYTES]);
        random(&mut *private);
        let mut tls = Self {
            state: State::ServerHello,
            client_random,
            private,
            transcript: Transcript::default(),
            sending: Sending::default(),
            receiving: Receiving::default(),
            wire: BytesMut::new(),
            messages: BytesMut::new(),
            waiting: Zeroizing::default(),
            output: BytesMut::new(),
        };
        let hello = message::client_hello(&client_random);
        tls.transcript.add(&hello);
        record::write_plain(&mut tls.output, ContentType::Handshake, &hello);
        tls
    }

    pub(super) fn handle_input(
        &mut self,
        wire: &[u8],
        plain: &mut BytesMut,
    ) -> Result<(), LayerError> {
        self.wire.extend_from_slice(wire);
        while let Some((content_type, content)) = self.receiving.next_record(&mut self.wire)? {
            match content_type {
                ContentType::Handshake => self.handle_handshake(&content)?,
                ContentType::ChangeCipherSpec => self.handle_change_cipher_spec(&content)?,
                ContentType::Alert => self.handle_alert(&content)?,
                ContentType::ApplicationData => match self.state {
                    State::Open => plain.extend_from_slice(&content),
                    _ => return Err(LayerError::Protocol("data before the handshake is over")),
                },
            }
            if self.is_closed() {
                self.wire.clear();
            }
        }
        Ok(())
    }

    pub(super) fn seal(&mut self, plain: &[u8]) -> Result<(), LayerError> {
        if matches!(self.state, State::Open) {
            return self
                .sending
                .seal(&mut self.output, ContentType::ApplicationData, plain);
        }
        if self.waiting.len() + plain.len() > WAITING_BYTES_MAX {
            return Err(LayerError::TooMuch(
                "too much to send before the handshake is over",
            ));
        }
        self.waiting.extend_from_slice(plain);
        Ok(())
    }

    pub(super) fn poll_output(&mut self) -> Option<Bytes> {
        let output = self.output.split().freeze();
        (!output.is_empty()).then_some(output)
    }

    pub(super) const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    fn handle_handshake(&mut self, content: &[u8]) -> Result<(), LayerError> {
        self.messages.extend_from_slice(content);
        while let Some(whole) = self.next_message()? {
            let message = Message::read(&whole)?;
            self.handle_message(message, &whole)?;
        }
        Ok(())
    }

    /// The next message with its header.
    fn next_message(&mut self) -> Result<Option<Bytes>, LayerError> {
        let Some(&[_, high, middle, low]) = self.messages.first_chunk() else {
            return Ok(None);
        };
        let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        if length > MESSAGE_BYTES_MAX {
            return Err(LayerError::TooMuch(
                "a message of the handshake is too long",
            ));
        }
        let whole = message::HEADER_BYTES + length;
        if self.messages.len() < whole {
            return Ok(None);
        }
        Ok(Some(self.messages.split_to(whole).freeze()))
    }

    fn handle_message(&mut self, message: Message, whole: &[u8]) -> Result<(), LayerError> {
        // A wish to renegotiate is no part of a handshake (section 7.4.1.1),
        // and is not granted.
        if matches!(message, Message::HelloRequest) {
            return Ok(());
        }
        let state = std::mem::replace(&mut self.state, State::Closed);
        self.state = match (state, message) {
            (State::ServerHello, Message::ServerHello(hello)) => {
                self.transcript.add(whole);
                State::ServerKeyExchange(hello)
            }
            (State::ServerKeyExchange(hello), Message::ServerKeyExchange(exchange)) => {
                self.transcript.add(whole);
                State::ServerHelloDone { hello, exchange }
            }
            (State::ServerHelloDone { hello, exchange }, Message::ServerHelloDone) => {
                self.transcript.add(whole);
                State::ChangeCipherSpec(self.answer(&hello, &exchange)?)
            }
            (State::Finished(keys), Message::Finished(verify_data)) => {
                if !keys.is_servers(&self.transcript, &verify_data) {
                    return Err(LayerError::Tampered);
                }
                self.open()?;
                State::Open
            }
            _ => {
                return Err(LayerError::Protocol(
                    "a message of the handshake out of turn",
                ));
            }
        };
        Ok(())
    }

    /// Our key, and the keys of both: the last of ours that is not encrypted,
    /// and the first that is.
    fn answer(
        &mut self,
        hello: &message::ServerHello,
        exchange: &message::ServerKeyExchange,
    ) -> Result<Keys, LayerError> {
        let (ours, secret) = exchange::agree(exchange, &*self.private)?;
        let client_key_exchange = message::client_key_exchange(&ours)?;
        self.transcript.add(&client_key_exchange);
        let keys = Keys::derive(&secret, &self.client_random, hello, &self.transcript)?;
        record::write_plain(
            &mut self.output,
            ContentType::Handshake,
            &client_key_exchange,
        );
        record::write_plain(&mut self.output, ContentType::ChangeCipherSpec, &[1]);
        self.sending.begin(keys.sealing()?);
        let finished = message::finished(&keys.clients(&self.transcript)?);
        self.transcript.add(&finished);
        self.sending
            .seal(&mut self.output, ContentType::Handshake, &finished)?;
        Ok(keys)
    }

    fn handle_change_cipher_spec(&mut self, content: &[u8]) -> Result<(), LayerError> {
        let state = std::mem::replace(&mut self.state, State::Closed);
        let State::ChangeCipherSpec(keys) = state else {
            return Err(LayerError::Protocol("a change of keys out of turn"));
        };
        if content != [1] || !self.messages.is_empty() {
            return Err(LayerError::Protocol("a change of keys that is none"));
        }
        self.receiving.begin(keys.opening()?);
        self.state = State::Finished(keys);
        Ok(())
    }

    fn open(&mut self) -> Result<(), LayerError> {
        if self.messages.has_remaining() {
            return Err(LayerError::Protocol(
                "a message of the handshake out of turn",
            ));
        }
        self.transcript = Transcript::default();
        *self.private = [0; PRIVATE_BYTES];
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        self.sending
            .seal(&mut self.output, ContentType::ApplicationData, &waiting)
    }

    fn handle_alert(&mut self, content: &[u8]) -> Result<(), LayerError> {
        const WARNING: u8 = 1;
        const CLOSE_NOTIFY: u8 = 0;
        match *content {
            [_, CLOSE_NOTIFY] => self.state = State::Closed,
            [WARNING, _] => {}
            [_, alert] => return Err(LayerError::Alert(alert)),
            _ => return Err(LayerError::Protocol("an alert that is none")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
