//! The manual pages, made of what `--help` knows: equal programs print equal pages, so that packages can be built again alike.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

/// What a command's own page need not repeat.
const STATUS: [(&str, &str); 3] = [
    ("0", "Success."),
    (
        "1",
        "An error in content (check, build --strict), a content folder that has become empty, a file that could not be written, an output folder that cannot be read or that another process holds, an address that cannot be listened on, or a server that does not answer (health).",
    ),
    ("2", "Wrong usage or configuration."),
];

const ENVIRONMENT: [(&str, &str); 7] = [
    (
        "HUGO_...",
        "Keys of the configuration, in capitals, as HUGO_BASEURL; they override what is in files. The character after HUGO separates the keys.",
    ),
    ("HUGO_ENVIRONMENT, HUGO_ENV", "The environment, whose folder in config/ is read instead of production."),
    (
        "CACHE_DIRECTORY, XDG_CACHE_HOME",
        "Where serve keeps what it understood of 1,000 posts or more: in the first, or else in tidings below the second or ~/.cache.",
    ),
    (
        "TIDINGS_LOG",
        "How much is logged to standard error: error, warn, info (the default), debug or trace. --quiet and --verbose win over it.",
    ),
    ("NO_COLOR", "Never colours, in help or in the log. Without it they are for terminals."),
    ("CLICOLOR_FORCE", "Colours also where no terminal is."),
    ("SOURCE_DATE_EPOCH", "Seconds since 1970: the clock of build and check, where --now does not give one."),
];

const FILES: [(&str, &str); 3] = [
    (
        "tidings.toml, hugo.toml, config/",
        "The configuration of the site, in the current folder: the first, or else what Hugo reads, in TOML, YAML or JSON.",
    ),
    ("feeds/", "What is written, and by nobody else."),
    ("feeds/.ids.tsv", "The ids under which entries were published. Keep it with the site."),
];

/// Prints the page of the program, or of one of its commands.
pub(crate) fn print(program: clap::Command, command: Option<&str>) -> ExitCode {
    // `help` says what the pages say
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let page = match command {
        None => render(&program, true),
        Some(name) => match program.find_subcommand(name) {
            Some(command) => render(command, false),
            None => {
                let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
                let what = format!("there is no command `{name}`; write one of {}", names.join(", "));
                program.error(ErrorKind::InvalidValue, what).exit()
            }
        },
    };
    match page.and_then(|page| io::stdout().write_all(&page)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn render(command: &clap::Command, is_program: bool) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).source(concat!("tidings ", env!("CARGO_PKG_VERSION"))).render(&mut page)?;
    let mut more = Roff::new();
    if is_program {
        list(&mut more, "EXIT STATUS", &STATUS);
        list(&mut more, "ENVIRONMENT", &ENVIRONMENT);
        list(&mut more, "FILES", &FILES);
    } else {
        more.control("SH", ["SEE ALSO"]).text([bold("tidings"), roman("(1)")]);
    }
    more.to_writer(&mut page)?;
    Ok(page)
}

fn list(page: &mut Roff, title: &str, entries: &[(&str, &str)]) {
    page.control("SH", [title]);
    for (term, text) in entries {
        page.control("TP", []).text([bold(*term)]).text([roman(*text)]);
    }
}
