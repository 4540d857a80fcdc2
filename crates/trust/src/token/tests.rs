#![allow(clippy::unwrap_used)]

use causeway_model::id::{ConnectionId, EdgeId, NodeId, SessionId, TicketId, UserId};
use causeway_model::object::EndReason;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

fn ticket() -> Ticket {
    Ticket {
        id: TicketId::new(Uuid::from_u128(1)),
        connection: ConnectionId::new(Uuid::from_u128(2)),
        node: NodeId::new(Uuid::from_u128(3)),
        edge: EdgeId::new(Uuid::from_u128(4)),
        user: UserId::new(Uuid::from_u128(5)),
        session: SessionId::new(Uuid::from_u128(6)),
        issued_at: at(0),
        expires_at: at(60),
        trace: None,
    }
}

/// A ticket of a version that knows nothing of traces.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct OlderTicket {
    id: TicketId,
    connection: ConnectionId,
    node: NodeId,
    edge: EdgeId,
    user: UserId,
    session: SessionId,
    issued_at: i64,
    expires_at: i64,
}

#[test]
fn a_ticket_with_a_trace_is_read_by_older_members_and_an_older_one_here() {
    let plain = ticket();
    let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let traced = Ticket {
        trace: Some(text.parse().unwrap()),
        ..ticket()
    };
    let written = serde_json::to_value(&traced).unwrap();
    assert_eq!(written["trace"], text);
    let older: OlderTicket = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(older.connection, plain.connection);
    assert_eq!(
        serde_json::from_value::<Ticket>(written.clone()).unwrap(),
        traced
    );
    let older = serde_json::to_value(&older).unwrap();
    assert_eq!(older, serde_json::to_value(&plain).unwrap());
    assert_eq!(serde_json::from_value::<Ticket>(older).unwrap(), plain);
    for unread in ["", "01-of-the-future", &text[1..]] {
        let mut written = written.clone();
        written["trace"] = unread.into();
        assert_eq!(serde_json::from_value::<Ticket>(written).unwrap(), plain);
    }
}

fn ring(key: &SigningKey) -> KeyRing {
    [key.verifying_key()].into_iter().collect()
}

#[test]
fn every_kind_reads_back_what_it_states() {
    let key = SigningKey::generate().unwrap();
    let ticket = ticket();
    let pass = Pass {
        member: ticket.node.into(),
        public_key: key.verifying_key(),
        expires_at: at(60),
    };
    let order = Order {
        id: OrderId::new(Uuid::from_u128(7)),
        node: ticket.node,
        connection: ticket.connection,
        action: OrderAction::End {
            reason: EndReason::Terminated,
        },
        expires_at: at(60),
    };
    let ring = ring(&key);
    assert_eq!(
        ring.verify(&sign(&key, &ticket).unwrap(), at(59)),
        Ok(ticket)
    );
    assert_eq!(ring.verify(&sign(&key, &pass).unwrap(), at(59)), Ok(pass));
    assert_eq!(ring.verify(&sign(&key, &order).unwrap(), at(59)), Ok(order));
}

#[test]
fn a_token_ends_at_its_second() {
    let key = SigningKey::generate().unwrap();
    let token = sign(&key, &ticket()).unwrap();
    assert!(ring(&key).verify::<Ticket>(&token, at(59)).is_ok());
    assert_eq!(
        ring(&key).verify::<Ticket>(&token, at(60)),
        Err(TokenError::Expired)
    );
}

#[test]
fn a_token_of_one_purpose_is_none_of_another() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Lookalike(Ticket);
    impl Claims for Lookalike {
        const PURPOSE: &'static str = "causeway-lookalike";
        fn expires_at(&self) -> Timestamp {
            self.0.expires_at
        }
    }
    let key = SigningKey::generate().unwrap();
    let token = sign(&key, &Lookalike(ticket())).unwrap();
    assert_eq!(
        ring(&key).verify::<Ticket>(&token, at(0)),
        Err(TokenError::BadSignature)
    );
}

#[test]
fn a_ring_holds_the_old_key_and_the_new_one() {
    let (old, new, foreign) = (
        SigningKey::generate().unwrap(),
        SigningKey::generate().unwrap(),
        SigningKey::generate().unwrap(),
    );
    let ring: KeyRing = [old.verifying_key(), new.verifying_key()]
        .into_iter()
        .collect();
    for key in [&old, &new] {
        assert!(
            ring.verify::<Ticket>(&sign(key, &ticket()).unwrap(), at(0))
                .is_ok()
        );
    }
    let token = sign(&foreign, &ticket()).unwrap();
    assert_eq!(
        ring.verify::<Ticket>(&token, at(0)),
        Err(TokenError::UnknownKey)
    );
}

#[test]
fn a_published_key_must_carry_its_own_id() {
    let key = SigningKey::generate().unwrap().verifying_key();
    let other = SigningKey::generate().unwrap().verifying_key();
    let good = serde_json::json!({ "kid": key.id().to_string(), "key": key });
    let published: crate::PublishedKey = serde_json::from_value(good.clone()).unwrap();
    assert_eq!(published.key(), key);
    assert_eq!(serde_json::to_value(published).unwrap(), good);
    let false_id = serde_json::json!({ "kid": other.id().to_string(), "key": key });
    assert!(serde_json::from_value::<crate::PublishedKey>(false_id).is_err());
}

#[test]
fn what_is_no_token_is_malformed_and_what_is_long_is_not_read() {
    let key = SigningKey::generate().unwrap();
    let good = sign(&key, &ticket()).unwrap();
    let ring = ring(&key);
    for text in [
        "",
        ".",
        "...",
        "v1...",
        "v2.a.b.c",
        &good[3..],
        &good[..good.len() - 1],
    ] {
        let read = ring.verify::<Ticket>(text, at(0));
        assert_eq!(read, Err(TokenError::Malformed), "{text:?}");
    }
    let long = format!("{good}{}", "A".repeat(TOKEN_LEN_MAX));
    assert_eq!(
        ring.verify::<Ticket>(&long, at(0)),
        Err(TokenError::TooLong)
    );
}

#[test]
fn claims_that_do_not_fit_are_not_signed() {
    #[derive(Serialize, Deserialize)]
    struct Long(String);
    impl Claims for Long {
        const PURPOSE: &'static str = "causeway-long";
        fn expires_at(&self) -> Timestamp {
            at(0)
        }
    }
    let key = SigningKey::generate().unwrap();
    let signed = sign(&key, &Long("x".repeat(TOKEN_LEN_MAX)));
    assert_eq!(signed, Err(TokenError::TooLong));
}

#[test]
fn a_private_key_reads_back_its_own_form_and_hides_itself() {
    let key = SigningKey::generate().unwrap();
    let same = SigningKey::from_pkcs8(&key.to_pkcs8()).unwrap();
    assert_eq!(same.verifying_key(), key.verifying_key());
    assert_eq!(
        format!("{key:?}"),
        format!("SigningKey({})", key.verifying_key())
    );
    assert!(SigningKey::from_pkcs8(b"nonsense").is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        prop_assert!(KeyRing::default().verify::<Ticket>(&text, at(0)).is_err());
    }

    #[test]
    fn one_changed_character_voids_a_token(position in 0_usize..400, replacement in "[A-Za-z0-9_.-]") {
        let key = SigningKey::from_pkcs8(&FIXED.with(|key| key.to_pkcs8())).unwrap();
        let good = sign(&key, &ticket()).unwrap();
        let position = position % good.len();
        let mut changed = good.clone();
        changed.replace_range(position..=position, &replacement);
        prop_assume!(changed != good);
        prop_assert!(ring(&key).verify::<Ticket>(&changed, at(0)).is_err());
    }
}

thread_local! {
    static FIXED: SigningKey = SigningKey::generate().unwrap();
}
