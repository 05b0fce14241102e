//! `tidings serve`: the feeds, always current, and a server for them.
//!
//! One thread, the [`Keeper`], owns the engine; the server's threads only ever read the live snapshot.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::channel;

use anyhow::{Context, Result};

use super::keeper::{Event, Keeper};
use super::listen::Servers;
use super::report::Report;
use super::{FAILURE, Options, Setup};

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
    let setup = match Setup::read(&options.common, &mut report) {
        Ok(setup) => setup,
        Err(unusable) => return unusable.end(&mut report),
    };
    match run(setup, options, &mut report) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report.fail(&error);
            ExitCode::from(FAILURE)
        }
    }
}

fn run(setup: Setup, options: &ServeOptions, report: &mut Report) -> Result<()> {
    let (events, inbox) = channel();
    let (asking, reloading) = (events.clone(), events.clone());
    // whoever asks is told, or gives up
    let ask = Box::new(move |answer| drop(asking.send(Event::Ask(answer))));
    let (servers, readers) = Servers::open(&setup.config, options, ask)?;
    let mut keeper = Keeper::open(setup, options, readers, events.clone())?;
    keeper.first_build()?;
    let thread = std::thread::Builder::new()
        .name("keeper".to_owned())
        .spawn(move || keeper.keep(&inbox))
        .context("cannot start the thread that keeps the feeds current")?;
    let served = servers.run(report, move || drop(reloading.send(Event::Reload)));
    // the thread may have ended by itself; then it has said why
    let _ = events.send(Event::Shutdown);
    anyhow::ensure!(thread.join().is_ok(), "the thread that keeps the feeds current has failed");
    served
}
