//! The configuration of a site that has none: what can be found out of its folder, and every default to choose from.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::regular;

/// The address of a site that has none yet: where `serve` answers by default.
const BASE_URL: &str = "http://127.0.0.1:8080/";

/// The tables of Tidings, with every default, for a site at this address.
pub(super) fn tables(base_url: &str) -> String {
    let base_url = toml::Value::from(base_url);
    format!(
        r##"# What is written. This table and those below are of Tidings; Hugo ignores them.
[feeds]
# output = "feeds"                     # the folder that Tidings writes, and alone writes
# base_url = {base_url}  # where the feeds are reachable; without it, baseURL
# limit = 20                           # entries a feed, 0 = all; without it, services.rss.limit, else 20
# content = "full"                     # or "summary"
# formats = ["rss", "atom", "json"]
# sections = []                        # the top-level folders that make the site's feed; empty = all
# file_names = {{ rss = "rss.xml", atom = "atom.xml", json = "feed.json" }}

# How it is served.
[serve]
# listen = "127.0.0.1:8080"
# admin = ""                           # the address for operators, such as "127.0.0.1:9090"; empty = none
# max_age = 300                        # seconds for which readers may keep an answer
# max_connections = 10000
# poll = 0                             # seconds between looks at a network folder that tells of no changes
# verify = 60                          # seconds between full comparisons of the folder with what was read

[check]
# allow = []                           # names of warnings and notes that are accepted
"##
    )
}

/// The configuration of a folder with this title and content folder. What is commented out is the default.
pub(super) fn config(title: &str, content: &str) -> String {
    let (title, tables) = (toml::Value::from(title), tables(BASE_URL));
    let content_dir = match content {
        "content" => "# contentDir = \"content\"               # where the posts are".to_owned(),
        other => format!("contentDir = {}", toml::Value::from(other)),
    };
    format!(
        r##"# What the site is, in the words of Hugo. Lines that begin with `# ` and a key show what holds without them.

# The address of the site. It becomes a part of the id of every entry: write the real one before you publish.
baseURL = "{BASE_URL}"
title = {title}
# locale = ""                          # such as "en" or "pt-BR"; languageCode before Hugo 0.158
# copyright = ""
# timeZone = ""                        # of dates that name none, such as "Europe/Paris"; without it, UTC
{content_dir}

# What posts may be grouped by in their front matter, as in tags = ["rust"]. Each term has feeds of its own.
[taxonomies]
tag = "tags"
category = "categories"

[params]
# author = ""
# description = ""

{tables}"##
    )
}

/// A title for a site in this folder.
pub(super) fn title(root: &Path) -> String {
    let name = root.file_name().unwrap_or_default().to_string_lossy().replace(['-', '_'], " ");
    let mut letters = name.trim().chars();
    letters.next().map_or_else(|| "My site".to_owned(), |first| first.to_uppercase().chain(letters).collect())
}

/// The folder with the posts: `content`, or the only other one that has any.
pub(super) fn content_folder(root: &Path) -> String {
    const USUAL: &str = "content";
    if root.join(USUAL).is_dir() {
        return USUAL.to_owned();
    }
    let mut candidates: Vec<String> = folders(root);
    // where programs in JavaScript have it
    candidates.push("src/content".to_owned());
    candidates.retain(|name| {
        has_posts(&root.join(name)) || folders(&root.join(name)).iter().any(|below| has_posts(&root.join(name).join(below)))
    });
    match <[String; 1]>::try_from(candidates) {
        Ok([only]) => only,
        Err(_) => USUAL.to_owned(),
    }
}

/// The names of the folders in a folder that are not hidden.
fn folders(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| !name.starts_with('.') && name != "node_modules" && name != "archetypes").collect()
}

/// Whether a Markdown file with front matter lies in a folder.
fn has_posts(folder: &Path) -> bool {
    let paths = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let mut files = paths.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    files.any(|path| {
        let mut start = [0; 3];
        regular::open(&path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && (start == *b"+++" || start == *b"---")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::diagnostic::{Diagnostic, Rule};

    #[test]
    fn everything_that_is_commented_out_is_the_default() {
        let text = config("It's \"mine\"", "content");
        let (written, found) = Config::parse(&text, "config.toml").unwrap();
        let is_placeholder = |found: &[Diagnostic]| found.iter().map(|found| found.rule).eq([Rule::MissingBaseUrl]);
        assert!(is_placeholder(&found), "{found:?}");
        assert_eq!(written.site.title, "It's \"mine\"");
        let is_key = |line: &str| line.strip_prefix("# ").is_some_and(|rest| rest.split(' ').nth(1) == Some("="));
        let all: String =
            text.lines().map(|line| if is_key(line) { &line[2..] } else { line }).fold(String::new(), |all, line| all + line + "\n");
        assert_eq!(text.lines().filter(|line| is_key(line)).count(), 20);
        let (all, found) = Config::parse(&all, "config.toml").unwrap();
        assert!(is_placeholder(&found), "{found:?}");
        let (plain, _) = Config::parse("baseURL = 'http://127.0.0.1:8080/'\ntitle = \"It's \\\"mine\\\"\"\n", "config.toml").unwrap();
        // all of it but the parameters of the site, which are in the text as they are written
        let shown = |config: &Config| {
            format!("{:?}", Config { site: crate::config::Site { params: Default::default(), ..config.site.clone() }, ..config.clone() })
        };
        assert_eq!(shown(&written), shown(&plain));
        assert_eq!(shown(&all), shown(&plain));
    }

    #[test]
    fn what_can_be_found_out_is_not_asked() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(content_folder(root.path()), "content");
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("docs/readme.md", "no front matter\n");
        write("writing/2020/a.md", "---\ntitle: A\n---\n");
        assert_eq!(content_folder(root.path()), "writing");
        write("other/a.md", "+++\ntitle = 'A'\n+++\n");
        assert_eq!(content_folder(root.path()), "content", "whose posts are meant cannot be told");
        fs::create_dir(root.path().join("content")).unwrap();
        assert_eq!(content_folder(root.path()), "content");
        assert_eq!(title(Path::new("/home/me/my-new_blog")), "My new blog");
        assert_eq!(title(Path::new("/")), "My site");
    }
}
