//! What must hold of any HTML in a feed, told by parsers that are not ours. The fuzz targets ask the same.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

/// Elements that run, load, or take what somebody types.
const RUNNING: [&str; 15] = [
    "script", "style", "iframe", "frame", "object", "embed", "svg", "form", "input", "button", "link", "meta", "base", "template",
    "noscript",
];

/// Asserts that HTML is balanced and closed, that nothing in it runs, and that its addresses are absolute. It is read as
/// XML, strictly: to a parser of HTML everything is right.
pub(crate) fn assert_sound(html: &str) {
    static VOID: LazyLock<Regex> = LazyLock::new(|| Regex::new("<(br|col|hr|img|source|wbr)( [^>]*)?>").unwrap());
    let xml = format!("<x>{}</x>", VOID.replace_all(html, "<$1$2/>"));
    let document = roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}: {html}"));
    for element in document.root_element().descendants().skip(1).filter(roxmltree::Node::is_element) {
        let name = element.tag_name().name();
        assert!(!RUNNING.contains(&name), "<{name}>: {html}");
        for attribute in element.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!name.starts_with("on") && !["style", "srcdoc", "action", "formaction"].contains(&name), "{name}={value:?}: {html}");
            if ["href", "src", "poster", "cite", "data"].contains(&name) {
                let url = Url::parse(value).unwrap_or_else(|error| panic!("{name}={value:?}: {error}: {html}"));
                let is_image = url.scheme() == "data" && url.path().starts_with("image/");
                assert!(
                    is_image || !["javascript", "vbscript", "data", "blob", "file"].contains(&url.scheme()),
                    "{name}={value:?}: {html}"
                );
            }
        }
    }
}
