//! Where a fleet's nodes listen, and what their settings say.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::ground::Ground;

const HTTP: u16 = 8_080;
const QUIC: u16 = 7_400;
/// The port of the gateway.
pub(super) const GATEWAY: u16 = 8_081;

pub(super) fn http(ground: &Ground, member: u8) -> SocketAddr {
    (ground.address(member), HTTP).into()
}

pub(super) fn quic(ground: &Ground, member: u8) -> SocketAddr {
    (ground.address(member), QUIC).into()
}

pub(super) fn gateway(ground: &Ground) -> SocketAddr {
    (ground.host(), GATEWAY).into()
}

pub(super) fn data(folder: &Path, member: u8) -> PathBuf {
    folder.join(member.to_string())
}

pub(super) fn file(folder: &Path, member: u8) -> PathBuf {
    folder.join(format!("{member}.toml"))
}

/// Writes a member's settings; returns the file's name.
pub(super) fn write(ground: &Ground, folder: &Path, member: u8) -> anyhow::Result<String> {
    let (http, quic) = (http(ground, member), quic(ground, member));
    let data = data(folder, member).display().to_string();
    let mut text = format!(
        "[node]\nname = \"node-{member}\"\nzone = \"zone-{member}\"\n\n[http]\nlisten = \"{http}\"\n\n\
         [network]\nlisten = \"{quic}\"\n\n[storage]\ndata_dir = {data:?}\n\n[logging]\nfilter = \"info\"\n\n\
         [limits]\nloopback_exempt = true\n"
    );
    // The crowd comes from one address.
    for rate in ["per_address", "per_account", "sign_in"] {
        writeln!(text, "{rate} = {{ per_minute = 100_000_000, burst = 1_000_000 }}")?;
    }
    writeln!(text, "\n[cluster.payments]\ngateway = \"sandbox\"\nurl = \"http://{}\"", ground.gateway())?;
    let file = file(folder, member);
    std::fs::write(&file, text)?;
    Ok(file.display().to_string())
}
