//! What is written when its end is known: headings, whose id is made of their text, and images, in which everything is text.

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use super::{Writer, bare};
use crate::content::text::attribute;

/// A heading whose tag is written when its text is known.
pub(super) struct Heading {
    pub(super) start: usize,
    pub(super) id: Option<String>,
    pub(super) text: String,
}

/// An image whose tag is written when its alternative text is known.
pub(super) struct Image {
    pub(super) address: Option<String>,
    pub(super) title: String,
    pub(super) alt: String,
    /// Images inside of its alternative text.
    pub(super) inner: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn close_heading(&mut self, level: HeadingLevel) {
        let Some(heading) = self.heading.take() else { return };
        let name = ["h1", "h2", "h3", "h4", "h5", "h6"][level as usize - 1];
        let mut open = ["<", name].concat();
        if let Some(anchors) = &mut self.anchors {
            let id = match heading.id {
                Some(id) => anchors.claim(&id),
                None => anchors.of_heading(&bare(&heading.text)),
            };
            attribute(&mut open, "id", &self.markdown.prefix.apply(&bare(&id)));
        }
        open.push('>');
        self.document.html.insert_str(heading.start, &open);
        if let Some(opening) = self.opening() {
            opening.shift(heading.start, open.len());
        }
        self.push(&["</", name, ">\n"].concat());
    }

    /// Everything inside of an image is its alternative text.
    pub(super) fn in_image(&mut self, event: &Event<'a>) {
        let Some(image) = &mut self.image else { return };
        match event {
            Event::Start(Tag::Image { .. }) => image.inner += 1,
            Event::End(TagEnd::Image) if image.inner > 0 => image.inner -= 1,
            Event::End(TagEnd::Image) => {
                self.close_image();
                self.open.pop();
            }
            Event::Code(code) => image.alt.push_str(code),
            Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
            _ => {}
        }
    }

    fn close_image(&mut self) {
        let Some(image) = self.image.take() else { return };
        let alt = bare(&image.alt);
        let Some(address) = image.address else { return self.plain(&alt) };
        self.push("<img");
        attribute(&mut self.document.html, "src", &address);
        attribute(&mut self.document.html, "alt", &alt);
        self.title(&image.title);
        self.push(">");
    }
}
