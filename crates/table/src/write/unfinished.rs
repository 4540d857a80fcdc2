//! Changes that do not fit in one transaction: written down as a whole first,
//! then made one transaction after the other, by whoever finds them.
//!
//! Everything is decided when the head of the plan is written: from then on
//! all of it is going to be made, also when the process that began it dies.
//! Each transaction moves the head on by one, so any number of processes may
//! carry on the same plan. A plan that somebody else's changes stand in the way
//! of is given up where it is; who began it is told how far that was.

use causeway_model::object::Event;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::change::ObjectChange;
use super::order::{Core, Unit, units};
use super::plan::{Meaning, Refusable};
use super::plan_of;
use crate::action::{ABSENT, Action};
use crate::error::{TableError, WriteError};
use crate::item::{Item, millis, number, to_json};
use crate::key::{Key, SK, UNFINISHED};
use crate::kind::Kind;
use crate::store::{ACTIONS_MAX, Range};
use crate::table::Table;

/// Changes of one call at most.
pub const CHANGES_MAX: usize = 2000;

/// Largest step as JSON, in bytes: what an item holds.
const STEP_BYTES_MAX: usize = 300_000;

/// How long steps are kept that nothing leads to any more.
const STEPS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How many steps are done.
const DONE: &str = "done";
/// How many steps there are.
const STEPS: &str = "steps";
/// How many changes the steps done made.
const WRITTEN: &str = "written";
/// When the plan was begun.
const BEGUN: &str = "begun_ms";
/// That it was given up.
const GIVEN_UP: &str = "given_up";

/// A change with the entry of the audit trail that tells of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Told {
    /// The change.
    pub change: ObjectChange,
    /// Its entry, written in the same transaction.
    pub event: Event,
}

/// Why not all changes were made.
#[derive(Debug, thiserror::Error)]
pub enum WriteAllError {
    /// They were refused; none was made.
    #[error(transparent)]
    Refused(#[from] WriteError),
    /// Some were made. When the table did not answer, the others are going to
    /// be; when they were refused, they are not.
    #[error("{written} changes were made before one was refused")]
    Interrupted {
        /// How many were made.
        written: usize,
        /// Why the next ones were not.
        source: WriteError,
    },
}

/// How far a plan is.
#[derive(Debug, Clone, Copy)]
struct Head {
    done: usize,
    steps: usize,
    written: usize,
    begun: Timestamp,
    given_up: bool,
}

impl Head {
    fn read(item: &Item) -> Result<Self, TableError> {
        Ok(Self {
            done: item.number(DONE)?,
            steps: item.number(STEPS)?,
            written: item.number(WRITTEN)?,
            begun: item.time(BEGUN)?,
            given_up: item.optional_number::<u8>(GIVEN_UP)?.is_some(),
        })
    }
}

impl Table {
    /// Makes any number of changes (up to [`CHANGES_MAX`]), in several
    /// transactions when they do not fit in one. Each transaction leaves the
    /// whole valid: what is referred to is there, and nothing new is open
    /// before its bindings are there (see `order`). What was begun is finished
    /// by [`Self::finish_begun`] when this process cannot. `id` names the plan.
    ///
    /// # Errors
    ///
    /// [`WriteAllError`] says whether nothing was written, or how much.
    pub async fn write_all(
        &self,
        id: Uuid,
        changes: Vec<Told>,
        now: Timestamp,
    ) -> Result<(), WriteAllError> {
        if changes.len() > CHANGES_MAX {
            let (actions, limit) = (changes.len(), CHANGES_MAX);
            return Err(WriteError::TooManyChanges { actions, limit }.into());
        }
        let steps = steps(&changes)?;
        self.keep(id, &changes, &steps, now).await?;
        match self.carry_on(id).await {
            Ok(Carried::Done) => Ok(()),
            Ok(Carried::GivenUp { written, source }) => {
                // What is told need not be kept.
                let _ = self.store().write(Action::delete(head_key(id))).await;
                Err(match written {
                    0 => WriteAllError::Refused(source),
                    written => WriteAllError::Interrupted { written, source },
                })
            }
            Err(error) => {
                let head = self.head(id).await.ok().flatten();
                Err(WriteAllError::Interrupted {
                    written: head.map_or(0, |head| head.written),
                    source: error.into(),
                })
            }
        }
    }

    /// Carries on what was begun before `before` and is not finished; says how
    /// many plans that were. Call it now and then: a process may have died.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or written; what was done is done.
    pub async fn finish_begun(&self, before: Timestamp) -> Result<usize, TableError> {
        let heads = self.store().query_all(Range::new(UNFINISHED, "")).await?;
        let mut finished = 0;
        for item in &heads {
            let head = Head::read(item)?;
            if head.begun >= before {
                continue;
            }
            let id = item.parsed(SK)?;
            if let Carried::GivenUp { written, source } = self.carry_on(id).await? {
                tracing::warn!(
                    %id, written, %source,
                    "changes that were begun cannot be finished; apply them again"
                );
                let _ = self.store().write(Action::delete(head_key(id))).await?;
            }
            finished += 1;
        }
        Ok(finished)
    }

    /// Writes the plan down, its head at last.
    async fn keep(
        &self,
        id: Uuid,
        changes: &[Told],
        steps: &[Unit],
        now: Timestamp,
    ) -> Result<(), WriteError> {
        let until = now.saturating_add(STEPS_KEPT).unwrap_or(now);
        for (index, step) in steps.iter().enumerate() {
            let step: Vec<&Told> = step.iter().map(|place| &changes[*place]).collect();
            let item = Item::new(&step_key(id, index))
                .with_document(&step)?
                .expiring(until);
            let _ = self.store().write(Action::put(item)).await?;
        }
        let head = Item::new(&head_key(id))
            .with(DONE, number(0))
            .with(STEPS, number(steps.len()))
            .with(WRITTEN, number(0))
            .with(BEGUN, millis(now));
        match self.store().write(Action::put(head).when(ABSENT)).await? {
            Ok(_) => Ok(()),
            Err(_) => Err(TableError::refused("a plan of this id is there already").into()),
        }
    }

    async fn head(&self, id: Uuid) -> Result<Option<Head>, TableError> {
        let item = self.store().get(&head_key(id)).await?;
        item.as_ref().map(Head::read).transpose()
    }

    /// Makes the steps that are not done, until none is left or one is refused.
    async fn carry_on(&self, id: Uuid) -> Result<Carried, TableError> {
        loop {
            // Another process may have been here.
            let Some(head) = self.head(id).await? else {
                return Ok(Carried::Done);
            };
            if head.given_up {
                let written = head.written;
                let source = TableError::Contention.into();
                return Ok(Carried::GivenUp { written, source });
            }
            if head.done == head.steps {
                self.forget(id, head.steps).await?;
                return Ok(Carried::Done);
            }
            let Some(step) = self.step(id, head.done).await? else {
                if self
                    .head(id)
                    .await?
                    .is_some_and(|now| now.done == head.done)
                {
                    let lost = TableError::refused("a step of a plan is not there");
                    return self.give_up(id, head, lost.into()).await;
                }
                continue;
            };
            match self.make(id, head, step).await {
                Ok(()) => {}
                // Somebody else made this step.
                Err(WriteError::NotFound {
                    kind: Kind::Enrolment,
                    ..
                }) => {}
                Err(WriteError::Table(error)) if error.is_transient() => return Err(error),
                Err(refused) => return self.give_up(id, head, refused).await,
            }
        }
    }

    async fn step(&self, id: Uuid, index: usize) -> Result<Option<Vec<Told>>, TableError> {
        let item = self.store().get(&step_key(id, index)).await?;
        item.as_ref().map(Item::document).transpose()
    }

    /// One step and the mark that it is done, in one transaction.
    async fn make(&self, id: Uuid, head: Head, step: Vec<Told>) -> Result<(), WriteError> {
        let (changes, events): (Vec<_>, Vec<_>) = step
            .into_iter()
            .map(|told| (told.change, told.event))
            .unzip();
        let set = format!("SET {DONE} = :next ADD {WRITTEN} :more");
        let mark = Action::update(head_key(id), set)
            .when(format!(
                "{DONE} = :done AND attribute_not_exists({GIVEN_UP})"
            ))
            .value(":next", number(head.done + 1))
            .value(":done", number(head.done))
            .value(":more", number(changes.len()));
        let mark = Refusable {
            action: mark,
            meaning: Meaning::NoPermit,
        };
        self.write_together(&changes, &events, [mark]).await
    }

    /// Says in the plan that it goes no further, unless it went on.
    async fn give_up(
        &self,
        id: Uuid,
        head: Head,
        source: WriteError,
    ) -> Result<Carried, TableError> {
        let mark = Action::update(head_key(id), format!("SET {GIVEN_UP} = :yes"))
            .when(format!("{DONE} = :done"))
            .value(":done", number(head.done))
            .value(":yes", number(1));
        let _ = self.store().write(mark).await?;
        let written = head.written;
        Ok(Carried::GivenUp { written, source })
    }

    /// Deletes a plan that is done.
    async fn forget(&self, id: Uuid, steps: usize) -> Result<(), TableError> {
        let _ = self.store().write(Action::delete(head_key(id))).await?;
        for index in 0..steps {
            let _ = self
                .store()
                .write(Action::delete(step_key(id, index)))
                .await?;
        }
        Ok(())
    }
}

/// What became of a plan.
enum Carried {
    Done,
    GivenUp { written: usize, source: WriteError },
}

fn head_key(id: Uuid) -> Key {
    Key::new(UNFINISHED, id.to_string())
}

fn step_key(id: Uuid, index: usize) -> Key {
    Key::new(format!("{UNFINISHED}#{id}"), format!("{index:05}"))
}

/// What each transaction makes.
fn steps(changes: &[Told]) -> Result<Vec<Unit>, WriteError> {
    let alone: Vec<&ObjectChange> = changes.iter().map(|told| &told.change).collect();
    match packed(changes, units(&alone, Core::Together)) {
        Err(WriteError::TooManyChanges { .. }) => packed(changes, units(&alone, Core::Apart)),
        packed => packed,
    }
}

/// As many units together as fit, in their order.
fn packed(changes: &[Told], units: Vec<Unit>) -> Result<Vec<Unit>, WriteError> {
    let mut steps: Vec<Unit> = Vec::new();
    let mut last = Size::default();
    for unit in units {
        let own = Size::of(changes, &unit)?;
        if let Some(step) = steps.last_mut() {
            let both = last.with(own);
            if both.fits() {
                step.extend(unit);
                last = both;
                continue;
            }
        }
        if !own.fits() {
            let (actions, limit) = (own.actions, ACTIONS_MAX);
            return Err(WriteError::TooManyChanges { actions, limit });
        }
        steps.push(unit);
        last = own;
    }
    Ok(steps)
}

/// What a step takes, at most: what two units have in common is counted twice.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    actions: usize,
    bytes: usize,
}

impl Size {
    fn of(changes: &[Told], unit: &[usize]) -> Result<Self, WriteError> {
        let (mut all, mut events, mut bytes) = (Vec::new(), Vec::new(), 0);
        for place in unit {
            let told = &changes[*place];
            bytes += to_json(told)?.len();
            all.push(told.change.clone());
            events.push(told.event.clone());
        }
        Ok(Self {
            actions: plan_of(&all, &events, &[])?.len(),
            bytes,
        })
    }

    const fn with(self, other: Self) -> Self {
        Self {
            actions: self.actions + other.actions,
            bytes: self.bytes + other.bytes,
        }
    }

    /// With room for the mark in the head.
    const fn fits(self) -> bool {
        self.actions < ACTIONS_MAX && self.bytes <= STEP_BYTES_MAX
    }
}
