//! How many files and connections the process may have open at once.

/// Descriptors that are left for all else than connections of readers: posts that are read, documents in memory, the watch, operators.
const OTHERS: u64 = 256;

/// How many connections there is room for, of so many that are wanted. Where the process may have fewer files open than that takes,
/// it asks the system for as many, up to what it may ask for.
pub(super) fn connections(wanted: usize) -> usize {
    let needed = (wanted as u64).saturating_add(OTHERS);
    let Some(limit) = raised(needed).filter(|limit| *limit < needed) else { return wanted };
    let room = limit.saturating_sub(OTHERS).max(limit / 2);
    tracing::warn!(
        "`max_connections` is {wanted}, but the system lets this process have {limit} files open: no more than {room} connections are \
         kept at once; raise `ulimit -n`, or `LimitNOFILE` of systemd, to {needed}"
    );
    usize::try_from(room).unwrap_or(wanted)
}

/// The limit of the process, raised to this if need be and as far as may be; none where there is none.
#[cfg(unix)]
fn raised(needed: u64) -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current?;
    let raised = limit.maximum.map_or(needed, |maximum| needed.min(maximum));
    let is_raised = current < raised && setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit }).is_ok();
    Some(if is_raised { raised } else { current })
}

#[cfg(not(unix))]
fn raised(_: u64) -> Option<u64> {
    None
}
