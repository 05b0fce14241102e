//! What the targets assert: modules of the tests, so that they are compiled with every change.

#[path = "../../tests/it/posts.rs"]
mod posts;
#[path = "../../tests/it/sound.rs"]
mod sound;

pub use posts::{CONFIGS, assert_feeds, entry, rendered};
