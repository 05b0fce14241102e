//! The command line of Tidings: arguments in, an exit status out.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use chrono::{DateTime, Utc};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use tidings::app::{self, Form, NewOptions, Options, ServeOptions, Strictness, Voice};
use tidings::diagnostic::Rule;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

mod man;

/// Half of a build's work is small texts that come and go: with this allocator it takes a fifth less than with glibc's.
/// It asks for no huge pages (`no_thp`), which hold a third more memory and save no time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Feeds of a folder of Markdown posts, always current: RSS, Atom and JSON for a site, its sections, tags and categories.
#[derive(Parser)]
#[command(name = "tidings", version, arg_required_else_help = true)]
struct Cli {
    /// Say nothing but errors; results stay. Wins over TIDINGS_LOG
    #[arg(short, long, global = true, display_order = 100)]
    quiet: bool,
    /// Say what is being done, too. Wins over TIDINGS_LOG
    #[arg(short, long, global = true, display_order = 101, conflicts_with = "quiet")]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the feeds, then keep them current and serve them
    Serve {
        #[command(flatten)]
        common: Common,
        /// The address to listen on; port 0 is any that is free [default: `listen` of `[serve]`]
        #[arg(long, value_name = "ADDR:PORT")]
        listen: Option<String>,
        /// Log every request that is answered in the combined format, to a file or standard error
        #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
        access_log: Option<Option<PathBuf>>,
        /// Look at the content folder every so many seconds, for network file systems that tell of no changes; 0 = be told
        #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2", value_parser = seconds)]
        poll: Option<u32>,
    },
    /// Build the feeds once
    Build {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        clock: Clock,
        /// End with status 1 when a post is broken
        #[arg(long)]
        strict: bool,
        /// Write nothing and end with status 1 when more than N published entries would get other ids
        #[arg(long, value_name = "N", value_parser = number)]
        deny_new_ids: Option<usize>,
        /// Build nothing; print the next instant at which a build would differ, or `none`
        #[arg(long, conflicts_with_all = ["strict", "deny_new_ids"])]
        next: bool,
    },
    /// Read everything, write nothing, and tell what is wrong
    Check {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        clock: Clock,
        /// End with status 1 on warnings too
        #[arg(long)]
        strict: bool,
        /// Accept warnings and notes of these names, beside those of `allow` of `[check]`
        #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = allowable())]
        allow: Vec<Rule>,
        /// How findings are told
        #[arg(long, value_name = "FORM", default_value = "lines")]
        format: Format,
        /// The same as `--format json`
        #[arg(long, conflicts_with = "format")]
        json: bool,
    },
    /// Look at a site, tell what its feeds will be and what they lack, and write a configuration if there is none
    ///
    /// It asks nothing and changes nothing that is there. Where nothing is configured it writes config.toml, with every
    /// default, and makes the content folder.
    #[command(display_order = 1)]
    Init,
    /// Write a post to start from, dated now, and print where it is
    ///
    /// The file is named after the title as Hugo spells it in addresses. A file that is there stays as it is. The post is
    /// in the feeds at once: it is no draft unless you say so.
    #[command(display_order = 2, allow_missing_positional = true)]
    New {
        /// The section, or a file of it such as post/hello.md [default: the only section; `post` where there is none]
        #[arg(value_name = "SECTION", value_hint = ValueHint::AnyPath)]
        place: Option<String>,
        /// The title
        title: String,
        /// Begin a draft, which is in no feed until `draft = true` is removed
        #[arg(long)]
        draft: bool,
        /// The date of the post; one to come schedules it [default: now]
        #[arg(long, value_name = "RFC3339", value_parser = instant)]
        date: Option<DateTime<Utc>>,
        /// The site's configuration [default: tidings.toml in the current folder, or what Hugo reads there]
        #[arg(short, long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a manual page, of the program or of one of its commands
    Man {
        /// The command
        command: Option<String>,
    },
    /// Ask whether a server answers; for health checks where there is nothing else to ask with
    Health {
        /// Its address: that of the feeds, or a page of the operators' such as /status
        #[arg(value_name = "URL", default_value = "http://127.0.0.1:8080/", value_parser = address)]
        url: url::Url,
    },
}

/// How findings are told.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line each on standard error
    Lines,
    /// A JSON object each on standard output
    Json,
    /// A workflow command each on standard output, which GitHub shows beside the line in question
    Github,
}

#[derive(Args)]
struct Common {
    /// The site's configuration [default: tidings.toml in the current folder, or what Hugo reads there]
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The site's address [default: `baseURL` of the configuration]
    #[arg(short, long, value_name = "URL", alias = "baseURL")]
    base_url: Option<String>,
    /// The folder of the feeds, into which `check` writes nothing [default: `output` of `[feeds]`]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Args)]
struct Clock {
    /// The instant that decides what is future or expired [default: SOURCE_DATE_EPOCH, else the clock]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    now: Option<DateTime<Utc>>,
}

/// Reads an instant of the command line.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let instant = DateTime::parse_from_rfc3339(text).map_err(|_| "that is no instant; write one such as 2026-11-22T10:00:00+01:00")?;
    Ok(instant.to_utc())
}

/// Reads how many there may be of something.
fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "that is no whole number; write one such as 3".to_owned())
}

/// Reads a number of seconds.
fn seconds(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("that is no whole number of seconds; write one up to {}, such as 2", u32::MAX))
}

/// What is logged, as `TIDINGS_LOG` says it, or else that it says nothing of the kind: a word that is no level would be taken for
/// the name of a module, and silence all others.
fn level(text: &str) -> Option<EnvFilter> {
    let says_level = |part: &str| part.contains('=') || part.trim().parse::<LevelFilter>().is_ok();
    EnvFilter::try_new(text).ok().filter(|_| text.split(',').all(says_level))
}

/// Reads the address of a server.
fn address(text: &str) -> Result<url::Url, String> {
    text.parse().map_err(|_| "that is no address; write one such as http://127.0.0.1:8080/".to_owned())
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let voice = match (cli.quiet, cli.verbose) {
        (true, _) => Voice::Quiet,
        (false, true) => Voice::Verbose,
        (false, false) => Voice::Usual,
    };
    let wanted = std::env::var("TIDINGS_LOG").ok().filter(|wanted| !wanted.is_empty() && voice == Voice::Usual);
    let filter = match voice {
        Voice::Quiet => "error".into(),
        Voice::Verbose => "info,tidings=debug".into(),
        Voice::Usual => wanted.as_deref().and_then(level).unwrap_or_else(|| "info".into()),
    };
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_target(false)
        // as help and wrong usage have them: on a terminal, unless NO_COLOR or CLICOLOR_FORCE want it otherwise
        .with_ansi(AutoStream::choice(&io::stderr()) != ColorChoice::Never)
        .with_env_filter(filter)
        .init();
    if let Some(wanted) = wanted.filter(|wanted| level(wanted).is_none()) {
        tracing::warn!("TIDINGS_LOG is {wanted:?}, which is no level; write error, warn, info, debug or trace");
    }
    match cli.command {
        Command::Serve { common, listen, poll, access_log } => {
            app::serve(&ServeOptions { common: Options { poll, ..options(common, None, false, voice) }, listen, access_log })
        }
        Command::Build { common, clock, next: true, .. } => app::next(&options(common, Some(clock), false, voice)),
        Command::Build { common, clock, strict, deny_new_ids, .. } => {
            app::build(&Options { deny_new_ids, ..options(common, Some(clock), strict, voice) })
        }
        Command::Check { common, clock, strict, allow, format, json } => {
            let format = if json { Format::Json } else { format };
            let form = match format {
                Format::Lines => Form::Lines,
                Format::Json => Form::Json,
                Format::Github => Form::Github,
            };
            app::check(&Options { allow, ..options(common, Some(clock), strict, voice) }, form)
        }
        Command::Init => app::init(voice),
        Command::New { place, title, draft, date, config } => {
            app::new(&NewOptions { common: Options { config, voice, ..Options::default() }, place, title, is_draft: draft, date })
        }
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "tidings", &mut io::stdout());
            ExitCode::SUCCESS
        }
        Command::Man { command } => man::print(Cli::command(), command.as_deref()),
        Command::Health { url } => app::health(&url),
    }
}

/// Reads the name of a finding. Those that can be allowed are suggested and listed, with what they say.
fn allowable() -> impl TypedValueParser<Value = Rule> {
    let listed = |rule: &Rule| PossibleValue::new(rule.name()).help(rule.meaning()).hide(!rule.may_be_allowed());
    PossibleValuesParser::new(Rule::ALL.iter().map(listed)).try_map(|name| {
        let rule = Rule::named(&name).ok_or_else(|| format!("there is no finding `{name}`"))?;
        if rule.may_be_allowed() { Ok(rule) } else { Err(format!("`{name}` is an error, and those cannot be allowed; mend what it names")) }
    })
}

/// The instant of `SOURCE_DATE_EPOCH`. One that is none ends the process, as its specification wants: what would be made is not what
/// was asked for.
fn source_date_epoch() -> Option<DateTime<Utc>> {
    let seconds = std::env::var("SOURCE_DATE_EPOCH").ok().filter(|text| !text.is_empty())?;
    let instant = seconds.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let refuse = || -> DateTime<Utc> {
        let what = format!("SOURCE_DATE_EPOCH is `{seconds}`; write seconds since 1970, such as 1767225600");
        Cli::command().error(ErrorKind::ValueValidation, what).exit()
    };
    Some(instant.unwrap_or_else(refuse))
}

fn options(common: Common, clock: Option<Clock>, strict: bool, voice: Voice) -> Options {
    Options {
        config: common.config,
        base_url: common.base_url,
        out: common.out,
        now: clock.and_then(|clock| clock.now.or_else(source_date_epoch)),
        strictness: if strict { Strictness::Strict } else { Strictness::Usual },
        voice,
        ..Options::default()
    }
}
