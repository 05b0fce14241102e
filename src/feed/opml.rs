//! `feeds.opml`: every feed, grouped, for readers to import (OPML 2.0).

use bytes::Bytes;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::listing::{Line, Listing};

/// The list as OPML. Each feed is told once, in the first of its formats: a reader that imports them wants no doubles.
pub fn document(listing: &Listing) -> Bytes {
    let mut xml = Writer::new(Vec::new());
    #[expect(clippy::expect_used)]
    write(&mut xml, listing).expect("writing to memory cannot fail");
    Bytes::from(xml.into_inner())
}

fn write(xml: &mut Writer<Vec<u8>>, listing: &Listing) -> std::io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    xml.write_event(Event::Start(BytesStart::new("opml").with_attributes([("version", "2.0")])))?;
    xml.create_element("head").write_inner_content(|head| {
        head.create_element("title").write_text_content(BytesText::new(&listing.title))?;
        Ok(())
    })?;
    xml.write_event(Event::Start(BytesStart::new("body")))?;
    for group in &listing.groups {
        xml.write_event(Event::Start(BytesStart::new("outline").with_attributes([("text", group.title.as_str())])))?;
        for line in &group.feeds {
            outline(xml, line)?;
        }
        xml.write_event(Event::End(BytesEnd::new("outline")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("body")))?;
    xml.write_event(Event::End(BytesEnd::new("opml")))
}

/// OPML 2.0: `type` is `rss` for feeds of any format.
fn outline(xml: &mut Writer<Vec<u8>>, line: &Line) -> std::io::Result<()> {
    let Some((_, address)) = line.addresses.first() else { return Ok(()) };
    let attributes =
        [("text", line.title.as_str()), ("title", &line.title), ("type", "rss"), ("xmlUrl", address), ("htmlUrl", &line.page_url)];
    xml.write_event(Event::Empty(BytesStart::new("outline").with_attributes(attributes)))
}

#[cfg(test)]
mod tests {
    use super::super::listing::tests::listing;
    use super::*;

    #[test]
    fn every_feed_stands_in_its_group() {
        let written = String::from_utf8(document(&listing()).to_vec()).unwrap();
        let parsed = roxmltree::Document::parse(&written).unwrap();
        let groups: Vec<_> = parsed.descendants().filter(|n| n.has_tag_name("outline") && n.attribute("type").is_none()).collect();
        assert_eq!(groups[1].attribute("text"), Some("tags"));
        let feed = groups[1].first_element_child().unwrap();
        assert_eq!(feed.attribute("text"), Some("C# & <co>"));
        assert_eq!(feed.attribute("xmlUrl"), Some("https://example.org/tags/c%23/rss.xml"));
    }
}
