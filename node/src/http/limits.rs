//! Rate limits: how often one address, account or e-mail address may ask.
//!
//! Each limit is a token bucket, kept as the *theoretical arrival time* of the generic cell rate algorithm (ITU-T
//! I.371): one number says how full a bucket is, so a bucket is one atomic word and taking from it is one compare and
//! swap. The words stand in a table of fixed size, in sets of eight. When a set is full, a newcomer takes the place of
//! whoever's bucket is fullest: memory is bounded, and what is forgotten first is whoever asked least.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use marquee_config::{Network, RateLimit};

use super::kinds;
use super::problem::Problem;

/// The counters of all limits.
#[derive(Debug)]
pub struct Limits {
    addresses: Buckets,
    accounts: Buckets,
    emails: Buckets,
    sign_ins: Buckets,
    loopback_exempt: bool,
    trusted_proxies: Vec<Network>,
}

impl Limits {
    /// Counters that are all at rest.
    #[must_use]
    pub fn new(limits: &marquee_config::Limits, trusted_proxies: &[Network]) -> Self {
        Self {
            addresses: Buckets::new("address", limits.per_address),
            accounts: Buckets::new("account", limits.per_account),
            emails: Buckets::new("email", limits.sign_in),
            sign_ins: Buckets::new("sign-in", limits.sign_in),
            loopback_exempt: limits.loopback_exempt,
            trusted_proxies: trusted_proxies.to_vec(),
        }
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// `rate-limited` when it asks too often.
    pub(crate) fn request(&self, address: IpAddr) -> Result<Option<Standing>, Problem> {
        self.count(&self.addresses, network(address), address)
    }

    /// Counts a request of an account.
    ///
    /// # Errors
    /// `rate-limited` when it asks too often.
    pub(crate) fn account(&self, account: u128, address: IpAddr) -> Result<Option<Standing>, Problem> {
        self.count(&self.accounts, account, address)
    }

    /// Counts an attempt to sign in or up with an e-mail address, as it is folded for look-ups.
    ///
    /// # Errors
    /// `rate-limited` when the e-mail address or the network address was tried too often.
    pub(crate) fn sign_in(&self, folded_email: &str, address: IpAddr) -> Result<(), Problem> {
        self.count(&self.sign_ins, network(address), address)?;
        self.count(&self.emails, folded_email, address)?;
        Ok(())
    }

    fn count(&self, buckets: &Buckets, who: impl Hash, address: IpAddr) -> Result<Option<Standing>, Problem> {
        if self.loopback_exempt && address.is_loopback() {
            return Ok(None);
        }
        let RateLimit { per_minute, burst } = buckets.rate;
        let name = buckets.name;
        buckets.take(who, buckets.started.elapsed()).map(Some).map_err(|wait| {
            Problem::new(kinds::RATE_LIMITED)
                .detail(format!("by {name}: at most {burst} at once and {per_minute} a minute"))
                .with("limit", name)
                .retry_after(wait)
        })
    }

    /// Who asks: the other end of the connection, or whom a trusted proxy there names. Of several that were forwarded
    /// the last one that is no trusted proxy counts; what stands before it anyone could have written.
    pub(crate) fn client(&self, peer: IpAddr, forwarded: Option<&HeaderValue>) -> IpAddr {
        let is_trusted = |address| self.trusted_proxies.iter().any(|network| network.contains(address));
        if !is_trusted(peer) {
            return peer;
        }
        let named = forwarded.and_then(|header| header.to_str().ok()).unwrap_or_default();
        let mut client = peer;
        for hop in named.rsplit(',').map_while(|hop| hop.trim().parse().ok()) {
            client = hop;
            if !is_trusted(hop) {
                break;
            }
        }
        client
    }
}

/// What one counts for: hosts have whole /64 networks of IPv6 addresses to themselves.
pub(crate) fn network(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => u128::from(u32::from(mapped)),
            None => u128::from(address) & !u128::from(u64::MAX),
        },
    }
}

/// Where somebody stands with a limit, for the `RateLimit` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    name: &'static str,
    rate: RateLimit,
    /// How many requests are left at once.
    remaining: u32,
}

impl Standing {
    /// The fields of draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` and `RateLimit`.
    pub(crate) fn headers(&self) -> Option<(HeaderValue, HeaderValue)> {
        let Self { name, rate, remaining } = self;
        let RateLimit { per_minute, burst } = rate;
        // The window in which an empty bucket fills.
        let seconds = (u64::from(*burst) * 60).div_ceil(u64::from(*per_minute).max(1));
        let policy = HeaderValue::try_from(format!("\"{name}\";q={burst};w={seconds}")).ok()?;
        let standing = HeaderValue::try_from(format!("\"{name}\";r={remaining};t={seconds}")).ok()?;
        Some((policy, standing))
    }
}

const SETS: usize = 1 << 13;
const WAYS: usize = 8;
const TICKS_PER_SECOND: u64 = 100_000;
/// A word is a tag of 20 bits, which tells apart who shares a set, and 44 bits of ticks: five years of running.
const TICK_BITS: u32 = 44;
const TICK_MASK: u64 = (1 << TICK_BITS) - 1;

/// Token buckets, all alike, of whoever asks.
#[derive(Debug)]
pub(crate) struct Buckets {
    name: &'static str,
    rate: RateLimit,
    words: Box<[AtomicU64]>,
    hasher: RandomState,
    started: Instant,
}

impl Buckets {
    /// Buckets that are all full.
    pub(crate) fn new(name: &'static str, rate: RateLimit) -> Self {
        let words = std::iter::repeat_with(AtomicU64::default).take(SETS * WAYS).collect();
        Self { name, rate, words, hasher: RandomState::new(), started: Instant::now() }
    }

    /// Takes one from the bucket of `who`, just now; false if it is empty.
    pub(crate) fn grants(&self, who: impl Hash) -> bool {
        self.take(who, self.started.elapsed()).is_ok()
    }

    /// Takes one from the bucket of `who`, at this time since the start; or says how long to wait.
    fn take(&self, who: impl Hash, since_start: Duration) -> Result<Standing, Duration> {
        let now = ticks(since_start).max(1);
        let step = (60 * TICKS_PER_SECOND / u64::from(self.rate.per_minute.max(1))).max(1);
        let depth = step * u64::from(self.rate.burst.max(1));
        let hash = self.hasher.hash_one(who);
        let set = usize::try_from(hash % SETS as u64).unwrap_or(0) * WAYS;
        let set = &self.words[set..set + WAYS];
        let tag = hash & !TICK_MASK;
        loop {
            let Some((word, seen)) = find(set, tag) else { return Err(Duration::from_secs(1)) };
            let full_again = if seen & !TICK_MASK == tag { seen & TICK_MASK } else { 0 };
            let next = full_again.max(now) + step;
            let over = (next - now).saturating_sub(depth);
            if over > 0 {
                return Err(Duration::from_micros(over * (1_000_000 / TICKS_PER_SECOND)));
            }
            if word.compare_exchange_weak(seen, tag | next, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                let remaining = (depth - (next - now)) / step;
                let remaining = u32::try_from(remaining).unwrap_or(u32::MAX);
                return Ok(Standing { name: self.name, rate: self.rate, remaining });
            }
        }
    }
}

/// The word with this tag, or else the one whose bucket is fullest, with what stands in it.
fn find(set: &[AtomicU64], tag: u64) -> Option<(&AtomicU64, u64)> {
    let seen = set.iter().map(|word| (word, word.load(Ordering::Relaxed)));
    seen.min_by_key(|(_word, seen)| if seen & !TICK_MASK == tag { 0 } else { 1 + (seen & TICK_MASK) })
}

fn ticks(time: Duration) -> u64 {
    let ticks = time.as_nanos() * u128::from(TICKS_PER_SECOND) / 1_000_000_000;
    u64::try_from(ticks).map_or(TICK_MASK, |ticks| ticks & TICK_MASK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_content_at_once_and_refills() {
        let buckets = Buckets::new("test", RateLimit { per_minute: 120, burst: 10 });
        let at = Duration::from_millis;
        for left in (0..10).rev() {
            assert_eq!(buckets.take("ann", at(0)).map(|standing| standing.remaining), Ok(left));
        }
        let wait = buckets.take("ann", at(0)).unwrap_err();
        assert!(wait > at(490) && wait <= at(500), "{wait:?}");
        assert!(buckets.take("bob", at(0)).is_ok(), "limits are each one's own");
        assert!(buckets.take("ann", at(499)).is_err());
        assert!(buckets.take("ann", at(501)).is_ok());
        assert!(buckets.take("ann", at(501)).is_err());
        assert_eq!(buckets.take("ann", at(20_000)).map(|standing| standing.remaining), Ok(9));
    }

    #[test]
    fn a_crowd_does_not_make_a_busy_one_forgotten() {
        let buckets = Buckets::new("test", RateLimit { per_minute: 600, burst: 100 });
        let now = Duration::from_secs(1);
        while buckets.take("busy", now).is_ok() {}
        for newcomer in 0..SETS * WAYS * 2 {
            assert!(buckets.take(newcomer, now).is_ok());
        }
        assert!(buckets.take("busy", now).is_err());
    }

    #[test]
    fn only_trusted_proxies_name_the_client() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let limits = Limits::new(&marquee_config::Limits::default(), &["10.0.0.0/8".parse().unwrap()]);
        let header = |text: &'static str| HeaderValue::from_static(text);
        let (proxy, client) = (address("10.0.0.1"), address("203.0.113.9"));
        assert_eq!(limits.client(client, Some(&header("1.2.3.4"))), client);
        assert_eq!(limits.client(proxy, Some(&header("1.2.3.4, 203.0.113.9"))), client);
        assert_eq!(limits.client(proxy, Some(&header("203.0.113.9, 10.0.0.1"))), client);
        assert_eq!(limits.client(proxy, Some(&header("nonsense"))), proxy);
        assert_eq!(limits.client(proxy, None), proxy);
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_a_bucket() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn this_machine_can_be_exempt() {
        let per_address = RateLimit { per_minute: 1, burst: 1 };
        let settings = marquee_config::Limits {
            per_address,
            loopback_exempt: true,
            ..marquee_config::Limits::default()
        };
        let limits = Limits::new(&settings, &[]);
        let (here, there) = ("127.0.0.1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        assert!((0..3).all(|_again| matches!(limits.request(here), Ok(None))));
        assert!(matches!(limits.request(there), Ok(Some(_))));
        assert_eq!(limits.request(there).unwrap_err().code(), "rate-limited");
    }
}
