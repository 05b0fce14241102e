//! `module.mounts`, as far as it says where content and static files are. A folder that is all the content of a language is read in the
//! place of its `contentDir`, and so are parts of that alone that are mounted where they are; of any other folder it can only be told that
//! it is not read.

use super::file_filter::FileFilter;
use super::folder;
use super::reader::Reader;
use super::unfit::removed_key;
use super::{Kind, Purpose, Target};
use crate::diagnostic::Rule;
use crate::value::{Fields, Value};

/// Where the content of a language is mounted.
#[derive(Debug, PartialEq)]
pub(super) struct Mounts {
    /// The folder that is all of it, relative to the site's root.
    pub(super) content: Option<String>,
    /// Whether that is for this language alone.
    pub(super) is_own: bool,
    /// The folders that are the static files, in the place of `staticDir`, when any are mounted.
    pub(super) statics: Option<Vec<String>>,
    /// Which files of the content are there, or what is wrong with the globs.
    files: Result<FileFilter, String>,
    /// Other folders of content, with the place where each is mounted.
    others: Vec<(String, String)>,
    /// Keys that Hugo has removed, each with its place and what takes its.
    removed: Vec<(Option<usize>, &'static str, &'static str)>,
}

/// Keys of mounts that Hugo has removed, with what took their place in 0.153.
const REMOVED: [(&str, &str); 3] = [("lang", "sites.matrix.languages"), ("includeFiles", "files"), ("excludeFiles", "files")];

impl Mounts {
    /// Reads the keys of a site.
    pub(super) fn read(fields: &Fields<'_>, purpose: Purpose<'_>, is_default: bool) -> Self {
        let mut mounts = Mounts {
            content: None,
            is_own: false,
            statics: None,
            files: Ok(FileFilter::default()),
            others: Vec::new(),
            removed: Vec::new(),
        };
        let all = fields.at("module.mounts").map_or(&[] as &[_], Value::items);
        for mount in all.iter().filter_map(Value::table) {
            mounts.removed.extend(REMOVED.iter().filter_map(|(key, heir)| Some((mount.field(&key.to_lowercase())?.offset, *key, *heir))));
            let place = |key: &str| folder::of(&mount.text(key).unwrap_or_default()).unwrap_or_default();
            let (source, target) = (place("source"), place("target"));
            let names_languages = mount.at("sites.matrix.languages").is_some() || mount.get("lang").is_some();
            let is_for = Target::read(mount, purpose).is_ok_and(|target| target.matches(Kind::Page, "/"));
            let target = target.trim_start_matches('/');
            let (component, below) = target.split_once('/').unwrap_or((target, ""));
            if source.is_empty() || !is_for {
                continue;
            }
            if component == "static" {
                mounts.statics.get_or_insert_default().extend(Some(source).filter(|_| below.is_empty()));
                continue;
            }
            if component != "content" {
                continue;
            }
            // one for all languages has the files of this by their names, and gives way to one that has no others
            let gives_way = !is_default && names_languages && !mounts.is_own;
            if below.is_empty() && (mounts.content.is_none() || gives_way) {
                (mounts.content, mounts.is_own) = (Some(source), names_languages);
                mounts.files = FileFilter::read(mount);
            } else if names_languages || is_default {
                mounts.others.push((source, target.to_owned()));
            }
        }
        mounts
    }

    /// The content folder, where this one is `contentDir`, and which of its files are there. What is not read is told of, at the place of
    /// `module`; where it would be in the place of what is read, it is an error.
    pub(super) fn content(self, written: String, offset: Option<usize>, reader: &mut Reader<'_>) -> (String, FileFilter) {
        let mut files = self.files.unwrap_or_else(|what| {
            reader.error(offset, what, "write one such as \"! drafts/**\"");
            FileFilter::default()
        });
        for (place, key, heir) in &self.removed {
            reader.find(Rule::RemovedKey, place.or(offset), removed_key(key), format!("write `{heir}`, which Hugo has since 0.153"));
        }
        let unread = |source: &str, target: &str| format!("`{source}`, which is mounted at `{target}`, is not read");
        if let Some(content) = self.content {
            for (source, target) in self.others {
                reader.find(Rule::UnreadMount, offset, unread(&source, &target), "put its posts into the content folder");
            }
            return (content, files);
        }
        for (source, target) in self.others {
            match target.strip_prefix("content/").filter(|below| source == format!("{written}/{below}")) {
                Some(below) if files.include(&format!("{below}/**")).is_ok() => {}
                _ => {
                    let what = format!("{}, and to Hugo `{written}` is no content folder beside it", unread(&source, &target));
                    reader.error(offset, what, "mount the folder that has all posts at `content`");
                }
            }
        }
        (written, files)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Part, Site};
    use crate::diagnostic::Rule;

    #[test]
    fn a_folder_that_is_all_the_content_of_a_language_is_read() {
        let mount =
            |source: &str, target: &str, more: &str| format!("[[module.mounts]]\nsource = '{source}'\ntarget = '{target}'\n{more}\n");
        let check = |text: &str, language: Option<&str>, expected: (&str, bool), unread: &[&str]| {
            let text = format!("baseURL = 'https://example.org/'\n[languages.en]\n[languages.fr]\n{text}");
            let (config, found) = Config::read(&[Part::new("c.toml", text.as_str())], language).unwrap();
            let site = config.site;
            assert_eq!((site.content_dir.as_str(), site.languages.is_always_named), expected, "{text}");
            let told: Vec<_> = found.iter().filter(|found| found.rule == Rule::UnreadMount).map(|found| found.what.as_str()).collect();
            assert_eq!(told, unread, "{text}");
        };
        let both = [
            mount("content/en", "content", "[module.mounts.sites.matrix]\nlanguages = ['en']"),
            mount("content/fr/", "/content", "lang = 'fr'"),
            mount("assets", "assets", ""),
        ];
        check(&both.concat(), None, ("content/en", false), &[]);
        check(&both.concat(), Some("fr"), ("content/fr", false), &[]);
        check(&mount("docs", "content", ""), None, ("docs", false), &[]);
        check(&mount("docs", "content", ""), Some("fr"), ("docs", true), &[]);
        check(&format!("contentDir = 'content/fr'\n{}", mount("docs", "content", "")), Some("fr"), ("docs", true), &[]);
        for all in [[mount("docs", "content", ""), both[1].clone()], [both[1].clone(), mount("docs", "content", "")]] {
            check(&all.concat(), Some("fr"), ("content/fr", false), &[]);
        }
        let more = [mount("docs", "content", ""), mount("notes", "content", ""), mount("../more", "content/more", "")];
        let unread = ["`notes`, which is mounted at `content`, is not read", "`../more`, which is mounted at `content/more`, is not read"];
        check(&more.concat(), None, ("docs", false), &unread);
    }

    fn site(mounts: &[&str]) -> Result<Site, Vec<String>> {
        let text: String = mounts.iter().map(|mount| format!("[[module.mounts]]\n{mount}\n")).collect();
        let read = Config::parse(&format!("baseURL = 'https://example.org/'\n{text}"), "c.toml");
        read.map(|(config, _)| config.site).map_err(|faults| faults.into_iter().map(|fault| fault.to_string()).collect())
    }

    #[test]
    fn parts_of_the_content_folder_that_are_mounted_where_they_are_are_all_of_it() {
        let site = site(&["source = 'content/post'\ntarget = 'content/post'", "source = 'content/a'\ntarget = 'content/a'"]).unwrap();
        let passes = |path: &str| site.content_files.passes_file(path);
        assert_eq!(
            (site.content_dir.as_str(), passes("post/x.md"), passes("a/b/c.md"), passes("old/x.md")),
            ("content", true, true, false)
        );
    }

    #[test]
    fn what_is_mounted_in_the_place_of_the_content_folder_and_cannot_be_read_is_an_error() {
        let check = |mount: &str, expected: &str| {
            assert_eq!(site(&[mount]).err().unwrap_or_default(), [format!("c.toml:2:3: error: {expected} [invalid-config]")]);
        };
        let elsewhere = "`blog`, which is mounted at `content/posts`, is not read, and to Hugo `content` is no content folder beside it; \
                         mount the folder that has all posts at `content`";
        check("source = 'blog'\ntarget = 'content/posts'", elsewhere);
        let glob = "`/{a` is not a glob; write one such as \"! drafts/**\"";
        check("source = 'content'\ntarget = 'content'\nfiles = '! {a'", glob);
    }

    #[test]
    fn a_key_that_hugo_has_removed_is_told_where_it_stands() {
        let text = "baseURL = 'https://example.org/'\n[[module.mounts]]\nsource = 'content'\ntarget = 'content'\nlang = 'en'\n\
                    excludeFiles = 'drafts/**'\n";
        let (config, found) = Config::parse(text, "c.toml").unwrap();
        let told = |place: &str, key: &str, heir: &str| {
            format!(
                "c.toml:{place}: note: Hugo 0.168 has no `{key}` any more, and ends with an error; write `{heir}`, which Hugo has since \
                 0.153 [removed-key]"
            )
        };
        let expected = [told("5:8", "lang", "sites.matrix.languages"), told("6:16", "excludeFiles", "files")];
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        assert!(!config.site.content_files.passes_file("drafts/a.md"), "it is followed");
    }

    #[test]
    fn static_files_are_where_they_are_mounted_from() {
        let dirs = |mounts: &[&str]| site(mounts).unwrap().static_dirs;
        assert_eq!(dirs(&["source = 'assets'\ntarget = 'assets'"]), ["static"]);
        assert_eq!(dirs(&["source = 'a'\ntarget = 'static'", "source = 'b/c'\ntarget = 'static/'"]), ["a", "b/c"]);
        assert!(dirs(&["source = 'a'\ntarget = 'static/deeper'"]).is_empty());
    }
}
