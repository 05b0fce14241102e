//! `feeds.opml`: every feed, grouped, for readers to import (OPML 2.0).

use bytes::Bytes;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::listing::{Line, Listing};
use crate::snapshot::{Fragment, Parts};

/// The list as OPML. Each feed is told once, in the first of its formats: a reader that imports them wants no doubles.
pub fn document(listing: &Listing<'_>) -> Parts {
    let mut parts = Parts::with_capacity(listing.feeds() + listing.groups.len() + 1);
    let mut xml = Writer::new(Vec::new());
    #[expect(clippy::expect_used)]
    write(&mut xml, listing, &mut parts).expect("writing to memory cannot fail");
    parts.push(Bytes::from(xml.into_inner()));
    parts
}

/// Writes the list. What follows its last feed stays with the writer.
fn write(xml: &mut Writer<Vec<u8>>, listing: &Listing<'_>, parts: &mut Parts) -> std::io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    xml.write_event(Event::Start(BytesStart::new("opml").with_attributes([("version", "2.0")])))?;
    xml.create_element("head").write_inner_content(|head| {
        head.create_element("title").write_text_content(BytesText::new(listing.title))?;
        Ok(())
    })?;
    xml.write_event(Event::Start(BytesStart::new("body")))?;
    for group in &listing.groups {
        xml.write_event(Event::Start(BytesStart::new("outline").with_attributes([("text", group.title.as_str())])))?;
        parts.push(Bytes::from(std::mem::take(xml.get_mut())));
        group.feeds.iter().for_each(|feed| parts.extend(&feed.outline));
        xml.write_event(Event::End(BytesEnd::new("outline")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("body")))?;
    xml.write_event(Event::End(BytesEnd::new("opml")))
}

/// A feed as OPML 2.0 tells it: `type` is `rss` for feeds of any format.
pub(super) fn outline(line: &Line) -> Fragment {
    let address = line.addresses.first().map_or("", |(_, address)| address);
    let attributes =
        [("text", line.title.as_str()), ("title", &line.title), ("type", "rss"), ("xmlUrl", address), ("htmlUrl", &line.page_url)];
    let mut xml = Writer::new(Vec::new());
    #[expect(clippy::expect_used)]
    xml.write_event(Event::Empty(BytesStart::new("outline").with_attributes(attributes))).expect("writing to memory cannot fail");
    Bytes::copy_from_slice(&xml.into_inner()).into()
}

#[cfg(test)]
mod tests {
    use super::super::listing::tests::written;
    use super::*;

    #[test]
    fn every_feed_stands_in_its_group() {
        let written = String::from_utf8(written(document).bytes().concat()).unwrap();
        let parsed = roxmltree::Document::parse(&written).unwrap();
        let groups: Vec<_> = parsed.descendants().filter(|n| n.has_tag_name("outline") && n.attribute("type").is_none()).collect();
        assert_eq!(groups[1].attribute("text"), Some("tags"));
        let feed = groups[1].first_element_child().unwrap();
        assert_eq!(feed.attribute("text"), Some("C# & <co>"));
        assert_eq!(feed.attribute("xmlUrl"), Some("https://example.org/tags/c%23/rss.xml"));
    }
}
