//! `tidings serve`: the feeds, always current, and a server for them.
//!
//! One thread for each language, a [`Keeper`], owns an engine; the server's threads only ever read the live snapshots.

use std::convert::Infallible;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tracing::Span;

use super::keeper::{Event, Keeper};
use super::listen::Servers;
use super::report::Report;
use super::systemd::{Reloading, Watchdog};
use super::{FAILURE, Options, Setup};
use crate::admin::Ask;
use crate::config::Config;

/// For so long what is under way with the feeds is waited for at the end: more than it takes where nothing is stuck.
const LAST_WORK: Duration = Duration::from_secs(30);

/// What `serve` is told beside what every command is.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// What every command is told.
    pub common: Options,
    /// The address to listen on, instead of that of the configuration.
    pub listen: Option<String>,
    /// Whether requests are logged, and to which file; none is standard error.
    pub access_log: Option<Option<PathBuf>>,
}

/// Builds, then watches and serves until it is told to end.
pub fn serve(options: &ServeOptions) -> ExitCode {
    let mut report = Report::new(options.common.voice);
    let setups = match Setup::read(&options.common, &mut report) {
        Ok(setups) => setups,
        Err(unusable) => return unusable.end(&mut report),
    };
    match run(setups, options, &mut report) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report.fail(&error);
            ExitCode::from(FAILURE)
        }
    }
}

fn run(setups: Vec<Setup>, options: &ServeOptions, report: &mut Report) -> Result<()> {
    let (events, inboxes): (Vec<Sender<Event>>, Vec<_>) = setups.iter().map(|_| channel()).unzip();
    // whoever asks is told, or gives up
    let ask = |events: &Sender<Event>| -> Ask {
        let events = events.clone();
        Box::new(move |answer| drop(events.send(Event::Ask(answer))))
    };
    let asks = events.iter().map(ask).collect();
    let configs: Vec<&Config> = setups.iter().map(|setup| &*setup.config).collect();
    let (servers, readers) = Servers::open(&configs, options, asks)?;
    let watchdogs = Watchdog::of(setups.len());
    let mut keepers = Vec::new();
    for (((setup, readers), watchdog), events) in setups.into_iter().zip(readers).zip(watchdogs).zip(&events) {
        let span = setup.span();
        let built = span.in_scope(|| {
            let mut keeper = Keeper::open(setup, options, readers, watchdog, events.clone())?;
            keeper.first_build().map(|()| keeper)
        });
        keepers.push((span, built?));
    }
    let (fail, failed) = unbounded_channel();
    let (working, ended) = channel();
    let keep = |((span, keeper), inbox): ((Span, Keeper), Receiver<Event>)| {
        let thread = std::thread::Builder::new().name("keeper".to_owned());
        let alive = Alive { fail: fail.clone(), _working: working.clone() };
        let keep = move || {
            let _alive = alive;
            span.in_scope(|| keeper.keep(&inbox));
        };
        thread.spawn(keep).context("cannot start the thread that keeps the feeds current")
    };
    let threads: Vec<_> = keepers.into_iter().zip(inboxes).map(keep).collect::<Result<_>>()?;
    let reloaded = events.clone();
    let reload = move || {
        // as one, of which nobody has a part before all have been told
        let signs: Vec<Reloading> = reloaded.iter().map(|_| Reloading::begin()).collect();
        reloaded.iter().zip(signs).for_each(|(events, sign)| drop(events.send(Event::Reload(sign))));
    };
    let served = servers.run(report, reload, failed);
    // a thread may have ended by itself; then it has said why
    events.iter().for_each(|events| drop(events.send(Event::Shutdown)));
    drop(working);
    end(threads, &ended, LAST_WORK)?;
    served
}

/// Waits until the threads that keep the feeds current have `ended`, but no longer than the limit: one may wait for a disk that does not
/// answer. What it leaves undone is done at the next start.
fn end(threads: Vec<JoinHandle<()>>, ended: &Receiver<Infallible>, limit: Duration) -> Result<()> {
    let have_ended = ended.recv_timeout(limit) == Err(RecvTimeoutError::Disconnected);
    ensure!(have_ended, "a thread that keeps the feeds current did not end within {limit:?}, and is not waited for");
    let joined: Vec<_> = threads.into_iter().map(JoinHandle::join).collect();
    ensure!(joined.iter().all(Result::is_ok), "a thread that keeps the feeds current has failed");
    Ok(())
}

/// Tells when the thread that has it ends, also by a panic: feeds that nobody keeps current are not to be served.
struct Alive {
    fail: UnboundedSender<()>,
    /// Nothing is sent by it: where none is left, all threads have ended.
    _working: Sender<Infallible>,
}

impl Drop for Alive {
    fn drop(&mut self) {
        // whoever has ended before needs no word
        let _ = self.fail.send(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::UnboundedReceiver;

    /// Threads that do this, each with what tells of its end.
    fn threads(works: Vec<Box<dyn FnOnce() + Send>>) -> (Vec<JoinHandle<()>>, Receiver<Infallible>, UnboundedReceiver<()>) {
        let ((fail, failed), (working, ended)) = (unbounded_channel(), channel());
        let start = |work: Box<dyn FnOnce() + Send>| {
            let alive = Alive { fail: fail.clone(), _working: working.clone() };
            std::thread::spawn(move || {
                let _alive = alive;
                work();
            })
        };
        (works.into_iter().map(start).collect(), ended, failed)
    }

    #[test]
    fn a_thread_that_panics_is_heard_of() {
        let (threads, ended, mut failed) = threads(vec![Box::new(|| panic!("as a fault in a library does"))]);
        assert_eq!(failed.blocking_recv(), Some(()));
        let error = end(threads, &ended, Duration::from_secs(20)).unwrap_err();
        assert_eq!(error.to_string(), "a thread that keeps the feeds current has failed");
    }

    #[test]
    fn a_thread_that_does_not_end_is_waited_for_no_longer_than_the_limit() {
        let (release, wait) = channel::<()>();
        let stuck = move || wait.recv().unwrap_or_default();
        let (at_work, ended, _) = threads(vec![Box::new(|| ()), Box::new(stuck)]);
        let error = end(at_work, &ended, Duration::from_millis(30)).unwrap_err();
        assert_eq!(error.to_string(), "a thread that keeps the feeds current did not end within 30ms, and is not waited for");
        drop(release);
        let (at_work, ended, _) = threads(vec![Box::new(|| ()), Box::new(|| ())]);
        assert!(end(at_work, &ended, Duration::from_secs(20)).is_ok());
    }
}
