//! Which addresses are those of images.

/// The media type of an image, by the ending of its name; none when it is no image that readers show.
pub fn media_type(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match &*ending.to_ascii_lowercase() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

/// Whether an address may be that of an image: its file is one by its name, or a server that it names in full may send one.
/// Anything else is a key, by which only a template finds the image, or leads to something else.
pub(super) fn is_image(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let file = path.rsplit('/').next().unwrap_or(path);
    media_type(file).is_some() || path.contains("//") && !file.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_known_by_its_ending_or_by_its_server() {
        for address in ["a.png", "/a/b.JPG?w=1", "https://example.org/a.b/c.svg#d", "https://cdn.example.org/abc?x", "//cdn.example.org/a"]
        {
            assert!(is_image(address), "{address}");
        }
        for address in ["", "abc", "a/b", "/a/b", "clip.mp4", "https://example.org/clip.mp4", "a.png/b"] {
            assert!(!is_image(address), "{address}");
        }
    }
}
