//! The pure functions that an edit, a build and a request are made of, each on an input of the usual size.
//!
//! `cargo bench --bench hot` measures times. `.ci/instructions` runs the same functions one by one, with
//! `cargo bench --bench hot -- --once NAME`, and counts instructions.

#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to say")]

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use criterion::Criterion;
use http::Request;
use tidings::config::{Config, Format};
use tidings::content::page::Page;
use tidings::content::post::Post;
use tidings::content::{self, Context, Lookup, Markup, Templates, front_matter};
use tidings::feed;
use tidings::ids::Ids;
use tidings::index::Index;
use tidings::respond::{self, respond};
use tidings::site::{Change, Found, Site, Step};
use tidings::snapshot::Snapshot;

/// That of the program: another one has other costs, and glibc's depend on all that was freed before.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A name, and what is measured under it.
type Function = (&'static str, Box<dyn FnMut()>);

/// Posts of the site that edits and requests are made to.
const POSTS: usize = 1000;

const CONFIG: &str = "baseURL = 'https://example.org/'\ntitle = 'Bench'\n[feeds]\nformats = ['rss', 'atom']\n";

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("--once") {
        // all of the work on this thread, where it is counted
        rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global().expect("no pool was made before");
        let name = arguments.next().unwrap_or_default();
        for (_, mut run) in functions().into_iter().filter(|(known, _)| *known == name) {
            // what is made once and kept is made now
            run();
            counted(&mut *run);
        }
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    for (name, mut run) in functions() {
        criterion.bench_function(name, |bencher| bencher.iter(&mut run));
    }
    criterion.final_summary();
}

/// What callgrind counts: it knows this by its name. Several times, since maps in memory are not the same in two runs.
#[inline(never)]
fn counted(run: &mut dyn FnMut()) {
    (0..20).for_each(|_| run());
}

/// Each function, with all that it works on made beforehand.
fn functions() -> Vec<Function> {
    let (config, _) = Config::parse(CONFIG, "config.toml").expect("the configuration is valid");
    let config = Arc::new(config);
    let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().expect("a date");
    let text = post(7, "Seven");
    let templates = Templates::compile(&config.shortcodes).expect("there are none");

    let mut site = Site::new(config.clone(), templates.clone(), Ids::default(), now);
    let all = (0..POSTS).map(|n| change(n, &post(n, &format!("Post {n}")))).collect();
    site.apply(all);
    let snapshot = plan(&mut site, now);

    let mut index = Index::new(now, &[]);
    index.apply((0..POSTS).map(|n| (path(n), Some(understood(n, &post(n, "Title"), &config).into()))));
    let versions = [understood(7, &post(7, "One"), &config), understood(7, &post(7, "Two"), &config)];

    let options = respond::Options::new(&config);
    let etag = answer(&snapshot, &options, now, "*").expect("a feed has an ETag");

    let parsed = config.clone();
    let rendered = (config.clone(), text.clone());
    let (mut turn, mut edits) = (0, 0);
    let (served, served_options, tag) = (snapshot.clone(), respond::Options::new(&config), etag);
    let first = entry(&text, &config, &templates);
    let fragments = feed::fragments(&[Format::Rss], &first);
    let head = head();
    vec![
        ("front_matter", Box::new(move || drop(black_box(understood(7, black_box(&text), &parsed))))),
        ("markdown", Box::new(move || drop(black_box(entry(black_box(&rendered.1), &rendered.0, &templates))))),
        ("fragment", Box::new(move || drop(black_box(feed::fragments(&[Format::Rss, Format::Atom], &first))))),
        ("splice", Box::new(move || drop(black_box(feed::document(Format::Rss, &head, black_box(&[&fragments[0]; 20])))))),
        (
            "index_apply",
            Box::new(move || {
                turn += 1;
                black_box(index.apply([(path(7), Some(versions[turn % 2].clone().into()))]));
            }),
        ),
        (
            "edit",
            Box::new(move || {
                edits += 1;
                site.apply(vec![change(POSTS - 1, &post(POSTS - 1, &format!("Edited {edits}")))]);
                black_box(plan(&mut site, now));
            }),
        ),
        ("respond", Box::new(move || drop(black_box(answer(&snapshot, &options, now, "\"other\""))))),
        ("respond_304", Box::new(move || drop(black_box(answer(&served, &served_options, now, &tag))))),
    ]
}

fn path(n: usize) -> Arc<str> {
    format!("post/number-{n}.md").into()
}

/// A post of about 4 KB, with what posts usually hold.
fn post(n: usize, title: &str) -> String {
    let (year, month, day) = (2000 + n / 336, 1 + n / 28 % 12, 1 + n % 28);
    let mut text = format!(
        "+++\ntitle = \"{title}\"\ndate = \"{year}-{month:02}-{day:02}T10:00:00+02:00\"\ntags = [\"Tag {}\", \"Rust\"]\ncategories = [\"News\"]\n+++\n\n",
        n % 50
    );
    for part in 0..8 {
        text += &format!(
            "## Part {part}\n\nA *paragraph* with **words**, `code`, a [link](/post/{part}/) and an ![image](pictures/{part}.png). \
             It goes on for a while, as paragraphs do, and says \"little\" -- very little -- in many words.\n\n\
             - one point & another\n- a second <point>\n\n```rust\nfn main() {{ println!(\"{{}}\", 1 < 2); }}\n```\n\n\
             > A quotation of somebody who said something once, and is remembered for it.\n\n"
        );
    }
    text
}

fn change(n: usize, text: &str) -> Change {
    Change { path: path(n), found: Found::Text(Bytes::from(text.to_owned())), origin: None }
}

fn understood(n: usize, text: &str, config: &Config) -> Post {
    let path = path(n);
    let source = front_matter::read(&path, text.as_bytes()).expect("the front matter is sound");
    match content::page(&source, &path, &[], config).0 {
        Page::Post(post) => *post,
        other => panic!("{other:?} is no post"),
    }
}

struct Nowhere;

impl Lookup for Nowhere {
    fn reference(&self, _: &str) -> Option<String> {
        None
    }

    fn link(&self, _: &str) -> Option<String> {
        None
    }

    fn param(&self, _: &str) -> Option<String> {
        None
    }
}

fn entry(text: &str, config: &Config, templates: &Templates) -> feed::Entry {
    let path = path(7);
    let source = front_matter::read(&path, text.as_bytes()).expect("the front matter is sound");
    let permalink = url::Url::parse("https://example.org/post/number-7/").expect("an address");
    let context = Context {
        permalink: &permalink,
        files: None,
        markup: Markup::Markdown,
        summary: None,
        is_cjk: None,
        site: &config.site,
        templates,
        lookup: &Nowhere,
    };
    let rendered = content::render(&source, &context);
    let date: DateTime<chrono::FixedOffset> = "2026-01-01T00:00:00Z".parse().expect("a date");
    feed::Entry {
        id: permalink.to_string(),
        permalink: permalink.to_string(),
        title: "Seven".to_owned(),
        published: date,
        updated: date,
        authors: Vec::new(),
        categories: Vec::new(),
        body: tidings::config::Body::Full,
        html: rendered.html,
        summary_html: rendered.summary_html,
        language: None,
        rights: None,
        cover: None,
    }
}

fn head() -> feed::Feed {
    feed::Feed {
        title: "Bench".to_owned(),
        description: "Recent posts on Bench".to_owned(),
        home: "https://example.org/".to_owned(),
        addresses: vec![(Format::Rss, "https://example.org/rss.xml".to_owned())],
        id: "https://example.org/".to_owned(),
        updated: None,
        language: "en".to_owned(),
        rights: String::new(),
        author: tidings::config::Author { name: "Ann".to_owned(), ..Default::default() },
        ttl: 5,
    }
}

fn plan(site: &mut Site, now: DateTime<Utc>) -> Snapshot {
    loop {
        match site.plan(now, now) {
            Step::Ready(_) => return site.commit(Vec::new()),
            Step::Need { files, assets } => {
                site.apply(files.into_iter().map(|path| Change { path, found: Found::Nothing, origin: None }).collect());
                site.know_assets(assets.into_iter().map(|asset| (asset, None)).collect());
            }
        }
    }
}

/// Asks for the site's feed as readers do; the answer's ETag.
fn answer(snapshot: &Snapshot, options: &respond::Options, now: DateTime<Utc>, known: &str) -> Option<String> {
    let request =
        Request::get("/rss.xml").header("host", "example.org").header("accept-encoding", "gzip, br").header("if-none-match", known);
    let (head, ()) = request.body(()).expect("a request").into_parts();
    let (response, _) = respond(&head, snapshot, options, now);
    Some(response.headers().get("etag")?.to_str().ok()?.to_owned())
}
