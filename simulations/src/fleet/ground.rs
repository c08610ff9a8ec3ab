//! What a fleet stands on: network namespaces that are joined by a bridge, or the addresses of the loopback device.
//!
//! A member's namespace lives and dies with its process, so that nothing is left behind by one that is killed. The
//! bridge belongs to this process's namespace and is removed when the ground is dropped.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use super::settings::GATEWAY;

/// How long a process may take to get a namespace of its own.
const NAMESPACE_MAX: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug)]
pub enum Ground {
    /// Every member has a network namespace.
    Namespaces {
        /// The third number of all addresses, and part of the bridge's name.
        subnet: u8,
    },
    /// Every member has a loopback address; links cannot be cut.
    Loopback {
        /// The third number of all addresses.
        subnet: u8,
    },
}

impl Ground {
    /// Namespaces if this process may make them, else loopback addresses.
    ///
    /// # Errors
    /// If no subnet is free.
    pub fn choose() -> anyhow::Result<Self> {
        // Several fleets may run at a time: the first subnet that nobody has.
        let first = std::process::id() as u8;
        if !rustix::process::geteuid().is_root()
            || !["ip", "nft", "nsenter", "sysctl", "unshare"].into_iter().all(is_there)
        {
            return Ok(Self::Loopback { subnet: first });
        }
        for step in 0..=u8::MAX {
            let subnet = first.wrapping_add(step);
            let bridge = bridge(subnet);
            // An address of its own: else it changes with the devices on it, and members look for it in vain.
            if ip(&format!("link add {bridge} address 02:4d:51:{subnet:02x}:01:01 type bridge")).is_ok() {
                let ground = Self::Namespaces { subnet };
                ip(&format!("addr add {}/24 dev {bridge}", ground.host()))?;
                ip(&format!("link set {bridge} up"))?;
                return Ok(ground);
            }
            if step == 8 {
                break;
            }
        }
        Ok(Self::Loopback { subnet: first })
    }

    /// Whether links can be cut.
    #[must_use]
    pub const fn has_links(&self) -> bool {
        matches!(self, Self::Namespaces { .. })
    }

    /// The address of a member.
    #[must_use]
    pub const fn address(&self, member: u8) -> Ipv4Addr {
        match self {
            Self::Namespaces { subnet } => Ipv4Addr::new(10, 77, *subnet, 10 + member),
            Self::Loopback { subnet } => Ipv4Addr::new(127, 77, *subnet, 10 + member),
        }
    }

    /// The address of this process, as members see it.
    #[must_use]
    pub const fn host(&self) -> Ipv4Addr {
        match self {
            Self::Namespaces { subnet } => Ipv4Addr::new(10, 77, *subnet, 1),
            Self::Loopback { subnet } => Ipv4Addr::new(127, 77, *subnet, 1),
        }
    }

    /// Where members reach the gateway.
    pub(super) fn gateway(&self) -> SocketAddrV4 {
        let at = match self {
            Self::Namespaces { .. } => Ipv4Addr::LOCALHOST,
            Self::Loopback { .. } => self.host(),
        };
        SocketAddrV4::new(at, GATEWAY)
    }

    /// A command that waits for a line on its standard input, and then becomes the program that its arguments name.
    pub(super) fn waiting(&self) -> Command {
        const WAIT: [&str; 4] = ["sh", "-c", "read -r go && exec \"$@\"", "sh"];
        let (program, arguments) = match self {
            Self::Namespaces { .. } => ("unshare", [&["--net", "--"], &WAIT[..]].concat()),
            Self::Loopback { .. } => ("sh", WAIT[1..].to_vec()),
        };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped());
        command
    }

    /// Connects the namespace of a member's process with the bridge.
    pub(super) fn connect(&self, member: u8, pid: u32) -> anyhow::Result<()> {
        let Self::Namespaces { subnet } = self else { return Ok(()) };
        until_namespace(pid)?;
        let (bridge, link) = (bridge(*subnet), format!("mq{subnet}v{member}"));
        // A member keeps its hardware address, so that the others need not learn another one when it comes back.
        let hardware = format!("02:4d:51:{subnet:02x}:00:{member:02x}");
        // The device of a process that was killed may take a moment to go.
        let begun = Instant::now();
        let add = format!("link add {link} type veth peer name eth0 address {hardware} netns {pid}");
        while let Err(error) = ip(&add) {
            ensure!(begun.elapsed() < NAMESPACE_MAX, "{error:#}");
            std::thread::sleep(Duration::from_millis(2));
        }
        ip(&format!("link set {link} master {bridge} up"))?;
        within(pid, "ip", "link set lo up")?;
        within(pid, "ip", &format!("addr add {}/24 dev eth0", self.address(member)))?;
        within(pid, "ip", "link set eth0 up")?;
        self.share_gateway(pid)
    }

    /// Lets the namespace reach the gateway of this process's as its own: nodes speak plain HTTP with this machine only.
    fn share_gateway(&self, pid: u32) -> anyhow::Result<()> {
        for device in ["all", "eth0"] {
            within(pid, "sysctl", &format!("-q -w net.ipv4.conf.{device}.route_localnet=1"))?;
        }
        let gateway = SocketAddrV4::new(self.host(), GATEWAY);
        for rule in [
            "add table ip gateway".to_owned(),
            "add chain ip gateway out { type nat hook output priority -100 ; }".to_owned(),
            "add chain ip gateway back { type nat hook postrouting priority 100 ; }".to_owned(),
            format!("add rule ip gateway out ip daddr 127.0.0.1 tcp dport {GATEWAY} dnat to {gateway}"),
            "add rule ip gateway back ip saddr 127.0.0.1 oifname eth0 masquerade".to_owned(),
        ] {
            within(pid, "nft", &rule)?;
        }
        Ok(())
    }

    /// Loses what a member sends to the namespace of a process.
    pub(super) fn cut(&self, from: u8, pid: u32) -> anyhow::Result<()> {
        ensure!(self.has_links(), "loopback addresses have no links that could be cut");
        let from = self.address(from);
        within(pid, "nft", "add table ip cut")?;
        within(pid, "nft", "add chain ip cut lost { type filter hook input priority 0 ; }")?;
        within(pid, "nft", &format!("add rule ip cut lost ip saddr {from} drop"))
    }

    /// Loses nothing any more.
    pub(super) fn heal(&self, pid: u32) -> anyhow::Result<()> {
        if !self.has_links() {
            return Ok(());
        }
        // A table that is not there cannot be deleted.
        within(pid, "nft", "add table ip cut")?;
        within(pid, "nft", "delete table ip cut")
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Self::Namespaces { subnet } = self {
            // Nothing more can be done about one that does not go.
            let _removed = ip(&format!("link del {}", bridge(*subnet)));
        }
    }
}

fn bridge(subnet: u8) -> String {
    format!("mq{subnet}br")
}

fn is_there(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    found.is_ok()
}

/// Waits until the process has another network than this one.
fn until_namespace(pid: u32) -> anyhow::Result<()> {
    let own = std::fs::read_link("/proc/self/ns/net")?;
    let begun = Instant::now();
    loop {
        let its = std::fs::read_link(format!("/proc/{pid}/ns/net")).context("the process has ended")?;
        if its != own {
            return Ok(());
        }
        if begun.elapsed() > NAMESPACE_MAX {
            bail!("the process got no network namespace");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn ip(arguments: &str) -> anyhow::Result<()> {
    done(Command::new("ip").args(arguments.split_whitespace()))
}

/// Runs a command in the namespace of a process.
fn within(pid: u32, program: &str, arguments: &str) -> anyhow::Result<()> {
    let pid = pid.to_string();
    done(Command::new("nsenter").args(["-t", &pid, "-n", program]).args(arguments.split_whitespace()))
}

fn done(command: &mut Command) -> anyhow::Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}
