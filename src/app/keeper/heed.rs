//! Which of what the watcher tells the keeper hears of.
//!
//! The site's root is watched for the configuration and for folders that come, go and are replaced. Others write there as well, an access
//! log at each request, and what happens to their files wakes nobody.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use arc_swap::ArcSwap;

use super::Event;
use crate::app::Setup;
use crate::app::configuration::Configuration;
use crate::config::folder_at;
use crate::source::Hint;
use crate::watch::{Notice, Watch};

/// What the watcher's thread is to know: another configuration changes it, while the watch stays.
pub(super) struct Heed(ArcSwap<Places>);

impl Heed {
    pub(super) fn of(setup: &Setup) -> Arc<Self> {
        Arc::new(Heed(ArcSwap::from_pointee(Places::of(setup))))
    }

    /// Has what counts for another setup count from now on.
    pub(super) fn follow(&self, setup: &Setup) {
        self.0.store(Arc::new(Places::of(setup)));
    }
}

/// What counts in a site's root.
struct Places {
    configuration: Configuration,
    /// The folders with files of the site, and that of the feeds.
    folders: Vec<PathBuf>,
}

impl Places {
    fn of(setup: &Setup) -> Self {
        // covers are looked for there too
        let assets = setup.root().join("assets");
        let statics = setup.config.site.static_dirs.iter().map(|folder| folder_at(setup.root(), folder));
        let folders = [setup.content(), setup.out.clone(), assets].into_iter().chain(statics).collect();
        Places { configuration: setup.found.configuration.clone(), folders }
    }

    fn counts(&self, notice: &Notice) -> bool {
        match notice {
            Notice::Done(Hint::At(path)) | Notice::Begun(path) => self.counts_at(path),
            // a post may be moved by way of a place that does not count
            Notice::Done(Hint::Anywhere) | Notice::Moved(..) => true,
        }
    }

    /// Whether something may count at a path. Of what is not in the root itself, all that is watched does.
    fn counts_at(&self, path: &Path) -> bool {
        let is_around = |folder: &PathBuf| folder.starts_with(path) || path.starts_with(folder);
        path.parent() != Some(&self.configuration.root) || self.folders.iter().any(is_around) || self.configuration.concerns(path)
    }
}

/// What tells of changes that count, unless it is not wanted or the system has none to give.
pub(super) fn watch(setup: &Setup, heed: &Arc<Heed>, events: &Sender<Event>) -> Option<Watch> {
    if setup.config.serve.poll > 0 {
        return None;
    }
    let (heed, events) = (heed.clone(), events.clone());
    let tell = move |notice| {
        if heed.0.load().counts(&notice) {
            // the receiver ends with the process
            drop(events.send(Event::Notice(notice)));
        }
    };
    match Watch::new(tell) {
        Ok(watch) => Some(watch),
        Err(error) => {
            tracing::warn!("{error:#}; until then everything is looked at every two seconds");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Options;
    use crate::app::report::Report;

    /// What of these is told, of a site with this configuration.
    fn told(config: &str, name: &str, paths: &[&'static str]) -> Vec<&'static str> {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(name), config).unwrap();
        let options = Options { config: Some(root.path().join(name)), ..Options::default() };
        let setup = Setup::load(&options, None, &mut Report::new(options.voice)).ok().unwrap();
        let places = Places::of(&setup);
        let counts = |path: &&&str| places.counts(&Notice::Begun(root.path().join(path)));
        paths.iter().filter(counts).copied().collect()
    }

    #[test]
    fn of_the_root_only_what_may_be_the_sites_wakes_somebody() {
        let config = "baseURL = 'https://e.org/'\ncontentDir = 'site/posts'\nstaticDir = ['static', 'more']\ntheme = 'look'\n";
        let ours = ["", "hugo.toml", "config", "site", "static", "more", "themes", "assets", "feeds"];
        assert_eq!(told(config, "hugo.toml", &ours), ours);
        assert_eq!(told(config, "hugo.toml", &["access.log", "content", "static.tar", "public", ".git"]), [""; 0]);
        // what is deeper was watched for something
        let deeper = ["site/posts/a.md", "site/x", "config/_default", "logs/access.log", "../x"];
        assert_eq!(told(config, "hugo.toml", &deeper), deeper);
        // where the root is the static folder, every file in it may be a cover
        assert_eq!(told(&config.replace("'more'", "'.'"), "hugo.toml", &["cover.png"]), ["cover.png"]);
        assert_eq!(told("contentDir = '.'\nfeeds.output = '../feeds'\n", "hugo.toml", &["a.md"]), ["a.md"]);
    }

    #[test]
    fn a_move_may_be_one_of_several() {
        let places = |root: &Path| {
            std::fs::write(root.join("hugo.toml"), "").unwrap();
            let configuration = Configuration::find(Some(&root.join("hugo.toml"))).unwrap();
            Places { configuration, folders: vec![root.join("content")] }
        };
        let root = tempfile::tempdir().unwrap();
        let places = places(root.path());
        assert!(places.counts(&Notice::Moved(root.path().join("a"), root.path().join("b"))));
        assert!(!places.counts(&Notice::Done(Hint::At(root.path().join("a")))));
        assert!(places.counts(&Notice::Done(Hint::Anywhere)));
    }
}
