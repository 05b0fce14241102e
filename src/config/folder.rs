//! The folders that a configuration names: below that of the site, beside it, or anywhere.

use std::path::{Component, Path, PathBuf};

/// A folder as paths below it begin: without a slash at its end, and with `.` and `..` only where it cannot do without. One that begins
/// with a slash is absolute. None where nothing is written.
pub(super) fn of(written: &str) -> Option<String> {
    let is_absolute = written.starts_with('/');
    let mut names: Vec<&str> = Vec::new();
    for name in written.split('/').filter(|name| !name.is_empty()) {
        match (name, names.last()) {
            (".", _) => {}
            ("..", Some(last)) if *last != ".." => drop(names.pop()),
            ("..", None) if is_absolute => {}
            _ => names.push(name),
        }
    }
    let names = names.join("/");
    match names.as_str() {
        _ if is_absolute => Some(format!("/{names}")),
        "" => written.contains('.').then(|| ".".to_owned()),
        _ => Some(names),
    }
}

/// A folder that is named from another one.
pub(super) fn within(other: &str, folder: &str) -> String {
    if folder.starts_with('/') { folder.to_owned() } else { of(&format!("{other}/{folder}")).unwrap_or_default() }
}

/// Where a folder of the configuration is, of a site with this root. As for Hugo `..` takes the last name of the path away: links on the
/// way do not matter.
pub fn folder_at(root: &Path, folder: &str) -> PathBuf {
    let mut path = root.to_owned();
    for part in Path::new(folder).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match path.components().next_back() {
                Some(Component::Normal(_)) => drop(path.pop()),
                Some(Component::RootDir) => {}
                _ => path.push(part),
            },
            // an absolute one takes the place of what is before it
            part => path.push(part),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Part};

    #[test]
    fn a_folder_is_the_same_however_it_is_written() {
        let check = |written: &str, expected: Option<&str>| assert_eq!(of(written).as_deref(), expected, "{written}");
        for written in ["a/b", "a/b/", "./a/b", ".//./a/./b/.", "a/c/../b", "a//b"] {
            check(written, Some("a/b"));
        }
        check("../a/../../b", Some("../../b"));
        check(".a", Some(".a"));
        for written in [".", "./", "a/.."] {
            check(written, Some("."));
        }
        check("", None);
        for written in ["/a/b", "//a/./c/../b/", "/../a/b"] {
            check(written, Some("/a/b"));
        }
        check("/", Some("/"));
    }

    #[test]
    fn a_folder_is_where_its_path_leads_whatever_links_there_are() {
        let check = |folder: &str, expected: &str| assert_eq!(folder_at(Path::new("/srv/site"), folder), Path::new(expected), "{folder}");
        check("content", "/srv/site/content");
        check(".", "/srv/site");
        check("../posts", "/srv/posts");
        check("../../../posts", "/posts");
        check("/var/posts", "/var/posts");
    }

    #[test]
    fn all_folders_are_read_alike() {
        let text = "contentDir = './content/'\nstaticDir = ['./static', 'more/']\nthemesDir = './looks'\ntheme = ['./one/', '/srv/two']\n\
                    [languages.en]\n[languages.fr]\ncontentDir = './content/fr'\n[languages.de]\n[[module.mounts]]\nsource = './de'\ntarget = 'content'\nlang = 'de'\n";
        let read = |language: &str| Config::read(&[Part::new("c.toml", text)], Some(language)).unwrap().0.site;
        let en = read("en");
        assert_eq!(en.content_dir, "content");
        assert_eq!(en.static_dirs, ["static", "more", "looks/one/static", "/srv/two/static"]);
        let content = |language: &str| en.languages.beside.iter().find(|other| other.key == language).unwrap().content.clone();
        assert_eq!((read("fr").content_dir, content("fr")), ("content/fr".to_owned(), Some("content/fr".to_owned())));
        assert_eq!(read("de").content_dir, "de");
    }

    #[test]
    fn a_folder_that_begins_with_a_slash_is_anywhere() {
        let read = |text: &str| Config::parse(text, "c.toml").unwrap().0.site;
        let site = read("contentDir = '/srv/posts/'\nstaticDir = '/srv/files'\nthemesDir = '/srv/looks'\ntheme = 'one'");
        assert_eq!(site.content_dir, "/srv/posts");
        assert_eq!(
            (site.static_dirs, site.themes),
            (vec!["/srv/files".to_owned(), "/srv/looks/one/static".to_owned()], vec!["/srv/looks/one".to_owned()])
        );
        let mount =
            "[[module.mounts]]\nsource = '/srv/posts'\ntarget = '/content'\n[[module.mounts]]\nsource = '/srv/files'\ntarget = '/static'";
        let site = read(mount);
        assert_eq!((site.content_dir.as_str(), site.static_dirs), ("/srv/posts", vec!["/srv/files".to_owned()]));
    }
}
