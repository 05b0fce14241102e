//! Where the elements end that are open at a place of HTML, as somebody wrote it.

use super::MAX_DEPTH;
use crate::content::html::nesting::VOID;

/// Where the elements end that are open at a place of HTML; the place itself where one of them has no end.
pub(super) fn closed(html: &str, place: usize) -> usize {
    let mut open: Vec<&str> = Vec::new();
    let mut tags = tags(html).peekable();
    while let Some(tag) = tags.next_if(|tag| tag.end <= place) {
        tag.apply(&mut open);
    }
    if open.is_empty() {
        return place;
    }
    let last = tags.find(|tag| {
        tag.apply(&mut open);
        open.is_empty()
    });
    last.map_or(place, |tag| tag.end)
}

/// A tag in HTML.
struct Tag<'h> {
    name: &'h str,
    is_end: bool,
    /// Where it ends.
    end: usize,
}

impl<'h> Tag<'h> {
    /// Opens or closes an element. What is in one that is closed is so, too.
    fn apply(&self, open: &mut Vec<&'h str>) {
        if !self.is_end {
            if !VOID.iter().any(|name| self.name.eq_ignore_ascii_case(name)) {
                open.push(self.name);
            }
        } else if let Some(at) = open.iter().rev().take(MAX_DEPTH).position(|name| name.eq_ignore_ascii_case(self.name)) {
            open.truncate(open.len() - at - 1);
        }
    }
}

/// The tags of HTML, up to one without an end.
fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + memchr::memchr(b'<', html.as_bytes().get(from..)?)? + 1;
            if html[start..].starts_with("!--") {
                from = start + html[start..].find("-->")? + 3;
                continue;
            }
            let is_end = html[start..].starts_with('/');
            let name = &html[start + usize::from(is_end)..];
            let len = name.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'-')).unwrap_or(name.len());
            let name = &name[..len];
            from = start;
            if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            from = start + tag_len(&html[start..])?;
            if !html[..from].ends_with("/>") {
                return Some(Tag { name, is_end, end: from });
            }
            // Hugo sees nothing behind it up to the end of an element
            from += html[from..].find("</")?;
            from += html[from..].find('>')? + 1;
        }
    })
}

/// How long a tag is, without its first sign: what is in quotes does not end it.
fn tag_len(tag: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        from += memchr::memchr3(b'>', b'"', b'\'', tag.as_bytes().get(from..)?)?;
        let sign = tag.as_bytes()[from];
        from += 1;
        if sign == b'>' {
            return Some(from);
        }
        from += memchr::memchr(sign, &tag.as_bytes()[from..])? + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place is where `|` stands, and so is the end.
    fn check(html: &str, expected: &str) {
        let (place, html) = (html.find('|').unwrap(), html.replace('|', ""));
        let end = closed(&html, place);
        assert_eq!(format!("{}|{}", &html[..end], &html[end..]), expected);
    }

    #[test]
    fn an_element_goes_on_to_its_end() {
        check("<p>a</p>|b", "<p>a</p>|b");
        check("<div><p>a</p>|<p>b</p></div>c", "<div><p>a</p><p>b</p></div>|c");
        check("<section a='>'><div>a|</div>b<br></SECTION>c", "<section a='>'><div>a</div>b<br></SECTION>|c");
        check("<ul><li>a|<li>b</ul>c", "<ul><li>a<li>b</ul>|c");
        check("</i><br><!-- <div> --><img src=\"<b>\">a|b", "</i><br><!-- <div> --><img src=\"<b>\">a|b");
        check("a < b <1> <é> c|d", "a < b <1> <é> c|d");
    }

    #[test]
    fn behind_a_tag_that_closes_itself_an_end_is_not_seen() {
        check("<div>a|<br /></div>b</div>c", "<div>a<br /></div>b</div>|c");
        check("<div>a|<p><br/></p></div>b", "<div>a<p><br/></p></div>|b");
        check("<p><img src='x' /></p><div>a|</div>b", "<p><img src='x' /></p><div>a|</div>b");
        check("<br /><div><p>a</p>|</div>b", "<br /><div><p>a</p>|</div>b");
    }

    #[test]
    fn without_an_end_nothing_more_belongs_to_it() {
        check("<div><p>a</p>|b", "<div><p>a</p>|b");
        check("<div><i>a|</i>b", "<div><i>a|</i>b");
        check("<div>a|</div", "<div>a|</div");
        check("<div>a|<!-- </div>", "<div>a|<!-- </div>");
    }

    #[test]
    fn tags_without_number_take_no_longer_than_theirs() {
        let started = std::time::Instant::now();
        for unit in ["<a>", "<a></b>", "<", "<a \"", "<!--", "</", "<a '>'>", "<a/>"] {
            let html = unit.repeat(100_000);
            closed(&html, html.len() / 2);
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(5), "{:?}", started.elapsed());
    }
}
