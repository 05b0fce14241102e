//! A Markdown file's bytes, understood: front matter, addresses, and the HTML that goes into feeds.

mod anchor;
mod autolink;
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
mod link;
mod markdown;
mod nesting;
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
mod token;
mod typographer;

pub use details::{Details, details};
pub use hyperlink::{Hyperlink, Origin, hyperlinks};
pub use page::{Aside, Page, Reason, page};
pub use render::{Context, Rendered, render};
pub use section::{Bearing, Section, list_of, plural_of, scope_of};
pub use shortcode::{Lookup, Templates, Uses};
