//! Which files of a mounted folder are there: Hugo's `files` of `module.mounts`, globs of which one that begins with `! ` takes away.

use super::target::Glob;
use crate::value::{Fields, Value};

/// A test for the files of a mounted folder; without globs every file passes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileFilter(Vec<Rule>);

/// What is said of the paths that a glob matches, unless a rule before has said something.
#[derive(Clone, Debug, PartialEq)]
enum Rule {
    Include(Glob),
    /// What an included file is in.
    IncludeFolder(Glob),
    Exclude(Glob),
}

impl FileFilter {
    /// Reads the keys of a mount, the older `includeFiles` and `excludeFiles` too; the error says what is wrong.
    pub(super) fn read(mount: &Fields<'_>) -> Result<Self, String> {
        let texts = |key: &str| mount.get(key).map_or(&[] as &[_], Value::items).iter().filter_map(Value::text);
        let mut filter = FileFilter::default();
        for glob in texts("files").chain(texts("includefiles")) {
            match glob.strip_prefix("! ") {
                Some(glob) => filter.exclude(glob)?,
                None => filter.include(&glob)?,
            }
        }
        texts("excludefiles").try_for_each(|glob| filter.exclude(&glob))?;
        Ok(filter)
    }

    fn exclude(&mut self, glob: &str) -> Result<(), String> {
        self.0.push(Rule::Exclude(Glob::new(&rooted(glob))?));
        Ok(())
    }

    /// Says that what a glob matches is there, and nothing else that no rule includes.
    pub(super) fn include(&mut self, glob: &str) -> Result<(), String> {
        let glob = rooted(glob);
        self.0.push(Rule::Include(Glob::new(&glob)?));
        for (end, _) in glob.match_indices('/') {
            self.0.push(Rule::IncludeFolder(Glob::new(&glob[..end])?));
        }
        Ok(())
    }

    /// Whether every file passes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a file passes, by its path below the folder. The folders around it are to be asked for, too.
    pub fn passes_file(&self, path: &str) -> bool {
        let said = |rule: &Rule, path: &str| match rule {
            Rule::Include(glob) => glob.matches(path).then_some(true),
            Rule::Exclude(glob) => glob.matches(path).then_some(false),
            Rule::IncludeFolder(_) => None,
        };
        self.first(path, said)
    }

    /// Whether what is in a folder may pass, by its path.
    pub fn passes_folder(&self, path: &str) -> bool {
        let said = |rule: &Rule, path: &str| match rule {
            Rule::Include(glob) | Rule::IncludeFolder(glob) => glob.matches(path).then_some(true),
            Rule::Exclude(glob) => glob.matches(path).then_some(false),
        };
        self.first(path, said)
    }

    /// What the first rule says that says something; nothing said means that all is there where no rule includes anything.
    fn first(&self, path: &str, said: impl Fn(&Rule, &str) -> Option<bool>) -> bool {
        let path = rooted(path).to_lowercase();
        let has_included = || self.0.iter().any(|rule| matches!(rule, Rule::Include(_)));
        self.0.iter().find_map(|rule| said(rule, &path)).unwrap_or_else(|| !has_included())
    }
}

/// A path or a glob with a slash before it.
fn rooted(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    fn filter(text: &str) -> FileFilter {
        FileFilter::read(&Fields::from_toml(DeTable::parse(text).unwrap().into_inner(), 0).unwrap()).unwrap()
    }

    #[test]
    fn the_first_glob_that_matches_decides() {
        let check = |text: &str, path: &str, expected: bool| assert_eq!(filter(text).passes_file(path), expected, "{text} {path}");
        check("", "a.md", true);
        check("files = '! drafts/**'", "drafts/x/a.md", false);
        check("files = ['! Drafts/**']", "drafts/A.md", false);
        check("files = ['! drafts/**']", "post/drafts/a.md", true);
        check("files = ['post/**', '! **/b.md']", "post/b.md", true);
        check("files = ['! **/b.md', 'post/**']", "post/b.md", false);
        check("files = ['post/**']", "a.md", false);
        check("includeFiles = 'post/**'\nexcludeFiles = ['/post/b.md']", "post/b.md", true);
        check("excludeFiles = ['/post/b.md']", "post/b.md", false);
        check("excludeFiles = ['/post/b.md']", "post/a.md", true);
    }

    #[test]
    fn folders_on_the_way_to_what_is_included_are_looked_into() {
        let check = |text: &str, path: &str, expected: bool| assert_eq!(filter(text).passes_folder(path), expected, "{text} {path}");
        check("files = ['post/a/*.md']", "post", true);
        check("files = ['post/a/*.md']", "post/a", true);
        check("files = ['post/a/*.md']", "post/b", false);
        check("files = ['**.md']", "post", false);
        check("files = ['**/*.md']", "post", true);
        check("files = ['! post']", "post", false);
        check("files = ['! post/**']", "post", true);
    }
}
