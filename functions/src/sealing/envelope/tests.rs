//! Against a wrapping key that can be counted, held up and switched off.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use jiff::SignedDuration;
use tokio::sync::Barrier;
use zeroize::Zeroizing;

use super::*;
use crate::clock::ManualClock;
use crate::sealing::FreshKey;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Wraps by writing down what belongs to whom.
#[derive(Default)]
struct Fake {
    drawn: AtomicUsize,
    opened: AtomicUsize,
    down: AtomicBool,
    /// Whoever draws waits for as many as this is made for.
    together: Option<Barrier>,
}

impl Fake {
    fn asked(&self) -> (usize, usize) {
        let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        (count(&self.drawn), count(&self.opened))
    }

    fn is_up(&self) -> Result<(), CallError> {
        if self.down.load(Ordering::Relaxed) {
            return Err(CallError::TimedOut);
        }
        Ok(())
    }
}

fn label(place: Place<'_>) -> String {
    format!("{}/{}", place.table, place.key)
}

#[async_trait]
impl KeyWrapping for Fake {
    async fn draw(&self, place: Place<'_>) -> Result<FreshKey, CallError> {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        if let Some(together) = &self.together {
            together.wait().await;
        }
        // Others run meanwhile, as they do while a network answers.
        tokio::task::yield_now().await;
        self.is_up()?;
        let plain = Zeroizing::new([u8::try_from(number).unwrap() + 1; 32]);
        let wrapped = format!("{}:{}", label(place), STANDARD.encode(*plain));
        Ok(FreshKey { plain, wrapped })
    }

    async fn open(
        &self,
        place: Place<'_>,
        wrapped: &str,
    ) -> Result<Zeroizing<[u8; 32]>, CallError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        self.is_up()?;
        let (belongs_to, key) = wrapped.split_once(':').unwrap();
        if belongs_to != label(place) {
            return Err(CallError::Refused {
                status: 400,
                code: Some(FOREIGN.to_owned()),
            });
        }
        let key = STANDARD.decode(key).unwrap();
        Ok(Zeroizing::new(key.try_into().unwrap()))
    }
}

struct World {
    table: Table,
    fake: Arc<Fake>,
    clock: Arc<ManualClock>,
}

impl World {
    async fn new() -> Self {
        Self::with(Fake::default()).await
    }

    async fn with(fake: Fake) -> Self {
        Self {
            table: Table::in_memory().await.unwrap(),
            fake: Arc::new(fake),
            clock: Arc::new(ManualClock::new("2026-01-15T08:30:00Z".parse().unwrap())),
        }
    }

    /// What another process would have.
    fn process(&self) -> Envelope {
        Envelope::new(self.table.clone(), self.fake.clone()).with_clock(self.clock.clone())
    }

    fn is_down(&self, down: bool) {
        self.fake.down.store(down, Ordering::Relaxed);
    }
}

async fn seal(envelope: &Envelope) -> String {
    envelope.seal("here", "hidden").await.unwrap()
}

async fn opens(envelope: &Envelope, sealed: &str) -> bool {
    match envelope.open("here", sealed).await {
        Ok(secret) => secret.expose() == "hidden",
        Err(_) => false,
    }
}

fn key_of(sealed: &str) -> Uuid {
    SealedUnder::parse(sealed).unwrap().key
}

fn is_unavailable<T>(result: &Result<T, SealingError>) -> bool {
    matches!(result, Err(SealingError::Unavailable(_)))
}

fn is_closed<T>(result: &Result<T, SealingError>) -> bool {
    matches!(result, Err(SealingError::Seal(SealError::Closed)))
}

#[tokio::test]
async fn what_one_process_seals_another_opens() {
    let world = World::new().await;
    let (one, other) = (world.process(), world.process());
    let sealed = seal(&one).await;
    assert!(!sealed.contains("hidden"));
    assert!(opens(&one, &sealed).await);
    assert_eq!(world.fake.asked(), (1, 0), "who drew a key has it");
    assert!(opens(&other, &sealed).await);
    assert_eq!(key_of(&seal(&other).await), key_of(&sealed));
    assert_eq!(world.fake.asked(), (1, 1));
}

#[tokio::test]
async fn nobody_is_asked_before_there_is_a_secret_and_not_twice_after() {
    let world = World::new().await;
    let before = world.table.round_trips();
    let one = world.process();
    assert_eq!(world.table.round_trips(), before);
    assert_eq!(world.fake.asked(), (0, 0));
    let sealed = seal(&one).await;
    let before = world.table.round_trips();
    for _ in 0..50 {
        seal(&one).await;
        assert!(opens(&one, &sealed).await);
    }
    assert_eq!(world.table.round_trips(), before);
    assert_eq!(world.fake.asked(), (1, 0));
}

#[tokio::test]
async fn requests_at_once_wait_for_one_fetch() {
    let world = World::new().await;
    let one = world.process();
    let sealed = join_all((0..50).map(|_| seal(&one))).await;
    assert_eq!(world.fake.asked(), (1, 0));
    let other = world.process();
    let opened = join_all(sealed.iter().map(|sealed| opens(&other, sealed))).await;
    assert!(opened.into_iter().all(|opened| opened));
    assert_eq!(world.fake.asked(), (1, 1));
}

#[tokio::test]
async fn processes_that_begin_at_once_agree_on_one_key() {
    let together = Some(Barrier::new(3));
    let world = World::with(Fake {
        together,
        ..Fake::default()
    })
    .await;
    let processes = [world.process(), world.process(), world.process()];
    let sealed = join_all(processes.iter().map(seal)).await;
    assert_eq!(world.fake.asked().0, 3, "all three drew a key");
    assert!(sealed.iter().all(|text| key_of(text) == key_of(&sealed[0])));
    for process in &processes {
        assert!(opens(process, &sealed[0]).await);
    }
}

#[tokio::test]
async fn a_key_is_replaced_after_its_time_and_still_opens() {
    let world = World::new().await;
    let (one, other) = (world.process(), world.process());
    let old = seal(&one).await;
    assert_eq!(key_of(&seal(&other).await), key_of(&old));
    world.clock.advance(30 * DAY);
    let new = seal(&one).await;
    assert_ne!(key_of(&new), key_of(&old));
    assert_eq!(key_of(&seal(&other).await), key_of(&new), "others follow");
    assert_eq!(world.fake.asked().0, 2);
    for process in [&one, &other, &world.process()] {
        assert!(opens(process, &old).await && opens(process, &new).await);
    }
}

#[tokio::test]
async fn a_key_is_replaced_after_so_many_seals_and_others_follow() {
    let world = World::new().await;
    let (mut busy, idle) = (world.process(), world.process());
    busy.limits.seals_max = 3;
    let first = key_of(&seal(&idle).await);
    for _ in 0..3 {
        assert_eq!(key_of(&seal(&busy).await), first);
    }
    let second = key_of(&seal(&busy).await);
    assert_ne!(second, first);
    assert_eq!(key_of(&seal(&idle).await), first, "not asked for a while");
    world.clock.advance(Duration::from_secs(5 * 60));
    assert_eq!(key_of(&seal(&idle).await), second);
}

#[tokio::test]
async fn what_is_not_ours_stays_closed() {
    let world = World::new().await;
    let one = world.process();
    let sealed = seal(&one).await;
    let elsewhere = one.open("elsewhere", &sealed).await;
    assert!(is_closed(&elsewhere));
    // A key that there is none of: the table says so, nobody else is asked.
    let payload = sealed.rsplit(':').next().unwrap();
    let unknown = format!("sealed:v2:{}:{payload}", Uuid::from_u128(9));
    assert!(is_closed(&one.open("here", &unknown).await));
    assert_eq!(world.fake.asked(), (1, 0));
    // A wrapped key that was carried to another id.
    let stored = world.table.data_keys().find(key_of(&sealed)).await.unwrap();
    let carried = StoredDataKey {
        id: Uuid::from_u128(10),
        ..stored.unwrap()
    };
    let keys = world.table.data_keys();
    assert!(keys.replace(Some(key_of(&sealed)), &carried).await.unwrap());
    let under_it = format!("sealed:v2:{}:{payload}", carried.id);
    assert!(is_closed(&one.open("here", &under_it).await));
    for text in ["", "hidden", "sealed:v1:AAAA", "sealed:v2:no:AAAA"] {
        let found = one.open("here", text).await;
        assert!(matches!(
            found,
            Err(SealingError::Seal(SealError::Malformed))
        ));
    }
}

#[tokio::test]
async fn who_cannot_be_asked_is_not_asked_again_at_once() {
    let world = World::new().await;
    let sealed = seal(&world.process()).await;
    world.is_down(true);
    let one = world.process();
    let failed = join_all((0..20).map(|_| one.open("here", &sealed))).await;
    assert!(failed.iter().all(is_unavailable));
    assert!(is_unavailable(&one.seal("here", "hidden").await));
    assert_eq!(world.fake.asked(), (1, 1), "one asked for all");
    world.is_down(false);
    world.clock.advance(Duration::from_secs(1));
    assert!(opens(&one, &sealed).await);
}

#[tokio::test]
async fn the_first_key_cannot_be_made_while_nobody_answers() {
    let world = World::new().await;
    world.is_down(true);
    let one = world.process();
    assert!(is_unavailable(&one.seal("here", "hidden").await));
    assert_eq!(world.table.data_keys().current().await.unwrap(), None);
    world.is_down(false);
    world.clock.advance(Duration::from_secs(1));
    seal(&one).await;
}

#[tokio::test]
async fn a_worn_key_is_worth_more_than_none() {
    let world = World::new().await;
    let mut one = world.process();
    one.limits.kept_for = SignedDuration::from_hours(24 * 365);
    let old = key_of(&seal(&one).await);
    world.clock.advance(31 * DAY);
    world.is_down(true);
    assert_eq!(key_of(&seal(&one).await), old);
    world.is_down(false);
    world.clock.advance(Duration::from_secs(1));
    assert_ne!(key_of(&seal(&one).await), old);
}

#[tokio::test]
async fn keys_leave_memory_after_an_hour_and_when_there_are_too_many() {
    let world = World::new().await;
    let mut one = world.process();
    let first = seal(&one).await;
    world.clock.advance(Duration::from_secs(60 * 60));
    world.is_down(true);
    assert!(
        is_unavailable(&one.open("here", &first).await),
        "a right was taken"
    );
    world.is_down(false);
    world.clock.advance(Duration::from_secs(1));
    assert!(opens(&one, &first).await);
    one.limits.kept_max = 2;
    one.limits.seals_max = 1;
    let mut more = Vec::new();
    for _ in 0..3 {
        // Of keys of the same instant none is the oldest.
        world.clock.advance(Duration::from_secs(1));
        more.push(seal(&one).await);
    }
    let before = world.fake.asked().1;
    assert!(opens(&one, &more[2]).await);
    assert_eq!(world.fake.asked().1, before, "the newest is at hand");
    assert!(opens(&one, &first).await);
    assert_eq!(
        world.fake.asked().1,
        before + 1,
        "the oldest has to be fetched"
    );
}
