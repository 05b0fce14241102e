//! A content file's bytes, understood: front matter, addresses, and the HTML that goes into feeds.
//!
//! `front_matter` reads what stands above a body, `page`, `section` and `details` say what it means, and `post` is what the index
//! keeps of it. `path`, `permalink`, `reference` and `title` know how Hugo names things. `render` makes the HTML: `shortcode` expands
//! calls into tokens, `markdown` writes what is between them, and `html` makes safe what was written by others.

pub mod details;
pub mod front_matter;
mod html;
mod hyperlink;
pub mod image;
mod link;
mod markdown;
pub mod page;
pub mod path;
pub mod permalink;
mod plural;
pub mod post;
pub mod reference;
pub mod render;
pub mod section;
pub mod shortcode;
pub mod text;
pub mod title;
mod token;

use std::panic::{self, AssertUnwindSafe};

pub use details::{Details, details};
pub use hyperlink::{Hyperlink, Origin, hyperlinks};
pub use page::{Aside, Page, Reason, of_other_language, page};
pub use path::Markup;
pub use render::{Context, Rendered, render};
pub use section::{Bearing, Section, list_of, plural_of, scope_of};
pub use shortcode::{Lookup, Templates, Uses};

/// What is made of a post's text; none where that panics, as by a fault of a library: it costs no other post anything.
pub(crate) fn guarded<T>(make: impl FnOnce() -> T) -> Option<T> {
    // what is half done when it panics is seen by nobody
    panic::catch_unwind(AssertUnwindSafe(make)).ok()
}
