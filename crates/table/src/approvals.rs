//! Approvals: requests that another person lets somebody in, decided once.
//!
//! Who may decide is the caller's to check. That a request is decided once,
//! and not after its time, is kept here.

use causeway_model::id::ApprovalId;
use causeway_model::object::{Approval, ApprovalState, Decision, Event};
use jiff::{SignedDuration, Timestamp};

use crate::action::{ABSENT, Action};
use crate::error::TableError;
use crate::events::event_item;
use crate::failure::Refused;
use crate::indexed;
use crate::item::{Item, millis, text};
use crate::key::{APPROVALS, Key};
use crate::named::{enum_of, name_of};
use crate::page::{Cursor, Page};
use crate::stored::Stored;
use crate::table::Table;

/// How long a request can be looked up after its time was up.
pub const APPROVALS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

const PHASE: &str = "phase";

/// A request for an approval, as the table keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredApproval {
    /// The request.
    pub approval: Approval,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecideOutcome {
    /// It stands; this is the request now.
    Decided(Approval),
    /// There is no such request.
    NotFound,
    /// Somebody decided before, or the requester gave up.
    AlreadyDecided(Approval),
    /// Its time was up.
    Expired(Approval),
}

/// A decision about a request that waits.
#[derive(Debug, Clone, Copy)]
pub struct Deciding<'a> {
    /// Which request.
    pub id: ApprovalId,
    /// What is decided.
    pub decision: Decision,
    /// Username of who decides.
    pub by: &'a str,
    /// What they say to it; empty for nothing.
    pub comment: &'a str,
    /// Now.
    pub now: Timestamp,
    /// What the audit trail says.
    pub event: Option<&'a Event>,
}

impl Stored for Approval {
    fn read(item: &Item) -> Result<Self, TableError> {
        let mut approval: Self = item.document()?;
        approval.state = enum_of(item, item.text(PHASE)?)?;
        approval.decided_at = item.optional_time("decided_ms")?;
        approval.decided_by = item
            .optional_text("decided_by")
            .unwrap_or_default()
            .to_owned();
        approval.comment = item.optional_text("remark").unwrap_or_default().to_owned();
        Ok(approval)
    }
}

impl Stored for StoredApproval {
    fn read(item: &Item) -> Result<Self, TableError> {
        Approval::read(item).map(|approval| Self { approval })
    }
}

fn to_item(approval: &Approval) -> Result<Item, TableError> {
    let item = Item::new(&Key::approval(approval.id))
        .with_document(approval)?
        .with(PHASE, text(name_of(&approval.state)?))
        .with("expires_ms", millis(approval.expires_at))
        .indexed(APPROVALS, &approval.id.to_string());
    Ok(match approval.expires_at.checked_add(APPROVALS_KEPT) {
        Ok(end) => item.expiring(end),
        Err(_) => item,
    })
}

/// The requests for approvals in a table.
#[derive(Debug, Clone, Copy)]
pub struct Approvals<'a>(&'a Table);

impl Table {
    /// The requests for approvals.
    #[must_use]
    pub const fn approvals(&self) -> Approvals<'_> {
        Approvals(self)
    }
}

impl Approvals<'_> {
    /// Keeps a new request, with what the audit trail says.
    ///
    /// # Errors
    ///
    /// When the table cannot be written or the id is taken.
    pub async fn create(
        self,
        stored: &StoredApproval,
        event: Option<&Event>,
    ) -> Result<(), TableError> {
        let put = Action::put(to_item(&stored.approval)?).when(ABSENT);
        match self.transact(put, event).await? {
            Ok(()) => Ok(()),
            Err(_) => Err(TableError::refused("the approval exists already")),
        }
    }

    /// The request with this id, strongly consistent. Also a slot of a
    /// [`Batch`](crate::Batch).
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn get(self, id: ApprovalId) -> Result<Option<StoredApproval>, TableError> {
        let item = self.0.store().get(&Key::approval(id)).await?;
        item.as_ref().map(StoredApproval::read).transpose()
    }

    /// Decides a request that waits and whose time is not up; of any number
    /// of decisions, one stands.
    ///
    /// # Errors
    ///
    /// When the table cannot be written. Coming too late is no error.
    pub async fn decide(self, deciding: Deciding<'_>) -> Result<DecideOutcome, TableError> {
        let state = deciding.decision.state();
        let action = settle(deciding.id, state, deciding.now)?
            .when("phase = :waiting AND expires_ms > :now")
            .value(":by", text(deciding.by))
            .value(":remark", text(deciding.comment));
        let refused = match self.transact(action, deciding.event).await? {
            Ok(()) => return self.decided(deciding.id).await,
            Err(refused) => refused,
        };
        let Refused(Some(item)) = refused else {
            return Ok(DecideOutcome::NotFound);
        };
        let approval = Approval::read(&item)?;
        Ok(match approval.state_at(deciding.now) {
            ApprovalState::Expired => DecideOutcome::Expired(approval),
            ApprovalState::Waiting
            | ApprovalState::Approved
            | ApprovalState::Denied
            | ApprovalState::Withdrawn => DecideOutcome::AlreadyDecided(approval),
        })
    }

    async fn decided(self, id: ApprovalId) -> Result<DecideOutcome, TableError> {
        Ok(match self.get(id).await? {
            Some(stored) => DecideOutcome::Decided(stored.approval),
            None => DecideOutcome::NotFound,
        })
    }

    /// The requester gives up; says whether the request still waited.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn withdraw(
        self,
        id: ApprovalId,
        now: Timestamp,
        event: Option<&Event>,
    ) -> Result<bool, TableError> {
        let action = settle(id, ApprovalState::Withdrawn, now)?
            .when("phase = :waiting")
            .value(":by", text(""))
            .value(":remark", text(""));
        Ok(self.transact(action, event).await?.is_ok())
    }

    /// Writes down that a request's time was up at `now`; says whether this
    /// call did. Nothing depends on it: it is for the audit trail, told once.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn expire(
        self,
        id: ApprovalId,
        now: Timestamp,
        event: Option<&Event>,
    ) -> Result<bool, TableError> {
        let action = settle(id, ApprovalState::Expired, now)?
            .when("phase = :waiting AND expires_ms <= :now")
            .value(":by", text(""))
            .value(":remark", text(""));
        Ok(self.transact(action, event).await?.is_ok())
    }

    /// Requests, newest first. The list lags a little behind.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn list(
        self,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Approval>, TableError> {
        indexed::list(self.0.store(), APPROVALS, cursor, limit, true).await
    }

    /// A write of one request along with its event.
    async fn transact(
        self,
        action: Action,
        event: Option<&Event>,
    ) -> Result<Result<(), Refused>, TableError> {
        let mut actions = vec![action];
        if let Some(event) = event {
            actions.push(Action::put(event_item(event)?));
        }
        let done = self.0.store().transact(actions).await?;
        Ok(done.map_err(|mut cancelled| cancelled.take(0)))
    }
}

/// The update that takes a request out of `waiting`.
fn settle(id: ApprovalId, state: ApprovalState, now: Timestamp) -> Result<Action, TableError> {
    let update = "SET phase = :phase, decided_by = :by, decided_ms = :now, remark = :remark";
    Ok(Action::update(Key::approval(id), update)
        .value(":phase", text(name_of(&state)?))
        .value(":waiting", text(name_of(&ApprovalState::Waiting)?))
        .value(":now", millis(now)))
}
