//! What a ticket must show before the control plane is asked about it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use causeway_model::id::{EdgeId, NodeId, TicketId};
use causeway_trust::{KeyRing, Ticket, TokenError};
use causeway_tunnel::Refusal;
use jiff::Timestamp;

/// Tickets remembered as burnt. Each is forgotten when it has expired; more
/// than this in a minute is a flood, and the control plane burns them anyway.
const BURNT_MAX: usize = 16 * 1024;

/// Where a ticket is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) node: NodeId,
    pub(super) edge: EdgeId,
}

/// Reads a ticket: signed, in time, and for this place.
pub(super) fn check(
    keys: &KeyRing,
    text: &str,
    place: Place,
    now: Timestamp,
) -> Result<Ticket, Refusal> {
    let refusal = |code| Refusal::new(401, code);
    let ticket: Ticket = keys.verify(text, now).map_err(|error| match error {
        TokenError::Expired => refusal("ticket_expired"),
        TokenError::TooLong
        | TokenError::Malformed
        | TokenError::UnknownKey
        | TokenError::BadSignature => refusal("ticket_invalid"),
    })?;
    if ticket.node != place.node {
        return Err(refusal("ticket_for_other_node"));
    }
    if ticket.edge != place.edge {
        return Err(refusal("ticket_for_other_edge"));
    }
    Ok(ticket)
}

/// The tickets that were used here.
#[derive(Debug, Default)]
pub(super) struct Burnt {
    tickets: Mutex<BTreeMap<TicketId, Timestamp>>,
}

impl Burnt {
    /// Burns a ticket; refused when it was burnt before.
    pub(super) fn burn(&self, ticket: &Ticket, now: Timestamp) -> Result<(), Refusal> {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        if tickets.len() >= BURNT_MAX {
            tickets.retain(|_, expires_at| *expires_at > now);
        }
        if tickets.len() >= BURNT_MAX {
            return Err(Refusal::new(503, "node_full"));
        }
        match tickets.insert(ticket.id, ticket.expires_at) {
            None => Ok(()),
            Some(_) => Err(Refusal::new(401, "ticket_used")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use causeway_model::id::{ConnectionId, SessionId, UserId};
    use causeway_trust::{Pass, SigningKey, token};
    use jiff::ToSpan as _;
    use uuid::Uuid;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn place(node: u128, edge: u128) -> Place {
        Place {
            node: NodeId::new(Uuid::from_u128(node)),
            edge: EdgeId::new(Uuid::from_u128(edge)),
        }
    }

    fn ticket() -> Ticket {
        let place = place(1, 2);
        Ticket {
            id: TicketId::new(Uuid::from_u128(3)),
            connection: ConnectionId::new(Uuid::from_u128(4)),
            node: place.node,
            edge: place.edge,
            user: UserId::new(Uuid::from_u128(5)),
            session: SessionId::new(Uuid::from_u128(6)),
            issued_at: now(),
            expires_at: now() + 60.seconds(),
            trace: None,
        }
    }

    fn code(result: Result<Ticket, Refusal>) -> String {
        result.map_or_else(|refusal| refusal.code().to_owned(), |_| "ok".to_owned())
    }

    #[test]
    fn a_ticket_is_good_in_its_place_and_time_only() {
        let key = SigningKey::generate().unwrap();
        let ring: KeyRing = [key.verifying_key()].into_iter().collect();
        let text = token::sign(&key, &ticket()).unwrap();
        let check = |place, at| code(check(&ring, &text, place, at));
        assert_eq!(check(place(1, 2), now()), "ok");
        assert_eq!(check(place(9, 2), now()), "ticket_for_other_node");
        assert_eq!(check(place(1, 9), now()), "ticket_for_other_edge");
        assert_eq!(check(place(1, 2), now() + 61.seconds()), "ticket_expired");
    }

    #[test]
    fn what_is_no_ticket_of_ours_is_refused() {
        let key = SigningKey::generate().unwrap();
        let ring: KeyRing = [key.verifying_key()].into_iter().collect();
        let foreign = token::sign(&SigningKey::generate().unwrap(), &ticket()).unwrap();
        let pass = Pass {
            member: place(1, 2).node.into(),
            public_key: key.verifying_key(),
            expires_at: now() + 60.seconds(),
        };
        let pass = token::sign(&key, &pass).unwrap();
        for text in ["", "v1.x.y.z", foreign.as_str(), pass.as_str()] {
            let result = check(&ring, text, place(1, 2), now());
            assert_eq!(code(result), "ticket_invalid", "{text}");
        }
    }

    #[test]
    fn a_ticket_burns_once() {
        let burnt = Burnt::default();
        assert_eq!(burnt.burn(&ticket(), now()), Ok(()));
        let refusal = burnt.burn(&ticket(), now()).unwrap_err();
        assert_eq!(refusal.code(), "ticket_used");
    }
}
