//! The folders that a configuration names, below that of the site.

/// A folder as paths below it begin: without slashes at its ends, and with `.` and `..` only where it cannot do without. None
/// where nothing is written.
pub(super) fn of(written: &str) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in written.split('/').filter(|name| !name.is_empty()) {
        match (name, names.last()) {
            (".", _) => {}
            ("..", Some(last)) if *last != ".." => drop(names.pop()),
            _ => names.push(name),
        }
    }
    let is_site = names.is_empty() && written.contains('.');
    Some(if is_site { ".".to_owned() } else { names.join("/") }).filter(|folder| !folder.is_empty())
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::config::{Config, Part};

    #[test]
    fn a_folder_is_the_same_however_it_is_written() {
        let check = |written: &str, expected: Option<&str>| assert_eq!(of(written).as_deref(), expected, "{written}");
        for written in ["a/b", "/a/b/", "./a/b", ".//./a/./b/.", "a/c/../b", "a//b"] {
            check(written, Some("a/b"));
        }
        check("../a/../../b", Some("../../b"));
        check(".a", Some(".a"));
        for written in [".", "./", "a/.."] {
            check(written, Some("."));
        }
        for written in ["", "/"] {
            check(written, None);
        }
    }

    #[test]
    fn all_folders_are_read_alike() {
        let text = "contentDir = './content/'\nstaticDir = ['./static', '/more/']\nthemesDir = './looks'\ntheme = './one/'\n\
                    [languages.en]\n[languages.fr]\ncontentDir = './content/fr'\n[languages.de]\n[[module.mounts]]\nsource = './de'\ntarget = 'content'\nlang = 'de'\n";
        let read = |language: &str| Config::read(&[Part::new("c.toml", text)], Some(language)).unwrap().0.site;
        let en = read("en");
        assert_eq!(en.content_dir, "content");
        assert_eq!(en.static_dirs, ["static", "more", "looks/one/static"]);
        let content = |language: &str| en.languages.beside.iter().find(|other| other.key == language).unwrap().content.clone();
        assert_eq!((read("fr").content_dir, content("fr")), ("content/fr".to_owned(), Some("content/fr".to_owned())));
        assert_eq!(read("de").content_dir, "de");
    }
}
