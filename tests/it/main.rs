//! The tests that need more than one module: the pure core against itself, and the program against the world.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod broken;
mod bundles;
mod check;
mod configuration;
mod covers;
#[cfg(target_os = "linux")]
mod faults;
mod golden;
mod gone;
mod hostile;
mod html_pages;
mod http;
mod ids;
mod in_the_way;
mod incremental;
mod init;
mod languages;
mod layers;
mod links;
mod live;
mod model;
mod new;
mod output;
mod packaging;
mod posts;
mod program;
mod random;
mod readme;
mod references;
#[cfg(unix)]
mod restart;
mod sample;
mod speech;
mod soak;
#[cfg(target_os = "linux")]
mod systemd;
mod sound;
