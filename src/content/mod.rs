//! A content file's bytes, understood: front matter, addresses, and the HTML that goes into feeds.

mod anchor;
mod autolink;
mod closing;
mod counting;
pub mod date;
pub mod details;
mod embed;
mod emoji;
mod footnote;
mod front;
pub mod front_matter;
mod html;
mod hyperlink;
mod identity;
pub mod image;
mod line_break;
mod link;
mod markdown;
mod nesting;
mod own;
pub mod page;
pub mod path;
pub mod permalink;
mod plural;
pub mod post;
pub mod reference;
pub mod render;
mod rewrite;
mod run;
pub mod section;
pub mod shortcode;
mod table;
pub mod text;
pub mod title;
mod token;
mod typographer;

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
