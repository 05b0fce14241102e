//! `module.mounts`, as far as it says where content is. A folder that is all the content of a language is read in the place of its
//! `contentDir`; of any other it can only be told that it is not.

use super::folder;
use super::{Kind, Purpose, Target};
use crate::value::{Fields, Value};

/// Where the content of a language is mounted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mounts {
    /// The folder that is all of it, relative to the site's root.
    pub(super) content: Option<String>,
    /// Whether that is for this language alone.
    pub(super) is_own: bool,
    /// Folders whose content is not read, with the place where it is mounted.
    pub(super) unread: Vec<(String, String)>,
}

impl Mounts {
    /// Reads the keys of a site.
    pub(super) fn read(fields: &Fields<'_>, purpose: Purpose<'_>, is_default: bool) -> Self {
        let mut mounts = Mounts::default();
        let all = fields.at("module.mounts").map_or(&[] as &[_], Value::items);
        for mount in all.iter().filter_map(Value::table) {
            let place = |key: &str| folder::of(&mount.text(key).unwrap_or_default()).unwrap_or_default();
            let (source, target) = (place("source"), place("target"));
            let names_languages = mount.at("sites.matrix.languages").is_some() || mount.get("lang").is_some();
            let is_for = Target::read(mount, purpose).is_ok_and(|target| target.matches(Kind::Page, "/"));
            if source.is_empty() || !(target == "content" || target.starts_with("content/")) || !is_for {
                continue;
            }
            // one for all languages has the files of this by their names, and gives way to one that has no others
            let gives_way = !is_default && names_languages && !mounts.is_own;
            if target == "content" && (mounts.content.is_none() || gives_way) {
                (mounts.content, mounts.is_own) = (Some(source), names_languages);
            } else if names_languages || is_default {
                mounts.unread.push((source, target));
            }
        }
        mounts
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Part};

    #[test]
    fn a_folder_that_is_all_the_content_of_a_language_is_read() {
        let mount =
            |source: &str, target: &str, more: &str| format!("[[module.mounts]]\nsource = '{source}'\ntarget = '{target}'\n{more}\n");
        let check = |text: &str, language: Option<&str>, expected: (&str, bool), unread: &[&str]| {
            let text = format!("baseURL = 'https://example.org/'\n[languages.en]\n[languages.fr]\n{text}");
            let (config, found) = Config::read(&[Part::new("c.toml", text.as_str())], language).unwrap();
            let site = config.site;
            assert_eq!((site.content_dir.as_str(), site.languages.is_always_named), expected, "{text}");
            let told: Vec<_> = found.iter().map(|found| found.what.as_str()).collect();
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
}
