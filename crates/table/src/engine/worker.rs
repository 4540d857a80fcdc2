//! The thread that owns the embedded engine, and its group commit.
//!
//! Requests wait in a bounded queue. The thread takes what waits, runs it in
//! order, syncs the write-ahead log once when something was written, and only
//! then answers: an answer to a write means that it is on the disk. A read is
//! answered at once unless it may have seen a write that is not.

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use dynoxide::{Database, DynoxideError};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::dispatch::{Request, Response};
use super::open::DirectoryLock;

/// Requests that wait for the engine at most; further callers wait for room.
const QUEUE_REQUESTS: usize = 4096;

/// Requests that share one sync of the log at most.
const GROUP_REQUESTS: usize = 256;

/// How long the first write of a group waits for others to share its sync:
/// about as long as a sync takes.
const GROUP_TIME: Duration = Duration::from_millis(2);

type Answer = Result<Response, DynoxideError>;

enum Job {
    Run(Request, oneshot::Sender<Answer>),
    Stop,
}

/// The engine and what belongs to it. Fields drop in order: the engine closes
/// its file before the lock on the directory is let go.
pub(crate) struct Engine {
    /// The engine itself.
    pub(crate) database: Database,
    /// Its write-ahead log; absent for an engine in memory.
    pub(crate) log: Option<File>,
    /// Keeps other processes out; absent for an engine in memory.
    pub(crate) _lock: Option<DirectoryLock>,
}

/// A handle on the engine's thread.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    jobs: mpsc::Sender<Job>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
    engine: Weak<Engine>,
    purge: Arc<Semaphore>,
}

impl Worker {
    /// Starts the thread. It ends when every handle is gone or at
    /// [`Self::stop`].
    pub(crate) fn start(engine: Engine) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE_REQUESTS);
        let engine = Arc::new(engine);
        let shared = Arc::downgrade(&engine);
        let thread = std::thread::Builder::new()
            .name("table".to_owned())
            .spawn(move || serve(&engine, queue))?;
        Ok(Self {
            jobs,
            thread: Arc::new(Mutex::new(Some(thread))),
            engine: shared,
            purge: Arc::new(Semaphore::new(1)),
        })
    }

    /// Has the engine run `request`; returns when what it wrote is durable.
    pub(crate) async fn run(&self, request: Request) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.jobs
            .send(Job::Run(request, reply))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Deletes items whose time to live has passed; returns how many.
    ///
    /// Walks through the whole table beside the requests, which it lets go
    /// first every few items. What it deletes would be deleted again after a
    /// crash, so it waits for no sync.
    pub(crate) async fn purge_expired(&self) -> Result<usize, DynoxideError> {
        let _one_at_a_time = self.purge.acquire().await.map_err(|_| closed())?;
        let engine = self.engine.upgrade().ok_or_else(closed)?;
        tokio::task::spawn_blocking(move || engine.database.sweep_ttl())
            .await
            .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?
    }

    /// Runs what waits, closes the file and lets go of the directory. Later
    /// requests fail.
    pub(crate) async fn stop(&self) {
        // An error means that the thread has ended already.
        let _ = self.jobs.send(Job::Stop).await;
        let _purge_done = self.purge.acquire().await;
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!("the table's thread ended badly");
            }
        }
    }
}

fn closed() -> DynoxideError {
    DynoxideError::InternalServerError("the table is closed".to_owned())
}

/// Serves until the queue closes, a stop is asked for, or the disk fails.
fn serve(engine: &Engine, mut queue: mpsc::Receiver<Job>) {
    let mut group = Group::default();
    while let Some(job) = queue.blocking_recv() {
        let mut next = Some(job);
        let mut stop = false;
        while let Some(job) = next.take() {
            match job {
                Job::Run(request, reply) => group.run(&engine.database, request, reply),
                Job::Stop => {
                    stop = true;
                    break;
                }
            }
            if group.has_room() {
                next = queue.try_recv().ok();
            }
        }
        if let Err(error) = group.commit(engine.log.as_ref()) {
            // After a failed sync nobody knows what the disk holds: nothing
            // more is acknowledged until the process has been started again.
            tracing::error!(%error, "the table's log cannot be synced; the table is closed");
            return;
        }
        if stop {
            return;
        }
    }
}

/// Answers that wait for a sync.
#[derive(Default)]
struct Group {
    held: Vec<(Answer, oneshot::Sender<Answer>)>,
    /// Since when there is something to sync.
    unsynced: Option<Instant>,
}

impl Group {
    fn run(&mut self, database: &Database, request: Request, reply: oneshot::Sender<Answer>) {
        let writes = request.writes();
        let answer = request.run(database);
        // A refused write changed nothing.
        if writes && answer.is_ok() {
            self.unsynced.get_or_insert_with(Instant::now);
        }
        if self.unsynced.is_some() {
            self.held.push((answer, reply));
        } else {
            // The caller may have gone; its answer goes with it.
            let _ = reply.send(answer);
        }
    }

    fn has_room(&self) -> bool {
        self.held.len() < GROUP_REQUESTS
            && self
                .unsynced
                .is_none_or(|since| since.elapsed() < GROUP_TIME)
    }

    fn commit(&mut self, log: Option<&File>) -> std::io::Result<()> {
        let synced = match log {
            Some(log) if self.unsynced.is_some() => log.sync_data(),
            _ => Ok(()),
        };
        self.unsynced = None;
        for (answer, reply) in self.held.drain(..) {
            let answer = match &synced {
                Ok(()) => answer,
                Err(error) => Err(DynoxideError::InternalServerError(format!(
                    "the log cannot be synced: {error}"
                ))),
            };
            let _ = reply.send(answer);
        }
        synced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, body: &str) -> Request {
        Request::read(&format!("DynamoDB_20120810.{target}"), body.as_bytes()).unwrap()
    }

    fn create_table() -> Request {
        request(
            "CreateTable",
            r#"{"TableName":"test","BillingMode":"PAY_PER_REQUEST",
                "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],
                "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}"#,
        )
    }

    fn put() -> Request {
        request("PutItem", r#"{"TableName":"test","Item":{"pk":{"S":"a"}}}"#)
    }

    fn get() -> Request {
        request("GetItem", r#"{"TableName":"test","Key":{"pk":{"S":"a"}}}"#)
    }

    fn worker(log: Option<File>) -> Worker {
        let database = Database::memory().unwrap();
        create_table().run(&database).unwrap();
        Worker::start(Engine {
            database,
            log,
            _lock: None,
        })
        .unwrap()
    }

    #[tokio::test]
    async fn a_write_that_cannot_be_synced_is_not_acknowledged_and_closes_the_table() {
        // A device that cannot be synced stands in for a disk that fails.
        let worker = worker(Some(File::open("/dev/full").unwrap()));
        worker.run(get()).await.unwrap();
        let error = worker.run(put()).await.err().unwrap();
        assert!(error.to_string().contains("cannot be synced"), "{error}");
        let error = worker.run(get()).await.err().unwrap();
        assert!(error.to_string().contains("closed"), "{error}");
    }

    #[tokio::test]
    async fn many_writes_at_once_are_all_answered() {
        let file = tempfile::tempfile().unwrap();
        let worker = worker(Some(file));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..3 * GROUP_REQUESTS {
            let worker = worker.clone();
            tasks.spawn(async move { worker.run(put()).await.is_ok() });
        }
        assert!(tasks.join_all().await.into_iter().all(|done| done));
        worker.stop().await;
        assert!(worker.run(get()).await.is_err());
    }
}
