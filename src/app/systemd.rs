//! What a service manager is told, if there is one that listens: ready, reloading, stopping, and that the feeds are kept.
//!
//! Everything goes to the socket that `NOTIFY_SOCKET` names, as sd_notify(3) says; without it nothing is done.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// So many of those are held: each thread reads the configuration again for the feeds that it keeps.
static RELOADING: AtomicUsize = AtomicUsize::new(0);

/// Every feed can be fetched, and the configuration is the one on the disk.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// A sign that the configuration is being read again. When none is held any more, whatever came of it, it is the one on the disk.
pub(super) struct Reloading(());

impl Reloading {
    /// Gives the sign, unless somebody holds it already.
    pub(super) fn begin() -> Self {
        if RELOADING.fetch_add(1, Ordering::Relaxed) == 0 {
            match NotifyState::monotonic_usec_now() {
                Ok(now) => tell(&[NotifyState::Reloading, now]),
                Err(error) => tracing::debug!("the monotonic clock cannot be read: {error}"),
            }
        }
        Reloading(())
    }
}

impl Drop for Reloading {
    fn drop(&mut self) {
        if RELOADING.fetch_sub(1, Ordering::Relaxed) == 1 {
            ready();
        }
    }
}

/// Nothing more is accepted; requests under way end.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// The sign of life of the threads that keep the feeds: when one of them no longer goes round, the service is started again.
pub(super) struct Watchdog {
    /// Half of the time after which the manager takes the service for dead.
    interval: Option<Duration>,
    /// Which of the threads this one is.
    thread: usize,
    signs: Arc<Mutex<Signs>>,
}

/// What the threads have in common.
struct Signs {
    threads: usize,
    /// Those that went round since the last sign.
    alive: BTreeSet<usize>,
    last: Option<Instant>,
}

impl Watchdog {
    /// The watchdog that the service manager asks for with `WATCHDOG_USEC`, for each of so many threads.
    pub(super) fn of(threads: usize) -> impl Iterator<Item = Watchdog> {
        let interval = sd_notify::watchdog_enabled().map(|time| time / 2);
        let signs = Arc::new(Mutex::new(Signs { threads, alive: BTreeSet::new(), last: None }));
        (0..threads).map(move |thread| Watchdog { interval, thread, signs: signs.clone() })
    }

    /// Notes that the thread goes round, and gives the sign, if it is time and all of them do.
    pub(super) fn feed(&self, now: Instant) {
        let Some(interval) = self.interval else { return };
        let mut signs = self.signs.lock().unwrap_or_else(PoisonError::into_inner);
        signs.alive.insert(self.thread);
        if signs.alive.len() == signs.threads && signs.last.is_none_or(|last| now.duration_since(last) >= interval) {
            tell(&[NotifyState::Watchdog]);
            signs.alive.clear();
            signs.last = Some(now);
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!("the service manager cannot be told: {error}");
    }
}
