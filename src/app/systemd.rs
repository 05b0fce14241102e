//! What a service manager is told, if there is one that listens: ready, reloading, stopping, and that the feeds are kept.
//!
//! Everything goes to the socket that `NOTIFY_SOCKET` names, as sd_notify(3) says; without it nothing is done.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// Every feed can be fetched, and the configuration is the one on the disk.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is being read again; [`ready`] follows, whatever comes of it.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!("the monotonic clock cannot be read: {error}"),
    }
}

/// Nothing more is accepted; requests under way end.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// The sign of life of the thread that keeps the feeds: when it no longer goes round, the service is started again.
pub(super) struct Watchdog {
    /// Half of the time after which the manager takes the service for dead.
    interval: Option<Duration>,
    last: Option<Instant>,
}

impl Watchdog {
    /// The watchdog that the service manager asks for with `WATCHDOG_USEC`.
    pub(super) fn new() -> Self {
        Watchdog { interval: sd_notify::watchdog_enabled().map(|time| time / 2), last: None }
    }

    /// Gives the sign, if it is time.
    pub(super) fn feed(&mut self, now: Instant) {
        let is_time = self.interval.is_some_and(|interval| self.last.is_none_or(|last| now.duration_since(last) >= interval));
        if is_time {
            tell(&[NotifyState::Watchdog]);
            self.last = Some(now);
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!("the service manager cannot be told: {error}");
    }
}
