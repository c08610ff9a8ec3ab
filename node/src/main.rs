//! The binary `marquee`.

use std::process::ExitCode;

#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    marquee_node::cli::run(std::env::args_os())
}
