//! `[redirects]`: where requests for what is elsewhere now are led to.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::own::text;
use super::reader::Reader;
use super::tree::{Entry, Table};

/// From a path to a path or an address; a folder leads to a folder, so that what is below one has a place below the other.
pub(super) fn redirects(reader: &mut Reader<'_>, entries: &Table) -> BTreeMap<String, String> {
    let circles = circles(entries);
    for Entry { key: from, place, node: to } in &entries.0 {
        if !from.starts_with('/') {
            let what = format!("`{from}` is no path of this server");
            reader.error(Some(*place), what, "write one such as \"/tags/old/\"");
        } else if from == "/" {
            reader.error(Some(*place), "`/` is the list of all feeds", "write a path or a folder below it");
        }
        let Some(target) = text(reader, to) else { continue };
        let is_path = target.starts_with('/') && !target.starts_with("//");
        let path = if is_path { taken_apart(&target).0 } else { &target };
        let (is_folder, leads_to_folder) = (from.ends_with('/'), path.ends_with('/'));
        // else `/a/@other.example/` would lead from `/a/` to another server than `https://example.org`
        let fits = is_folder == leads_to_folder || !is_path && !is_folder;
        if !is_path && url::Url::parse(&target).ok().filter(|url| url.has_host()).is_none() {
            let what = format!("`{target}` is neither a path nor an address");
            reader.error(Some(to.place), what, "write one such as \"/tags/new/\" or \"https://example.org/new/\"");
        } else if !fits {
            let what = "one of these is a folder and the other is not".to_owned();
            reader.error(Some(to.place), what, "end both with `/`, or none");
        } else if circles.contains(from.as_str()) {
            let what = format!("`{from}` leads back to itself, so to nothing");
            reader.error(Some(to.place), what, "let one of them lead to where feeds are");
        }
    }
    entries.0.iter().filter_map(|Entry { key, node, .. }| Some((key.clone(), node.text()?.to_owned()))).collect()
}

/// The path of a target that is one, and what follows it: a query, or a fragment. Terms such as `c#` have that sign in their paths.
pub fn taken_apart(target: &str) -> (&str, &str) {
    let path = &target[..target.find('?').unwrap_or(target.len())];
    let fragment = path.rfind('#').filter(|at| !path[at + 1..].is_empty() && !path[at + 1..].contains('/'));
    target.split_at(fragment.unwrap_or(path.len()))
}

/// The paths whose redirects end where they began, directly or by way of others. One that leads below itself may end at a feed there.
fn circles(entries: &Table) -> HashSet<&str> {
    let targets: HashMap<&str, &str> =
        entries.0.iter().filter_map(|entry| Some((entry.key.as_str(), taken_apart(entry.node.text()?).0))).collect();
    // each path, and from which of all it was first come to
    let mut met = HashMap::new();
    let mut circles = HashSet::new();
    for (start, entry) in entries.0.iter().enumerate() {
        let mut path = entry.key.as_str();
        while let Some(target) = targets.get(path).filter(|_| !met.contains_key(path)) {
            met.insert(path, start);
            path = target;
        }
        if met.get(path) == Some(&start) {
            // once around
            while circles.insert(path) {
                path = targets.get(path).copied().unwrap_or(path);
            }
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// The lines on which a path is told to lead back to itself.
    fn told(redirects: &str) -> Vec<u32> {
        let found = Config::parse(&format!("[redirects]\n{redirects}"), "c.toml").err().unwrap_or_default();
        found.iter().filter(|found| found.what.contains("leads back to itself")).map(|found| found.line).collect()
    }

    #[test]
    fn all_that_lie_on_a_circle_are_told_of_and_none_that_lead_to_one() {
        assert_eq!(told("'/x/' = '/a/'\n'/a/' = '/b/'\n'/b/' = '/c/'\n'/c/' = '/a/'\n'/y/' = '/b/'\n'/z/' = '/z/'"), [3, 4, 5, 7]);
        assert_eq!(told("'/a' = '/b?x=1'\n'/b' = '/a#y'\n"), [2, 3]);
        assert_eq!(told("'/a/' = '/b/'\n'/b/' = '/c/'\n'/d/' = '/b/'\n'/e/' = '/e/f/'"), [0; 0]);
    }

    #[test]
    fn a_query_or_a_fragment_is_no_part_of_a_path() {
        for (path, rest) in [
            ("/a", "?x=/"),
            ("/a", "#b"),
            ("/a", "?x#b"),
            ("/a", "#b?x"),
            ("/c#/", ""),
            ("/c#", ""),
            ("/c#/", "?x"),
            ("/c#/a", "#b"),
            ("/", ""),
        ] {
            assert_eq!(taken_apart(&format!("{path}{rest}")), (path, rest));
        }
    }

    #[test]
    fn many_that_lead_to_a_circle_take_no_longer_than_their_number() {
        let started = std::time::Instant::now();
        let many: String = (0..3000).map(|i| format!("'/{i}/' = '/a/'\n")).collect();
        assert_eq!(told(&format!("{many}'/a/' = '/b/'\n'/b/' = '/a/'\n")), [3002, 3003]);
        assert!(started.elapsed() < std::time::Duration::from_secs(5));
    }
}
