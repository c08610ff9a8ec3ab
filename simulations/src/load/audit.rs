//! Reading back what the crowd was told it has.
//!
//! What a node acknowledged must be so afterwards: every order is found, booked and has valid tickets, every seat of it is
//! booked in the seat map, and no seat is in two orders. The audit reads all of it through the API, as the organizer.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use anyhow::Context as _;
use tokio::task::JoinSet;

use super::answers::{Order, SeatMap};
use super::customer::{Errand, Possession, Wish, has_valid_tickets};
use super::session::Session;

const READERS: usize = 32;

/// What was found. All of it should be 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Findings {
    /// Seats that are in more than one acknowledged order or hold.
    pub double_booked: u64,
    /// Acknowledged orders and holds that are not found, not as acknowledged, or whose seats are not theirs.
    pub lost: u64,
    /// Seats that are booked and in no acknowledged order.
    pub unclaimed: u64,
    /// Some of the findings, in words.
    pub examples: Vec<String>,
}

/// A seat as tickets name it: performance, section, row, number.
type SeatName = (usize, String, String, String);

impl Findings {
    /// Whether everything is as it was acknowledged.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.double_booked + self.lost + self.unclaimed == 0
    }

    /// Adds another's.
    pub fn add(&mut self, other: Self) {
        self.double_booked += other.double_booked;
        self.lost += other.lost;
        self.unclaimed += other.unclaimed;
        self.examples.extend(other.examples);
        self.examples.truncate(5);
    }

    fn tell(&mut self, example: impl FnOnce() -> String) {
        if self.examples.len() < 5 {
            self.examples.push(example());
        }
    }
}

/// Reads back everything that a crowd was given. `progress` is told how many orders have been read.
///
/// # Errors
/// If the node does not answer; a wrong answer is a finding.
pub async fn read_back(
    session: &mut Session,
    wish: &Wish,
    errand: Errand,
    possessions: Vec<Possession>,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let possessions = Arc::new(possessions);
    let claims = match errand {
        Errand::Hold => Vec::new(),
        Errand::Purchase => read_orders(session, possessions.clone(), &mut findings, &mut progress).await?,
    };
    for performance in 0..wish.performances.len() {
        let path = format!("/v1/performances/{}/seats", wish.performances[performance]);
        let (status, body) = session.exchange("GET", &path, b"").await?;
        anyhow::ensure!(status == 200, "GET {path} was answered {status}");
        let map: SeatMap<'_> =
            serde_json::from_slice(body).context("the seat map has an unexpected shape")?;
        match errand {
            Errand::Hold => compare_holds(performance, &possessions, &map, &mut findings),
            Errand::Purchase => compare_orders(performance, &possessions, &claims, &map, &mut findings),
        }
    }
    Ok(findings)
}

/// The seats that the tickets of the acknowledged orders name, with the orders' positions.
async fn read_orders(
    session: &Session,
    possessions: Arc<Vec<Possession>>,
    findings: &mut Findings,
    progress: &mut impl FnMut(u64),
) -> anyhow::Result<Vec<(SeatName, usize)>> {
    let (next, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU64::new(0)));
    let mut readers = JoinSet::new();
    for _reader in 0..READERS.min(possessions.len()) {
        let reader = session.another().await?;
        readers.spawn(read_some(reader, possessions.clone(), next.clone(), done.clone()));
    }
    let mut claims = Vec::with_capacity(possessions.len());
    let mut ticker = tokio::time::interval(std::time::Duration::from_millis(100));
    loop {
        tokio::select! {
            _tick = ticker.tick() => progress(done.load(Ordering::Relaxed)),
            ended = readers.join_next() => {
                let Some(ended) = ended else { return Ok(claims) };
                let (some_claims, some_findings) = ended??;
                claims.extend(some_claims);
                findings.add(some_findings);
            }
        }
    }
}

async fn read_some(
    mut session: Session,
    possessions: Arc<Vec<Possession>>,
    next: Arc<AtomicUsize>,
    done: Arc<AtomicU64>,
) -> anyhow::Result<(Vec<(SeatName, usize)>, Findings)> {
    let (mut claims, mut findings) = (Vec::new(), Findings::default());
    loop {
        let nth = next.fetch_add(1, Ordering::Relaxed);
        let Some(possession) = possessions.get(nth) else { return Ok((claims, findings)) };
        let path = format!("/v1/bookings/{}", possession.id);
        let (status, body) = session.exchange("GET", &path, b"").await?;
        let order = serde_json::from_slice::<Order<'_>>(body).ok().filter(|_order| status == 200);
        let as_acknowledged = order.as_ref().is_some_and(|order| {
            order.id == possession.id
                && order.status == "booked"
                && has_valid_tickets(order)
                && order.tickets.len() == possession.seats.len()
        });
        if !as_acknowledged {
            findings.lost += 1;
            findings.tell(|| format!("GET {path} is answered {status}: {}", String::from_utf8_lossy(body)));
        }
        for ticket in order.iter().flat_map(|order| &order.tickets).filter(|ticket| ticket.status == "valid")
        {
            let text =
                |part: &Option<std::borrow::Cow<'_, str>>| part.as_deref().unwrap_or_default().to_owned();
            let name =
                (possession.performance, text(&ticket.section), text(&ticket.row), text(&ticket.number));
            claims.push((name, nth));
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
}

/// Every seat in one order only; those of the orders are booked, and no others.
fn compare_orders(
    performance: usize,
    possessions: &[Possession],
    claims: &[(SeatName, usize)],
    map: &SeatMap<'_>,
    findings: &mut Findings,
) {
    let mut owners: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for ((in_performance, section, row, number), nth) in claims {
        if *in_performance == performance {
            let seat = (section.as_str(), row.as_str(), number.as_str());
            if let Some(other) = owners.insert(seat, *nth) {
                findings.double_booked += 1;
                let (one, two) = (&possessions[other].id, &possessions[*nth].id);
                findings.tell(|| format!("{seat:?} is in {one} and in {two}"));
            }
        }
    }
    let mut booked = HashSet::new();
    for seat in map.seats.iter().filter(|seat| seat.status == "booked") {
        let name = (seat.section.as_ref(), seat.row.as_ref(), seat.number.as_ref());
        booked.insert(name);
        if !owners.contains_key(&name) {
            findings.unclaimed += 1;
            findings.tell(|| format!("{} is booked for nobody", seat.id));
        }
    }
    let without_seat: HashSet<_> =
        owners.iter().filter(|(seat, _nth)| !booked.contains(*seat)).map(|(_seat, nth)| *nth).collect();
    findings.lost += without_seat.len() as u64;
    if let Some(nth) = without_seat.iter().next() {
        findings.tell(|| format!("a seat of {} is not booked", possessions[*nth].id));
    }
}

/// Every seat in one hold only, and held.
fn compare_holds(performance: usize, possessions: &[Possession], map: &SeatMap<'_>, findings: &mut Findings) {
    let held: HashSet<_> =
        map.seats.iter().filter(|seat| seat.status == "held").map(|seat| seat.id).collect();
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for possession in possessions.iter().filter(|possession| possession.performance == performance) {
        for seat in &possession.seats {
            if let Some(other) = owners.insert(seat, &possession.id) {
                findings.double_booked += 1;
                findings.tell(|| format!("{seat} is in {other} and in {}", possession.id));
            }
        }
        if possession.seats.is_empty() || !possession.seats.iter().all(|seat| held.contains(seat.as_str())) {
            findings.lost += 1;
            findings.tell(|| format!("a seat of {} is not held", possession.id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(statuses: &'static [&'static str]) -> SeatMap<'static> {
        const NUMBERS: [&str; 4] = ["0", "1", "2", "3"];
        let seat = |(nth, status): (usize, &&'static str)| super::super::answers::Seat {
            id: NUMBERS[nth],
            section: "S".into(),
            row: "R".into(),
            number: NUMBERS[nth].into(),
            status,
        };
        SeatMap { seats: statuses.iter().enumerate().map(seat).collect() }
    }

    fn possession(id: &str, seats: &[&str]) -> Possession {
        let seats = seats.iter().map(|seat| (*seat).to_owned()).collect();
        Possession { performance: 0, id: id.to_owned(), seats }
    }

    fn orders(possessions: &[Possession], statuses: &'static [&'static str]) -> (u64, u64, u64) {
        let name = |seat: &String| (0, "S".to_owned(), "R".to_owned(), seat.clone());
        let claims: Vec<_> = possessions
            .iter()
            .enumerate()
            .flat_map(|(nth, possession)| possession.seats.iter().map(move |seat| (name(seat), nth)))
            .collect();
        let mut findings = Findings::default();
        compare_orders(0, possessions, &claims, &map(statuses), &mut findings);
        (findings.double_booked, findings.lost, findings.unclaimed)
    }

    #[test]
    fn orders_that_fit_the_map_are_clean_and_others_are_found() {
        let two = [possession("a", &["0"]), possession("b", &["1"])];
        assert_eq!(orders(&two, &["booked", "booked", "free", "held"]), (0, 0, 0));
        assert_eq!(orders(&two, &["booked", "free", "free", "free"]), (0, 1, 0));
        assert_eq!(orders(&two, &["booked", "booked", "booked", "free"]), (0, 0, 1));
        let same = [possession("a", &["0"]), possession("b", &["0"])];
        assert_eq!(orders(&same, &["booked", "free", "free", "free"]), (1, 0, 0));
    }

    #[test]
    fn holds_that_fit_the_map_are_clean_and_others_are_found() {
        let check = |possessions: &[Possession], statuses| {
            let mut findings = Findings::default();
            compare_holds(0, possessions, &map(statuses), &mut findings);
            (findings.double_booked, findings.lost)
        };
        let two = [possession("a", &["0", "1"]), possession("b", &["2"])];
        assert_eq!(check(&two, &["held", "held", "held", "free"]), (0, 0));
        assert_eq!(check(&two, &["held", "free", "held", "free"]), (0, 1));
        let same = [possession("a", &["0", "1"]), possession("b", &["1"])];
        assert_eq!(check(&same, &["held", "held", "free", "free"]), (1, 0));
    }
}
