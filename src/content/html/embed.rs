//! What is embedded from elsewhere, as a link: no reader shows a player, and none may run one.

use url::Url;

use crate::content::text::{attribute, escape};

/// A link to what an address shows when it is embedded. Players of YouTube and Vimeo lead to the page of the video.
pub(crate) fn link_to(address: &str, title: &str) -> String {
    let absolute = if address.starts_with("//") { format!("https:{address}") } else { address.to_owned() };
    let video = Url::parse(&absolute).ok().and_then(|url| {
        let id = url.path_segments()?.next_back()?.to_owned();
        match url.host_str()?.trim_start_matches("www.") {
            "youtube.com" | "youtube-nocookie.com" | "m.youtube.com" if url.path().starts_with("/embed/") => Some(youtube(&id, title)),
            "player.vimeo.com" => Some(vimeo(&id, title)),
            _ => None,
        }
    });
    video.unwrap_or_else(|| link(address, "", if title.is_empty() { address } else { title }))
}

/// A YouTube video: a picture that leads to its page.
pub(crate) fn youtube(id: &str, title: &str) -> String {
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    let mut image = String::from("<img");
    attribute(&mut image, "src", &format!("https://i.ytimg.com/vi/{id}/hqdefault.jpg"));
    attribute(&mut image, "alt", if title.is_empty() { "Video on YouTube" } else { title });
    image.push('>');
    link(&format!("https://www.youtube.com/watch?v={id}"), &image, "")
}

/// A link to a Vimeo video. It has no address for a picture that could be known from its id.
pub(crate) fn vimeo(id: &str, title: &str) -> String {
    link(&format!("https://vimeo.com/{id}"), "", if title.is_empty() { "Video on Vimeo" } else { title })
}

/// A link around HTML and then text.
pub(crate) fn link(address: &str, html: &str, text: &str) -> String {
    let mut out = String::from("<a");
    attribute(&mut out, "href", address);
    out.push('>');
    out.push_str(html);
    escape(&mut out, text);
    out.push_str("</a>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players_become_links_to_what_they_show() {
        let check = |address: &str, expected: &str| assert!(link_to(address, "").contains(expected), "{}", link_to(address, ""));
        check("//www.youtube-nocookie.com/embed/a-_b?start=1", "https://www.youtube.com/watch?v=a-_b");
        check("https://player.vimeo.com/video/12", "https://vimeo.com/12");
        check("https://example.org/x", ">https://example.org/x</a>");
    }
}
