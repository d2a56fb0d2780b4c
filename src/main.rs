//! The page's entry: a panic hook, then mount.

fn main() {}
