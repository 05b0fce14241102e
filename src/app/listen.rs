//! The two servers of `serve`, for readers and for operators, and what the thread that keeps the feeds current gives them.

use std::fs::OpenOptions;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use prometheus_client::metrics::gauge::Gauge;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use super::advice::{about_listening, about_log};
use super::descriptors;
use super::report::Report;
use super::serve::ServeOptions;
use super::systemd;
use crate::admin::{Admin, Ask};
use crate::config::{Config, in_brackets};
use crate::metrics::Metrics;
use crate::respond;
use crate::server::{self, AccessLog, Ending, Feeds, Limits};
use crate::snapshot::{Live, Snapshot};

/// For so long the last lines of the access log are waited for.
const LAST_LINES: Duration = Duration::from_secs(1);

/// At most so many threads answer; the thread that keeps the feeds current is one more.
const WORKERS: usize = 8;

/// The listeners, before and while they are served.
pub(super) struct Servers {
    runtime: Runtime,
    listener: TcpListener,
    /// Who answers operators, and where.
    admin: Option<(Arc<Admin>, SocketAddr)>,
    feeds: Arc<Feeds>,
    metrics: Arc<Metrics>,
    limits: Limits,
    end: watch::Sender<bool>,
    moves: mpsc::UnboundedReceiver<TcpListener>,
}

/// What readers get of the feeds of one language, in the hands of the thread that keeps it current.
pub(super) struct Readers {
    pub(super) live: Arc<Live>,
    pub(super) metrics: Arc<Metrics>,
    published: watch::Sender<u64>,
    feeds: Arc<Feeds>,
    /// Which of the languages it is.
    number: usize,
    /// Where readers ask, which is for the first to say.
    address: Option<Address>,
}

/// The address as it is written, and where another listener is sent to take over.
struct Address {
    written: String,
    /// The one that was to take its place and cannot.
    refused: Option<Refused>,
    moves: mpsc::UnboundedSender<TcpListener>,
}

/// An address that cannot be listened on, and why.
struct Refused {
    address: String,
    fault: String,
}

impl Servers {
    /// Listens for readers of the feeds in these languages, who wait until [`Servers::run`], and serves operators at once. What
    /// is one for all is as the first configuration says.
    pub(super) fn open(configs: &[&Config], options: &ServeOptions, asks: Vec<Ask>) -> Result<(Self, Vec<Readers>)> {
        let [config, beside @ ..] = configs else { anyhow::bail!("there is nothing to serve") };
        let address = options.listen.as_ref().unwrap_or(&config.serve.listen).clone();
        let listener = listen(&address, "by --listen or `listen` of [serve]")?;
        let log = options.access_log.as_ref().map(|file| access_log(file.as_deref())).transpose()?;
        // of two threads on one core, one would make the clients of the other wait
        let workers = std::thread::available_parallelism().map_or(1, NonZero::get).min(WORKERS);
        let runtime = match workers {
            // one thread has nobody to share its work with
            1 => tokio::runtime::Builder::new_current_thread().enable_all().build(),
            _ => tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build(),
        };
        let runtime = runtime.context("cannot start the server")?;
        let (end, ending) = watch::channel(false);
        let (published, news) = watch::channel(0);
        let (live, metrics) = (Arc::<Live>::default(), Arc::<Metrics>::default());
        let mut kept = vec![(live.clone(), published)];
        let mut feeds = Feeds::new(live, news, respond::Options::new(config), ending.clone());
        for config in beside {
            let (published, news) = watch::channel(0);
            let live = Arc::<Live>::default();
            kept.push((live.clone(), published));
            feeds = feeds.beside(live, news, respond::Options::new(config));
        }
        let feeds = Arc::new(feeds.counting(metrics.clone()).logging(log));
        let admin = match &*config.serve.admin {
            "" => None,
            address => Some(serve_operators(address, Admin::new(metrics.clone(), asks), ending)?),
        };
        let limits = Limits { connections: descriptors::connections(config.serve.max_connections), ..Limits::default() };
        let (sender, moves) = mpsc::unbounded_channel();
        let mut address = Some(Address { written: address, refused: None, moves: sender });
        let of_language = |(number, (live, published))| {
            let (metrics, feeds) = (metrics.clone(), feeds.clone());
            Readers { live, metrics, published, feeds, number, address: address.take() }
        };
        let readers = kept.into_iter().enumerate().map(of_language).collect();
        Ok((Servers { runtime, listener, admin, feeds, metrics, limits, end, moves }, readers))
    }

    /// Says where it listens and serves until the process is asked to end, or a thread that keeps feeds current has `failed`. At each
    /// SIGHUP it calls `reload`.
    pub(super) fn run(
        self,
        report: &mut Report,
        reload: impl Fn() + Send + 'static,
        mut failed: mpsc::UnboundedReceiver<()>,
    ) -> Result<()> {
        let Servers { runtime, listener, admin, feeds, metrics, limits, end, mut moves } = self;
        let bound = listener.local_addr()?;
        // One server, with what ends it.
        let serve = |listener: TcpListener| -> Result<_> {
            let (leave, leaving) = watch::channel(false);
            let listener = tokio::net::TcpListener::from_std(listener)?;
            Ok((leave, tokio::spawn(server::run(listener, feeds.clone(), limits, metrics.connections.clone(), leaving))))
        };
        runtime.block_on(async {
            let mut shutdown = std::pin::pin!(shutdown()?);
            let (mut leave, mut serving) = serve(listener)?;
            reload_on_signal(reload)?;
            if let Some((admin, at)) = admin {
                admin.ready();
                tracing::info!("figures at http://{at}/metrics and http://{at}/status");
            }
            report.result(&format!("listening on http://{bound}"));
            systemd::ready();
            loop {
                tokio::select! {
                    () = &mut shutdown => break,
                    Some(()) = failed.recv() => break,
                    ended = &mut serving => return ended?,
                    Some(listener) = moves.recv() => {
                        // The new address is served before the old one is left, and requests under way there end in peace.
                        let before = leave;
                        (leave, serving) = serve(listener)?;
                        before.send_replace(true);
                    }
                }
            }
            systemd::stopping();
            end.send_replace(true);
            leave.send_replace(true);
            let served = serving.await?;
            feeds.settle_log(LAST_LINES);
            served
        })
    }
}

impl Readers {
    /// Gives readers another state, and tells the pages that are open.
    pub(super) fn publish(&self, snapshot: Snapshot) {
        let revision = snapshot.revision;
        self.live.store(snapshot);
        self.published.send_replace(revision);
    }

    /// Answers as another configuration says, and at its address.
    pub(super) fn follow(&mut self, config: &Config, options: &ServeOptions) {
        self.feeds.follow(self.number, respond::Options::new(config));
        let address = options.listen.as_ref().unwrap_or(&config.serve.listen);
        let Some(own) = self.address.as_mut() else { return };
        own.refused = None;
        if own.written != *address && !own.move_to(address) {
            own.refused.iter().for_each(|refused| tracing::error!("{}", refused.fault));
        }
    }

    /// Listens where it could not before, if it can be done now: whoever had the address may have ended. Names are not looked up
    /// again, which may take long.
    pub(super) fn move_if_refused(&mut self) {
        let Some(own) = self.address.as_mut() else { return };
        if let Some(Refused { address, .. }) = own.refused.take_if(|refused| refused.address.parse::<SocketAddr>().is_ok()) {
            own.move_to(&address);
        }
    }

    /// Why readers are not answered at the address that the configuration says; none when they are.
    pub(super) fn fault(&self) -> Option<String> {
        Some(self.address.as_ref()?.refused.as_ref()?.fault.clone())
    }
}

impl Address {
    /// Has readers answered at another address. Whether that can be done is the answer; why it cannot is noted.
    fn move_to(&mut self, address: &str) -> bool {
        match listen(address, "by `listen` of [serve]") {
            Ok(listener) => {
                let bound = listener.local_addr().map_or_else(|_| address.to_owned(), |bound| bound.to_string());
                tracing::info!("from now on listening on http://{bound}");
                address.clone_into(&mut self.written);
                // the server ends only with the process
                drop(self.moves.send(listener));
                true
            }
            Err(error) => {
                let fault = format!("{error}; still listening on {}", self.written);
                self.refused = Some(Refused { address: address.to_owned(), fault });
                false
            }
        }
    }
}

/// Listens on an address, which is chosen in this `way`.
fn listen(address: &str, way: &str) -> Result<TcpListener> {
    if let Some(meant) = in_brackets(address) {
        bail!("cannot listen on {address}: the port cannot be told from the address; write {meant}, {way}");
    }
    server::listen(address).map_err(|error| anyhow!("cannot listen on {address}: {error}; {}, {way}", about_listening(&error)))
}

/// A log that is appended to a file, or goes to standard error.
fn access_log(file: Option<&Path>) -> Result<AccessLog> {
    let log = match file {
        None => AccessLog::new(io::stderr()),
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(path);
            AccessLog::new(file.map_err(|error| unwritable(path, error))?)
        }
    };
    log.context("cannot start the thread that writes the access log")
}

/// Why there is no access log, and what to do about it.
fn unwritable(path: &Path, error: io::Error) -> anyhow::Error {
    let what = format!("cannot write the access log {}", path.display());
    match about_log(&error) {
        Some(mend) => anyhow!("{what}: {error}; {mend}"),
        None => anyhow::Error::new(error).context(what),
    }
}

/// Answers operators on a thread of its own: before readers are answered, and while they have all others.
fn serve_operators(address: &str, admin: Admin, ending: Ending) -> Result<(Arc<Admin>, SocketAddr)> {
    let listener = listen(address, "by `admin` of [serve]")?;
    let bound = listener.local_addr()?;
    let admin = Arc::new(admin);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the server for operators")?;
    let limits = Limits { connections: 100, ..Limits::default() };
    let answering = admin.clone();
    let serve = move || {
        let served = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            server::run(listener, answering, limits, Gauge::default(), ending).await
        });
        if let Err(error) = served {
            tracing::error!("operators are not answered any more: {error:#}");
        }
    };
    std::thread::Builder::new().name("operators".to_owned()).spawn(serve).context("cannot start the thread that answers operators")?;
    Ok((admin, bound))
}

/// Ends when the process is asked to end.
fn shutdown() -> Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Calls `reload` at each SIGHUP.
fn reload_on_signal(reload: impl Fn() + Send + 'static) -> Result<()> {
    #[cfg(unix)]
    {
        let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                reload();
            }
        });
    }
    #[cfg(not(unix))]
    drop(reload);
    Ok(())
}
