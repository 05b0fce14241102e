//! A site that had entries and has no page any more: its disk is not mounted, or its configuration takes everything away. Neither is
//! believed, since whoever is told that a feed is gone does not ask again.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, anyhow};

use super::Setup;
use crate::ids;
use crate::source::{Hint, Source};

/// Nothing, when what was read may be all that there is to publish, where so many entries were `published`.
///
/// # Errors
/// When no content file is in the content folder, as far as the configuration lets it be one, though entries were published from it.
pub(super) fn ensure_content(source: &Source, setup: &Setup, published: usize) -> Result<()> {
    if published == 0 || !source.is_bare() { Ok(()) } else { Err(without_content(setup, published)) }
}

/// Nothing, when a configuration may take the place of the one before.
///
/// # Errors
/// When entries were published by that, and this one has no content file in its content folder.
pub(super) fn ensure_content_stays(setup: &Setup, before: &Setup) -> Result<()> {
    let choice = |setup: &Setup| (setup.content(), setup.config.site.content_files.clone(), setup.config.site.ignore_files.clone());
    if choice(setup) == choice(before) {
        return Ok(());
    }
    let published = before.published().max(setup.published());
    if published > 0 && is_bare(setup) && !is_bare(before) { Err(without_content(setup, published)) } else { Ok(()) }
}

fn is_bare(setup: &Setup) -> bool {
    let mut source = Source::new(setup.root(), &setup.config);
    source.survey(&BTreeSet::from([Hint::Anywhere]), &mut |_: &Path| {});
    source.is_bare()
}

fn without_content(setup: &Setup, published: usize) -> anyhow::Error {
    let (content, site) = (setup.content(), &setup.config.site);
    let is_empty = std::fs::read_dir(&content).is_ok_and(|mut entries| entries.next().is_none());
    let entries = if published == 1 { "1 entry".to_owned() } else { format!("{published} entries") };
    let (folder, table) = (content.display(), format!("though the table of ids ({}) has {entries}", ids::FILE));
    if is_empty || site.ignore_files.is_empty() && site.content_files.is_empty() {
        return anyhow!(
            "the content folder {folder} is empty, {table}; mount its disk, or, if there is to be no post, put an `_index.md` into it; until \
             then every feed stays as it is"
        );
    }
    anyhow!(
        "the configuration leaves no page of the content folder {folder}, {table}; look for a slip in `ignoreFiles` or in the `files` of its \
         mount; until then every feed stays as it is"
    )
}
