//! Tidings keeps the feeds of a folder of Markdown posts current and serves them.
//!
//! The program is [`app`]. Its core can be used without it: [`config::Config`] is read from a text, [`site::Site`] turns
//! changed files and the time into the next state of all feeds, and [`feed::Feed`] with its entries becomes a document.
//! Each of the three has an example.
//!
//! The order of the modules below is the layering: a module imports only from modules above it.
//! Floors 0 to 3 do no input or output and take the time as a value; floors 4 and 5 are all the rest.
//! `ARCHITECTURE.md` draws the picture; `tests/it/layers.rs` keeps it true.

// Floor 0: words.
pub mod diagnostic;
pub mod taxonomy;
pub mod snapshot;
pub mod xml;

// Floor 1: values.
pub mod layout;
pub mod value;
pub mod config;
pub mod content;

// Floor 2: derivations.
pub mod feed;
pub mod index;
pub mod ids;

// Floor 3: decisions.
pub mod respond;
pub mod site;

// Floor 4: the outside.
pub mod place;
pub mod regular;
pub mod publish;
pub mod metrics;
pub mod server;
pub mod admin;
pub mod source;
pub mod watch;

// Floor 5: everything put together.
pub mod app;
