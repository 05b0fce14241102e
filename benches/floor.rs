//! The floor under a build: what the same libraries take for the bare work, with nothing around it.
//!
//! It walks a content folder, reads every post, parses its front matter, groups posts by section, tag and category, renders
//! the Markdown of those that are in a feed, and writes RSS and Atom. It promises nothing of what Tidings does: no ids, no
//! absolute addresses, no sanitising, no diagnostics, no whole files.
//!
//! Usage: `cargo bench --bench floor -- SITE OUT` prints the milliseconds of each step and of all.

#![expect(clippy::print_stdout, reason = "it is a program, and this is its output")]

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::{DateTime, FixedOffset};
use pulldown_cmark::{Options, Parser, html};
use rayon::prelude::*;
use serde::Deserialize;

/// Entries a feed.
const LIMIT: usize = 20;

#[derive(Deserialize)]
struct Front {
    title: String,
    date: DateTime<FixedOffset>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
}

struct Post {
    front: Front,
    section: String,
    address: String,
    text: Option<String>,
    body: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).filter(|a| !a.to_string_lossy().starts_with("--")).map(Into::into).collect();
    let [site, out] = &arguments[..] else {
        // `cargo bench` and `cargo test` run every bench without arguments
        println!("usage: cargo bench --bench floor -- SITE OUT");
        return Ok(());
    };
    let started = Instant::now();
    let mut step = Instant::now();
    let mut tell = |what: &str| {
        println!("{what:<12} {:>8.1} ms", step.elapsed().as_secs_f64() * 1e3);
        step = Instant::now();
    };

    let content = site.join("content");
    let mut paths = Vec::new();
    walk(&content, &mut paths)?;
    tell("walk");

    let read = |path: &PathBuf| read(path, &content).ok_or_else(|| format!("{} is no such post as it knows", path.display()));
    let mut posts: Vec<Post> = paths.par_iter().map(read).collect::<Result<_, _>>()?;
    tell("read");

    let mut order: Vec<usize> = (0..posts.len()).collect();
    order.par_sort_unstable_by_key(|&i| std::cmp::Reverse(posts[i].front.date));
    let mut feeds: HashMap<String, Vec<usize>> = HashMap::new();
    for &i in &order {
        let post = &posts[i];
        let tags = post.front.tags.iter().map(|tag| format!("tags/{}", slug(tag)));
        let categories = post.front.categories.iter().map(|category| format!("categories/{}", slug(category)));
        for feed in tags.chain(categories).chain([String::new(), post.section.clone()]) {
            let members = feeds.entry(feed).or_default();
            if members.len() < LIMIT && members.last() != Some(&i) {
                members.push(i);
            }
        }
    }
    let needed: BTreeSet<usize> = feeds.values().flatten().copied().collect();
    tell("group");

    let texts: HashMap<usize, String> = needed.into_iter().filter_map(|i| Some((i, posts[i].text.take()?))).collect();
    drop(order);
    let entries: HashMap<usize, (String, String)> =
        texts.into_par_iter().map(|(i, text)| (i, entry(&posts[i], &text[posts[i].body..]))).collect();
    tell("render");

    feeds.par_iter().try_for_each(|(feed, members)| write(&out.join(feed), feed, members, &entries))?;
    tell("write");
    println!("{:<12} {:>8.1} ms, {} posts, {} feeds", "all", started.elapsed().as_secs_f64() * 1e3, posts.len(), feeds.len());
    Ok(())
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), paths)?;
        } else if entry.file_name() != "_index.md" {
            paths.push(entry.path());
        }
    }
    Ok(())
}

fn read(path: &Path, content: &Path) -> Option<Post> {
    let text = fs::read_to_string(path).ok()?;
    let front = text.strip_prefix("+++\n")?;
    let end = front.find("\n+++\n")?;
    let parsed: Front = toml::from_str(&front[..end]).ok()?;
    let below = path.strip_prefix(content).ok()?;
    let section = below.components().next()?.as_os_str().to_string_lossy().into_owned();
    let address = format!("https://blog.example/{}/", slug(&parsed.title));
    Some(Post { front: parsed, section, address, body: 4 + end + 5, text: Some(text) })
}

fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn entry(post: &Post, markdown: &str) -> (String, String) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut body = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut body, Parser::new_ext(markdown, options));
    let (title, body) = (escaped(&post.front.title), escaped(&body));
    let (address, date) = (&post.address, post.front.date);
    (
        format!(
            "<item><title>{title}</title><link>{address}</link><guid>{address}</guid><pubDate>{}</pubDate><description>{body}</description></item>",
            date.to_rfc2822()
        ),
        format!(
            "<entry><title>{title}</title><link href=\"{address}\"/><id>{address}</id><updated>{}</updated><content type=\"html\">{body}</content></entry>",
            date.to_rfc3339()
        ),
    )
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

fn write(folder: &Path, name: &str, members: &[usize], entries: &HashMap<usize, (String, String)>) -> std::io::Result<()> {
    let mut rss = format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>{name}</title><link>https://blog.example/</link>");
    let mut atom = format!("<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>{name}</title>");
    for (rss_item, atom_entry) in members.iter().filter_map(|i| entries.get(i)) {
        rss += rss_item;
        atom += atom_entry;
    }
    rss += "</channel></rss>";
    atom += "</feed>";
    fs::create_dir_all(folder)?;
    fs::write(folder.join("rss.xml"), rss)?;
    fs::write(folder.join("atom.xml"), atom)
}
