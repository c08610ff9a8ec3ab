//! The binary marquee.
fn main() {}
