//! A site made of everything that has ever broken a feed, beside honest posts that must not notice.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::golden::files;
use crate::program::{TestSite, post, printed, program};
use crate::sound::assert_sound;

/// How long building everything below may take without optimisation, on a machine that does other things too.
const LIMIT: Duration = Duration::from_secs(240);

/// Hugo's own keys in which a site is most open: HTML of authors passes, future posts are entries.
const CONFIG: &str = r#"baseURL = 'https://example.org/'
title = "Test\u0000 ]]> &"
copyright = "\u000B"
buildFuture = true
[feeds]
limit = 0
[markup.goldmark.renderer]
unsafe = true
[shortcodes]
raw = '<i title={{ args[0] }}>{{ inner }}</i>'
md = '<div>{{ inner | markdownify }}</div>'
again = '{{ inner }}{{ inner }}'
"#;

/// One way to break a feed.
struct Attack {
    /// The file below `content/hostile/`.
    path: String,
    text: Vec<u8>,
    /// What `check` must say of it; none where nothing is wrong that an author could mend.
    finding: Option<&'static str>,
}

fn attack(path: &str, text: impl Into<Vec<u8>>, finding: Option<&'static str>) -> Attack {
    Attack { path: path.to_owned(), text: text.into(), finding }
}

/// A post that is right but for this line of its front matter.
fn front(name: &str, line: &str, finding: Option<&'static str>) -> Attack {
    attack(&format!("front/{name}.md"), format!("+++\n{line}\ndate = 2020-02-01\n+++\ntext of {name}\n"), finding)
}

/// A post that is right but for its body.
fn body(name: &str, body: impl AsRef<[u8]>, finding: Option<&'static str>) -> Attack {
    let head = format!("+++\ntitle = '{name}'\ndate = 2020-02-02\n+++\n");
    attack(&format!("body/{name}.md"), [head.as_bytes(), body.as_ref()].concat(), finding)
}

fn fields() -> Vec<Attack> {
    let long = format!("title = '{}'", "long & <b>".repeat(500));
    let long_tag = format!("tags = ['{}']", "x".repeat(300));
    vec![
        front("control", r#"title = "a\u0000b\u000Bc\u001Fd\uFFFE""#, Some("U+0000 cannot stand in a feed")),
        front("cdata", "title = ']]> <![CDATA[ ]]> <!-- --> <?xml ?>'", None),
        front("entity", "title = '&bogus; &nbsp; &#11; &#xD800; & <'", None),
        front("surrogate", r#"title = "\ud800""#, Some("not TOML")),
        front("bidi", r#"title = "a\u202Eb\u2066c""#, Some("changes the direction of writing")),
        front("empty", "title = ''", None),
        front("untitled", "weight = 1", None),
        front("long", &long, None),
        front("table-for-title", "title = {a = 1}", None),
        front("tag-dots", "tags = ['..', '.', '../../../climb', 'a/../../b']", None),
        front("tag-signs", "tags = ['/', '-', ' ', '', \"\\u0000\", '//', '½', '%2e%2e', '..\\..']", Some("cannot be a path")),
        front("tag-long", &long_tag, Some("too long for a folder")),
        front("tag-types", "tags = [1, 2.5, true, [['x']], {y = 1}, 2020-01-01]", None),
        front("slug-climbs", "slug = '../../../../climbed'", None),
        front("url-climbs", "url = '/../../../climbed/'", None),
        front("url-elsewhere", "url = '//evil.example/x/'", None),
        front("url-absolute", "url = 'https://evil.example/'", Some("write one such as /about/")),
        front("slug-strange", r#"slug = "a\nb\tc\u0000d e?f#g%2f\\h""#, None),
        front("aliases", r#"aliases = ['../../../climbed', "a\nb\tc", '/', '', '..']"#, None),
        front("id-lines", r#"id = "a\tb\nc""#, Some("no absolute address")),
        front("id-of-another", "id = 'https://example.org/honest/one/'", None),
        front("cover-climbs", "image = '/../../../../../../etc/passwd'", None),
        front("cover-strange", r#"image = "javascript:alert(1)\u0000""#, None),
        front("language", r#"language = "x\u0000\"><script>""#, None),
        front("author", r#"author = "]]>\u0000<script>""#, None),
        front("cascade", "cascade = 'x'", None),
        front("deep", &format!("a = {}", "[".repeat(20_000)), Some("not TOML")),
        attack("dates/zero.md", "+++\ntitle = 'zero'\ndate = 0000-01-01\n+++\ntext\n", None),
        attack("dates/zero-text.md", "+++\ntitle = 'zero'\ndate = '0000-12-31T23:59:59+14:00'\n+++\ntext\n", None),
        attack("dates/last.md", "+++\ntitle = 'last'\ndate = 9999-12-31T23:59:59-12:00\n+++\ntext\n", None),
        attack("dates/beyond.md", "+++\ntitle = 'beyond'\ndate = '12020-01-01'\n+++\n", Some("no date that can be read")),
        attack("dates/leap.md", "+++\ntitle = 'leap'\ndate = '2021-02-29'\n+++\n", Some("no date that can be read")),
        attack("dates/table.md", "+++\ntitle = 'table'\n[date]\na = 1\n+++\n", Some("no date that can be read")),
        attack("json/surrogate.md", "{\"title\": \"\\ud800\", \"date\": \"2020-02-03\"}\ntext\n", Some("not JSON")),
        attack("json/deep.md", format!("{{\"a\": {}", "[".repeat(20_000)), Some("not JSON")),
        attack("json/control.md", "{\"title\": \"a\\u0000b\", \"date\": \"2020-02-03\"}\ntext\n", Some("cannot stand in a feed")),
        attack("yaml/bomb.md", yaml_bomb(), Some("not YAML")),
        attack("yaml/deep.md", format!("---\na: {}\n---\n", "[".repeat(20_000)), Some("not YAML")),
        attack("yaml/tag.md", "---\ntitle: !!python/object/apply:os.system [ls]\ndate: 2020-02-03\n---\ntext\n", None),
        attack("bytes/body.md", b"+++\ntitle = 'x'\ndate = 2020-02-03\n+++\na\xff\xfe\n".to_vec(), Some("not UTF-8")),
        attack("bytes/utf-16.md", b"\xff\xfe+\0+\0+\0\n\0".to_vec(), Some("not UTF-8")),
        attack("bytes/surrogates.md", b"+++\ntitle = '\xed\xa0\x80'\n+++\n".to_vec(), Some("not UTF-8")),
        attack("bytes/nothing.md", "", Some("the file is empty")),
        attack("bytes/unclosed.md", "+++\ntitle = 'x'\n", Some("has no end")),
    ]
}

fn yaml_bomb() -> String {
    let levels: String =
        (1..12).map(|level| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(","))).collect();
    format!("---\ntitle: bomb\na0: &a0 [x,x]\n{levels}---\n")
}

fn bodies() -> Vec<Attack> {
    let mut attacks = vec![
        body("controls", "a\u{0}\u{b}\u{1f}\u{7f}\u{85}\u{2028}\u{fffe}b", Some("U+0000 cannot stand in a feed")),
        body("references", "&#0; &#11; &#xB; &#xD800; &#xDFFF; &#xFFFE; &#x110000; &#99999999999; &bogus; &nbsp; &copy &lt", None),
        body(
            "addresses",
            "[a](&#11;javascript:alert(1)) [b](<java\tscript:x>) ![c](data:text/html,x) <vbscript:x> [d](//[) [e](http://[::1)",
            None,
        ),
        body("cdata", "]]> <![CDATA[ ]]> `]]>`\n\n<![CDATA[\n]]>\n]]>\n\n    ]]>\n", None),
        body(
            "declarations",
            "<?xml version='1.0'?>\n\n<!DOCTYPE x [<!ENTITY a 'b'>]>\n\n<!ENTITY x SYSTEM 'file:///etc/passwd'>\n\n<x:y>&a;",
            None,
        ),
        body("comments", "<!-- a\n\n<!--> b <!---> c --!> d <!-- -- --> <!--", None),
        body("summary", "- a\n  - <b>c\n\n    <!--more-->\n\n> d", None),
        body("tables", "<table><table><tr><td><table></td><b><tr><caption><td>x</table><p><tr>".repeat(20), None),
        body("formatting", "<b><i><a href=x><p><b></i><a href=y></b></p><nobr><div></a>".repeat(50), None),
        body("plaintext", "a <plaintext> b </plaintext> <xmp> <textarea> <title> <noembed> <listing>", None),
        body("closers", "</div></p></x></body></html></item></entry></feed>]]></description></channel>", None),
        body("templates", "<template><script>x</script><template></template><slot>{{ x }} {%% y %%} <% z %> ${w}", None),
        body("call-unclosed", "{{< raw", Some("never closed")),
        body("call-quotes", "{{< raw \"a >}} {{< raw `b >}}", Some("never closed")),
        body("call-crossed", "{{< raw 1 >}}{{< md >}}{{< /raw >}}{{< /md >}}{{< /raw >}}", None),
        body("call-nested", ["{{< md >}}".repeat(1000), "{{< /md >}}".repeat(1000)].concat(), Some("inside of 32 others")),
        body(
            "call-doubling",
            ["{{< again >}}".repeat(31), "x".repeat(100), "{{< /again >}}".repeat(31)].concat(),
            Some("comes to more than"),
        ),
        body("call-many", "{{< raw x >}}{{< /raw >}}".repeat(5000), None),
        body("call-unknown", "{{< ../../etc/passwd >}} {{% <script> %}} {{< bogus \"]]>\" >}}", Some("not known")),
        body(
            "call-runs",
            "{{< raw `x onclick=alert(1)` >}}<script>{{< /raw >}} {{< figure src=\"javascript:x\" >}} {{< youtube `\"><script>` >}}",
            None,
        ),
        body("call-in-code", "`{{< raw` ``` {{< /raw >}} ```\n\n    {{% md %}}\n", Some("was not opened")),
        body("megabyte-words", "word ".repeat(200_000), None),
        body("megabyte-word", "a".repeat(1_000_000), None),
        body("many-signs", "&<>\"'".repeat(20_000), None),
        body("much-of-everything", "# h\n\n- [a](b) *c*\n\n".repeat(5_000), None),
    ];
    for (name, part) in [
        ("brackets", "["),
        ("images", "!["),
        ("quotes", "> "),
        ("lists", "- "),
        ("stars", "*a "),
        ("strong", "**a"),
        ("underscores", "_a "),
        ("strikes", "~~a "),
        ("backquotes", "`a``b"),
        ("angles", "<"),
        ("footnotes", "[^a]"),
        ("pipes", "|"),
        ("ampersands", "&"),
        ("links", "[a](<b"),
        ("definitions", "[a]: b\n"),
        ("divs", "<div>"),
        ("bolds", "<b>"),
        ("cells", "<table><td>"),
        ("svgs", "<svg><p>"),
        ("maths", "<math><mi>"),
        ("calls", "{{< "),
        ("escapes", "{{</* "),
        ("closings", "</p>"),
        ("dashes", "-\"'"),
        ("comment-starts", "<!--"),
        ("parentheses", "[a]("),
        ("numbers", "1. "),
        ("urls", "http://a.b/("),
        ("mails", "a@b.c,"),
    ] {
        attacks.push(body(
            &format!("many-{name}"),
            part.repeat(20_000),
            match name {
                "calls" => Some("has no name"),
                "escapes" => Some("is never closed"),
                _ => None,
            },
        ));
    }
    // what has slipped through sanitisers: it changes its meaning between foreign content, tables and HTML
    for (number, html) in [
        "<script>alert(1)</script><SCRIPT/x>alert(1)</sCript\n><scr<script>ipt>alert(1)</script>",
        "<img src=x onerror=alert(1)><img/src='x'/onerror=alert(1)><img src=\"x\"onerror=alert(1)>",
        "<svg/onload=alert(1)><svg><script>alert(1)</script><svg><a xlink:href=javascript:alert(1)>x</a>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<math><annotation-xml encoding=\"text/html\"><style><img src=x onerror=alert(1)></style></annotation-xml></math>",
        "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></foreignObject><desc><b></svg>",
        "<select><option><style></option></select><img src=x onerror=alert(1)></style>",
        "<a href=\"jav&#x09;ascript:alert(1)\">a</a><a href=\"&#14;javascript:alert(1)\">b</a><a href=javascript&colon;alert(1)>c</a>",
        "<iframe src=javascript:alert(1)></iframe><object data=data:text/html,x><embed src=//evil><applet><base href=//evil>",
        "<details open ontoggle=alert(1)><video><source onerror=alert(1)></video><audio src onloadstart=alert(1)>",
        "<p style=\"background:url(javascript:alert(1))\" id=\"]]>\" class='\"><script>' title=\"a\u{0}&#11;\">x",
        "<meta http-equiv=refresh content=0><link rel=stylesheet href=//evil><style>@import '//evil'</style><input autofocus onfocus=alert(1)>",
        "<img srcset='javascript:alert(1) 1x, , a,b 2x,' sizes='<'><a href='x' href='javascript:alert(1)' ping=//evil target=_top>y</a>",
        "<x><y:z a:b=c><\u{130}mg src=x><a\u{0}b><div\u{c}onclick=alert(1)></x>",
    ]
    .into_iter()
    .enumerate()
    {
        attacks.push(body(&format!("html-{number}"), html, None));
        attacks.push(body(&format!("html-{number}-inline"), format!("text {html} *text*"), None));
        attacks.push(body(&format!("html-{number}-called"), format!("{{{{< raw x >}}}}{html}{{{{< /raw >}}}}"), None));
    }
    attacks
}

/// The site, deep enough that climbing out of it would be seen.
struct Hostile {
    files: TestSite,
    site: PathBuf,
}

impl Hostile {
    fn new(attacks: &[Attack]) -> Self {
        let files = TestSite::new("");
        let hostile = Hostile { site: files.path("a/b/c/site"), files };
        hostile.write("hugo.toml", CONFIG);
        for (name, day) in [("one", 1), ("two", 2), ("three", 3)] {
            hostile.write(&format!("content/honest/{name}.md"), post(&format!("Honest {name}"), day, &["good"]));
        }
        attacks.iter().for_each(|attack| hostile.write(&format!("content/hostile/{}", attack.path), &attack.text));
        hostile
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        self.files.write(&format!("a/b/c/site/{path}"), text);
    }

    /// Runs the program to its end, which must be soon and good.
    fn run(&self, arguments: &[&str]) -> (String, String) {
        let start = Instant::now();
        let output = program(&self.site).args(arguments).output().unwrap();
        assert!(start.elapsed() < LIMIT, "{arguments:?} took {:?}", start.elapsed());
        assert_eq!(output.status.code(), Some(0), "{}", printed(&output).1);
        printed(&output)
    }

    /// Every file but those of the output folder.
    fn outside(&self) -> BTreeSet<PathBuf> {
        let root = self.files.root.path();
        walk(root).into_iter().filter(|path| !path.starts_with(self.site.join("feeds"))).collect()
    }
}

/// Every file and link below a folder. No link is followed.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        found.push(entry.path());
        if entry.file_type().unwrap().is_dir() {
            found.extend(walk(&entry.path()));
        }
    }
    found
}

/// Reads a document as strictly as its format can be read.
fn assert_valid(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let shown = path.display();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => drop(serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|error| panic!("{shown}: {error}"))),
        Some("xml" | "opml") => drop(roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{shown}: {error}"))),
        _ => assert!(!text.contains('\0'), "{shown}"),
    }
}

#[test]
fn nothing_in_a_post_can_break_a_feed_climb_out_of_a_folder_or_touch_another_post() {
    let attacks: Vec<Attack> = fields().into_iter().chain(bodies()).collect();
    let hostile = Hostile::new(&attacks);
    let before = hostile.outside();
    let (_, findings) = hostile.run(&["build", "--now", "2021-01-01T00:00:00Z"]);
    assert_eq!(hostile.outside(), before, "nothing is written outside of the output folder");

    let feeds = hostile.site.join("feeds");
    let written = files(&feeds);
    assert!(written.iter().filter(|path| path.ends_with("atom.xml")).count() > 5);
    written.iter().for_each(|path| assert_valid(&feeds.join(path)));
    let atom = fs::read_to_string(feeds.join("hostile/atom.xml")).unwrap();
    let atom = roxmltree::Document::parse(&atom).unwrap();
    let texts: Vec<&str> =
        atom.descendants().filter(|node| matches!(node.tag_name().name(), "content" | "summary")).filter_map(|node| node.text()).collect();
    assert!(texts.len() > bodies().len(), "they are entries themselves");
    texts.into_iter().for_each(assert_sound);

    let peaceful = Hostile::new(&[]);
    peaceful.run(&["build", "--now", "2021-01-01T00:00:00Z"]);
    for feed in ["honest/rss.xml", "honest/atom.xml", "honest/feed.json", "tags/good/rss.xml", "tags/good/feed.json"] {
        let read = |site: &Hostile| fs::read_to_string(site.site.join("feeds").join(feed)).unwrap();
        assert!(read(&hostile) == read(&peaceful), "{feed} is what it is without the others");
    }

    let mut missing = Vec::new();
    for attack in &attacks {
        let place = format!("content/hostile/{}:", attack.path);
        let said: Vec<&str> = findings.lines().filter(|line| line.starts_with(&place)).collect();
        if let Some(expected) = attack.finding
            && !said.iter().any(|said| said.contains(expected))
        {
            missing.push(format!("{place} {expected:?} is not in {said:?}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[cfg(unix)]
#[test]
fn links_that_go_in_circles_and_names_that_are_no_text_cost_nothing() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let hostile = Hostile::new(&[]);
    let content = hostile.site.join("content");
    symlink(".", content.join("here")).unwrap();
    symlink("../..", content.join("honest/up")).unwrap();
    hostile.write("static/file.css", "");
    for (name, target) in [("a", "."), ("b", "."), ("c", "../content"), ("d", "..")] {
        symlink(target, hostile.site.join("static").join(name)).unwrap();
    }
    hostile.run(&["check"]);
    symlink("itself.md", content.join("honest/itself.md")).unwrap();
    symlink("nowhere.md", content.join("honest/dangling.md")).unwrap();
    symlink("/etc/passwd", content.join("honest/elsewhere.md")).unwrap();
    for name in [&b"a\nb.md"[..], b"tab\there.md", b"\x01.md", b"\xff.md", b"] ]>&<.md", b"..md", b"a\\..\\b.md"] {
        fs::write(content.join("honest").join(OsStr::from_bytes(name)), post("Strangely named", 4, &["good"])).unwrap();
    }
    fs::create_dir(content.join("honest/folder.md")).unwrap();
    for name in [&b"c\x01d"[..], b"\x02", b"e\nf\tg", b" ", b"] ]>&<", b"\xef\xbf\xbf"] {
        let folder = content.join(OsStr::from_bytes(name));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.md"), post("In a strange folder", 4, &["good"])).unwrap();
    }
    let before = hostile.outside();
    let (_, said) = hostile.run(&["build", "--now", "2021-01-01T00:00:00Z"]);
    assert_eq!(hostile.outside(), before);
    assert!(said.contains("the name is not UTF-8"), "{said}");
    let feeds = hostile.site.join("feeds");
    files(&feeds).iter().for_each(|path| assert_valid(&feeds.join(path)));
    let feed = fs::read_to_string(feeds.join("honest/rss.xml")).unwrap();
    for name in ["one", "two", "three"] {
        assert_eq!(feed.matches(&format!("<title>Honest {name}</title>")).count(), 1, "{feed}");
    }
    assert!(!feed.contains("root:"), "{feed}");
    let ids = fs::read_to_string(feeds.join(".ids.tsv")).unwrap();
    assert!(ids.lines().filter(|line| !line.starts_with('#')).all(|line| line.split('\t').count() == 3), "{ids}");
}
