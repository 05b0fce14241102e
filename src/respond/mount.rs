//! Where the feeds of a site are on this server, which may have those of several: one for each language.

use http::{header, request};

use crate::config::{BaseUrl, Config};

/// Where the feeds of a site are reachable, and where they are on this server.
#[derive(Clone, Debug)]
pub struct Mount {
    base_url: BaseUrl,
    /// What stands before their paths on this server: `/fr`, or nothing for those of the default language.
    folder: String,
    /// What may stand before their paths, the longer first: a proxy may pass the whole path of the address, or take the folder
    /// of the site away.
    ways: [String; 2],
}

impl Mount {
    /// What a configuration says.
    pub fn new(config: &Config) -> Self {
        let folder = match config.site.languages.folder.as_str() {
            "" => String::new(),
            folder => format!("/{folder}"),
        };
        let base_url = config.feeds.base_url.clone();
        let mut ways = [base_url.path().trim_end_matches('/').to_owned(), folder.clone()];
        ways.sort_by_key(|way| std::cmp::Reverse(way.len()));
        Mount { base_url, folder, ways }
    }

    /// What stands before the paths of these feeds on this server: `/fr`, or nothing.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The folder of the address, without a slash at its end.
    fn public_folder(&self) -> &str {
        self.base_url.path().trim_end_matches('/')
    }

    /// Takes a path apart, into what stands before these feeds and the path below it, in the ways that there are: a section may be
    /// called as the folder of the address, which a proxy may have taken away.
    pub(super) fn splits<'p>(&self, path: &'p str) -> impl Iterator<Item = (&'p str, &'p str)> {
        let mut below = self.ways.iter().filter_map(|way| below(path, way));
        let first = below.next().unwrap_or(path);
        let second = below.next().filter(|second| second.len() > first.len());
        std::iter::once(first).chain(second).map(|below| path.split_at(path.len() - below.len()))
    }

    /// HT-13: where a path below these feeds is for a client that came by this folder. An absolute address where it is known
    /// that the client came by the public one, else a path.
    pub(super) fn place(&self, head: &request::Parts, folder: &str, path: &str) -> String {
        if host(head).is_some_and(|host| self.is_at(host)) {
            format!("{}{}{path}", self.base_url.origin(), self.public_folder())
        } else {
            format!("{folder}{path}")
        }
    }

    /// Where a path of this server is below these feeds; none for what is not there.
    pub(super) fn inside<'p>(&self, path: &'p str) -> Option<&'p str> {
        below(path, &self.folder)
    }

    /// HT-13: the same for a path of this server, wherever that is.
    pub(super) fn place_beside(&self, head: &request::Parts, folder: &str, path: &str) -> String {
        let root = |folder: &str| folder.strip_suffix(&self.folder).unwrap_or(folder).to_owned();
        if host(head).is_some_and(|host| self.is_at(host)) {
            format!("{}{}{path}", self.base_url.origin(), root(self.public_folder()))
        } else {
            format!("{}{path}", root(folder))
        }
    }

    /// Whether a path is below the folder of these feeds, which is not that of all others too.
    fn has(&self, path: &str) -> bool {
        let public = Some(self.public_folder()).filter(|public| public.ends_with(&self.folder));
        public.into_iter().chain([&*self.folder]).any(|folder| path == folder || below(path, folder).is_some())
    }

    /// Whether a path is below the folder of the address.
    fn is_public(&self, path: &str) -> bool {
        path == self.public_folder() || below(path, self.public_folder()).is_some()
    }

    /// Whether a path is what may stand before those of these feeds, without the slash that makes it their list.
    pub(super) fn is_folder(&self, path: &str) -> bool {
        !path.is_empty() && self.ways.iter().any(|way| way == path)
    }

    /// Whether the address is at a host. RFC 9110 §4.2.3: a port that is the scheme's own makes no difference. What ends TLS may
    /// give that of either scheme.
    fn is_at(&self, host: &str) -> bool {
        let url = self.base_url.url();
        let bare = [":443", ":80"].into_iter().filter(|_| url.port().is_none()).find_map(|port| host.strip_suffix(port));
        bare.unwrap_or(host).eq_ignore_ascii_case(url.authority())
    }
}

/// Which of several sites a request is for, by its path or its host. The first is that of the default language, which has
/// all that is not for another. Some may have one host, and be told apart by the folders of their addresses. A section may be called
/// as a language is that has another host: `has` tells whether a site has what is asked for.
pub fn chosen<'m>(head: &request::Parts, mounts: impl Iterator<Item = &'m Mount>, has: impl Fn(usize) -> bool) -> usize {
    let mounts: Vec<&Mount> = mounts.collect();
    let path = head.uri.path();
    let find = |is_it: &dyn Fn(&Mount) -> bool| mounts.iter().skip(1).position(|mount| is_it(mount)).map(|number| number + 1);
    let of_path = find(&|mount| mount.has(path));
    let host = host(head);
    let here: Vec<usize> = (0..mounts.len()).filter(|&number| host.is_some_and(|host| mounts[number].is_at(host))).collect();
    let nearest = here.iter().filter(|&&number| mounts[number].is_public(path)).max_by_key(|&&number| mounts[number].public_folder().len());
    if let Some(&number) = nearest.filter(|&&number| number > 0 && here.len() > 1) {
        return number;
    }
    let of_host = || here.first().copied().filter(|&first| first > 0);
    match of_path {
        // a proxy may name another host
        None if here.is_empty() && !has(0) => find(&|mount| !mount.public_folder().is_empty() && mount.is_public(path)).unwrap_or(0),
        None => of_host().unwrap_or(0),
        Some(number) => of_host().filter(|at| !here.contains(&number) && has(*at)).unwrap_or(number),
    }
}

/// The path below a folder, from its slash on; none for what is not below.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder).filter(|below| below.starts_with('/'))
}

/// The host that a client asks.
fn host(head: &request::Parts) -> Option<&str> {
    let host = head.uri.authority().map(|authority| authority.as_str());
    host.or_else(|| head.headers.get(header::HOST)?.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Part;

    const SITE: &str = "baseURL = 'https://example.org/sub/'\n[languages.en]\n[languages.fr]\n[languages.zh]\n";
    const FOLDERS: &str = "[languages.en]\nbaseURL = 'https://example.org/english/'\n[languages.fr]\nbaseURL = 'https://example.org/'\n\
                           [languages.zh]\nbaseURL = 'https://example.org/chinese/'\n";
    const HOSTS: &str = "[languages.en]\nbaseURL = 'https://example.org/'\n[languages.fr]\nbaseURL = 'https://fr.example.org/x/'\n\
                         [languages.zh]\nbaseURL = 'https://zh.example.org/'\n";

    fn mounts(text: &str) -> Vec<Mount> {
        let mount = |language| Mount::new(&Config::read(&[Part::new("c.toml", text)], language).unwrap().0);
        let others = Config::parse(text, "c.toml").unwrap().0.site.languages.beside;
        std::iter::once(None).chain(others.iter().map(|language| Some(language.key.as_str()))).map(mount).collect()
    }

    fn head(target: &str, host: &str) -> request::Parts {
        http::Request::builder().uri(target).header("host", host).body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_request_is_for_the_language_whose_folder_or_host_it_names() {
        let check = |site: &str, target: &str, host: &str, expected: usize, folder: &str, below: &str| {
            let mounts = mounts(site);
            let number = chosen(&head(target, host), mounts.iter(), |number| number == 1 && target.ends_with("/known.xml"));
            assert_eq!((number, mounts[number].splits(target).next()), (expected, Some((folder, below))), "{target} at {host}");
        };
        check(SITE, "/rss.xml", "example.org", 0, "", "/rss.xml");
        check(SITE, "/sub/rss.xml", "example.org", 0, "/sub", "/rss.xml");
        check(SITE, "/fr/rss.xml", "127.0.0.1", 1, "/fr", "/rss.xml");
        check(SITE, "/sub/fr/", "example.org", 1, "/sub/fr", "/");
        check(SITE, "/zh/tags/x/rss.xml", "example.org", 2, "/zh", "/tags/x/rss.xml");
        check(SITE, "/frost/rss.xml", "example.org", 0, "", "/frost/rss.xml");
        check(SITE, "/sub/fr", "example.org", 1, "", "/sub/fr");
        check(SITE, "/zh", "example.org", 2, "", "/zh");
        check(HOSTS, "/rss.xml", "fr.example.org", 1, "", "/rss.xml");
        check(HOSTS, "/x/rss.xml", "FR.example.org", 1, "/x", "/rss.xml");
        check(HOSTS, "/fr/rss.xml", "127.0.0.1", 1, "/fr", "/rss.xml");
        check(HOSTS, "/rss.xml", "fr.example.org:443", 1, "", "/rss.xml");
        check(HOSTS, "/rss.xml", "fr.example.org:80", 1, "", "/rss.xml");
        check(HOSTS, "/rss.xml", "fr.example.org:8080", 0, "", "/rss.xml");
        check(HOSTS, "/zh/rss.xml", "fr.example.org", 2, "/zh", "/rss.xml");
        check(HOSTS, "/zh/known.xml", "fr.example.org", 1, "", "/zh/known.xml");
        check(HOSTS, "/zh/known.xml", "127.0.0.1", 2, "/zh", "/known.xml");
        check(SITE, "/zh/known.xml", "example.org", 2, "/zh", "/known.xml");
        check(HOSTS, "/x/rss.xml", "example.org", 0, "", "/x/rss.xml");
        check(FOLDERS, "/english/rss.xml", "example.org", 0, "/english", "/rss.xml");
        check(FOLDERS, "/rss.xml", "example.org", 1, "", "/rss.xml");
        check(FOLDERS, "/chinese/rss.xml", "example.org", 2, "/chinese", "/rss.xml");
        check(FOLDERS, "/chinese", "example.org", 2, "", "/chinese");
        check(FOLDERS, "/zh/rss.xml", "127.0.0.1", 2, "/zh", "/rss.xml");
        check(FOLDERS, "/chinese/rss.xml", "127.0.0.1", 2, "/chinese", "/rss.xml");
        check(FOLDERS, "/rss.xml", "127.0.0.1", 0, "", "/rss.xml");
    }

    #[test]
    fn a_client_of_the_public_address_is_sent_to_the_public_address() {
        let check = |site: &str, number: usize, target: &str, host: &str, expected: &str| {
            let mount = &mounts(site)[number];
            let (folder, below) = mount.splits(target).next().unwrap();
            assert_eq!(mount.place(&head(target, host), folder, below), expected, "{target} at {host}");
        };
        check(SITE, 0, "/sub/feed", "example.org", "https://example.org/sub/feed");
        check(SITE, 0, "/feed", "example.org", "https://example.org/sub/feed");
        check(SITE, 0, "/sub/feed", "127.0.0.1:8080", "/sub/feed");
        check(SITE, 0, "/feed", "127.0.0.1:8080", "/feed");
        check(SITE, 1, "/fr/feed", "example.org", "https://example.org/sub/fr/feed");
        check(SITE, 1, "/fr/feed", "127.0.0.1:8080", "/fr/feed");
        check(SITE, 1, "/sub/fr/feed", "127.0.0.1:8080", "/sub/fr/feed");
        check(HOSTS, 1, "/feed", "fr.example.org", "https://fr.example.org/x/feed");
    }

    #[test]
    fn a_path_of_the_server_is_below_the_feeds_or_elsewhere() {
        let fr = &mounts(SITE)[1];
        assert_eq!((fr.inside("/fr/post/"), fr.inside("/post/")), (Some("/post/"), None));
        let beside = |host: &str, folder: &str| fr.place_beside(&head("/", host), folder, "/post/");
        assert_eq!(beside("example.org", "/fr"), "https://example.org/sub/post/");
        assert_eq!((beside("127.0.0.1", "/fr"), beside("127.0.0.1", "/sub/fr")), ("/post/".to_owned(), "/sub/post/".to_owned()));
        assert_eq!(mounts(SITE)[0].inside("/post/"), Some("/post/"));
    }
}
