//! The command line of Tidings: nothing yet.

fn main() {}
