//! What to do about a failure of the outside, where its message only says what failed.

use std::io::{self, ErrorKind};

/// What mends a failure that the system told of; none when its message has to do.
pub(super) fn advice(error: &anyhow::Error) -> Option<&'static str> {
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>())?.kind();
    Some(match kind {
        ErrorKind::PermissionDenied => "give the user who runs this the right to it, or run this as its owner",
        ErrorKind::ReadOnlyFilesystem => "mount it writable, or choose another folder with --out",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on the disk, or choose another folder with --out",
        ErrorKind::NotADirectory => "a part of this path is a file; move it away, or choose another path",
        ErrorKind::InvalidFilename => "choose a shorter name",
        _ => return None,
    })
}

/// What mends that an address cannot be listened on.
pub(super) fn about_listening(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::AddrInUse => "another program has this port: end it, or choose another port, 0 for any that is free",
        ErrorKind::AddrNotAvailable => "no address of this machine: write 127.0.0.1, or 0.0.0.0 for all that it has",
        ErrorKind::PermissionDenied => "ports below 1024 are not for everybody: choose one above, such as 8080",
        _ => "write an address and a port, such as 127.0.0.1:8080",
    }
}

/// What mends that an access log cannot be written; none where the cause has a mend in whatever it stands.
pub(super) fn about_log(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::NotFound => Some("make its folder, or name a file in one that is there"),
        ErrorKind::IsADirectory => Some("name a file in it"),
        _ => None,
    }
}

/// What mends that a file of the configuration cannot be read; none where the cause has a mend in whatever it stands.
pub(super) fn about_configuration(error: &io::Error) -> Option<&'static str> {
    let is_gone = error.kind() == ErrorKind::NotFound;
    is_gone.then_some("name a file that is there with -c, or have one written by `tidings init`")
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn the_cause_is_found_below_what_was_said_of_it() {
        let check = |kind: ErrorKind, expected: Option<&str>| {
            let error = Err::<(), _>(io::Error::from(kind)).context("cannot read a.toml").context("cannot start").unwrap_err();
            assert_eq!(advice(&error).map(|advice| advice.split(' ').next().unwrap()), expected, "{kind:?}");
        };
        check(ErrorKind::PermissionDenied, Some("give"));
        check(ErrorKind::StorageFull, Some("make"));
        check(ErrorKind::NotFound, None);
        assert_eq!(advice(&anyhow!("permission denied")), None);
        assert!(about_log(&ErrorKind::NotFound.into()).is_some_and(|mend| mend.starts_with("make its folder")));
        assert_eq!(about_log(&ErrorKind::PermissionDenied.into()), None, "that has a mend of its own");
    }
}
