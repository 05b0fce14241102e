//! Pages that Hugo makes of other files than those that are read here.

use std::fs;
use std::path::Path;

use super::Source;

/// Endings of files that become pages, beside those of Markdown: HTML, Emacs Org, AsciiDoc, reStructuredText, Pandoc.
const FORMATS: [&str; 10] = ["html", "htm", "org", "adoc", "asciidoc", "ad", "rst", "pandoc", "pdc", "gotmpl"];

impl Source {
    /// Whether Hugo makes pages of something else than Markdown in the content folder: of files in other formats there, or of
    /// the content of these themes, which are folders below the site's root. Their addresses are not known.
    pub fn has_other_pages(&self, themes: &[String]) -> bool {
        themes.iter().any(|theme| self.has(&format!("{theme}/content"))) || holds_other_pages(&self.ground.content)
    }
}

fn holds_other_pages(folder: &Path) -> bool {
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => holds_other_pages(&path),
            _ => path.extension().is_some_and(|ending| FORMATS.iter().any(|known| ending.eq_ignore_ascii_case(known))),
        }
    })
}
