//! Many customers: as fast as they are answered, or by a schedule.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::connection::Connection;
use super::customer::{Customer, Ended, Errand, Possession, Wish};
use super::meter::{Counts, Meter};

/// How many connections are opened at a time, so that the listener's backlog is not what is measured.
const CONNECTING_MAX: usize = 256;

/// When customers come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// The next one as soon as a connection is free: a closed loop, which finds the highest rate.
    AsAnswered,
    /// So many a second on average, at random instants, however slow the answers are: an open loop. What each waits
    /// for a free connection counts as latency, so that a stall is felt by everyone who would have come meanwhile
    /// (no coordinated omission).
    Scheduled {
        /// How many a second.
        per_second: f64,
    },
}

/// A crowd.
#[derive(Debug, Clone)]
pub struct Crowd {
    /// Where the node listens.
    pub address: SocketAddr,
    /// What they come for.
    pub errand: Errand,
    /// What they want.
    pub wish: Wish,
    /// How many they are.
    pub customers: u64,
    /// How many connections they share.
    pub connections: usize,
    /// When they come.
    pub pace: Pace,
}

/// What became of a crowd.
#[derive(Debug)]
pub struct Outcome {
    /// What was counted.
    pub counts: Counts,
    /// What the customers have got.
    pub possessions: Vec<Possession>,
}

struct Gate {
    next: AtomicU64,
    meter: Meter,
    possessions: Mutex<Vec<Possession>>,
    /// When each customer is due, after the beginning. Empty if nobody waits.
    schedule: Vec<Duration>,
}

impl Crowd {
    /// Connects, lets everyone in, and returns when the last one is through. `progress` is told now and then how many
    /// are.
    ///
    /// # Errors
    /// If not all connections can be opened.
    pub async fn run(self, mut progress: impl FnMut(u64)) -> std::io::Result<Outcome> {
        let connections = self.connect().await?;
        let schedule = match self.pace {
            Pace::AsAnswered => Vec::new(),
            Pace::Scheduled { per_second } => schedule(self.customers, per_second),
        };
        let gate = std::sync::Arc::new(Gate {
            next: AtomicU64::new(0),
            meter: Meter::start(Instant::now()),
            possessions: Mutex::new(Vec::new()),
            schedule,
        });
        let crowd = std::sync::Arc::new(self);
        let mut lanes = JoinSet::new();
        for connection in connections {
            let (crowd, gate) = (crowd.clone(), gate.clone());
            lanes.spawn(async move { crowd.serve(connection, &gate).await });
        }
        let mut ticker = tokio::time::interval(Duration::from_millis(100));
        loop {
            tokio::select! {
                lane = lanes.join_next() => match lane {
                    Some(Ok(())) => {}
                    Some(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
                    None => break,
                },
                _tick = ticker.tick() => progress(gate.meter.ended()),
            }
        }
        progress(gate.meter.ended());
        // Every lane has ended and given back its share.
        let gate = std::sync::Arc::into_inner(gate).expect("the lanes have ended");
        let possessions = gate.possessions.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Outcome { counts: gate.meter.finish(), possessions })
    }

    async fn connect(&self) -> std::io::Result<Vec<Connection>> {
        // No more than there are customers.
        let wanted = self.connections.min(usize::try_from(self.customers).unwrap_or(usize::MAX));
        let mut open = Vec::with_capacity(wanted);
        let mut opening = JoinSet::new();
        let mut begun = 0;
        while open.len() < wanted {
            while begun < wanted && opening.len() < CONNECTING_MAX {
                opening.spawn(Connection::open(self.address));
                begun += 1;
            }
            match opening.join_next().await {
                Some(Ok(connection)) => open.push(connection?),
                Some(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
                None => break,
            }
        }
        Ok(open)
    }

    /// Serves one customer after another on a connection.
    async fn serve(&self, connection: Connection, gate: &Gate) {
        let mut customer = Customer::new(&self.wish, connection);
        loop {
            let nth = gate.next.fetch_add(1, Ordering::Relaxed);
            if nth >= self.customers {
                return;
            }
            let due = gate.due(nth).await;
            if !customer.is_usable() {
                match Connection::open(self.address).await {
                    Ok(connection) => customer = Customer::new(&self.wish, connection),
                    Err(error) => {
                        gate.meter.leave_unanswered(|| format!("cannot connect: {error}"));
                        continue;
                    }
                }
            }
            match customer.run(nth, self.errand).await {
                Ended::Got(possession) => {
                    gate.meter.succeed(due);
                    gate.possessions.lock().unwrap_or_else(PoisonError::into_inner).push(possession);
                }
                Ended::Refused { status, code } => gate.meter.refuse(status, code),
                Ended::Unanswered(why) => gate.meter.leave_unanswered(|| why),
            }
        }
    }
}

impl Gate {
    /// Waits until the `nth` customer is due; returns when that was.
    async fn due(&self, nth: u64) -> Instant {
        // One entry per customer, if there is a schedule.
        match self.schedule.get(nth as usize) {
            Some(after) => {
                let due = self.meter.began() + *after;
                tokio::time::sleep_until(due.into()).await;
                due
            }
            None => Instant::now(),
        }
    }
}

/// Arrivals at random, independent of each other (a Poisson process), the same in every run.
fn schedule(customers: u64, per_second: f64) -> Vec<Duration> {
    let mut random = SplitMix(0x6d61_7271_7565_6531);
    let mut at = 0.0;
    let arrivals = (0..customers).map(|_nth| {
        at += -(1.0 - random.fraction()).ln() / per_second.max(f64::MIN_POSITIVE);
        Duration::try_from_secs_f64(at).unwrap_or(Duration::MAX / 4)
    });
    arrivals.collect()
}

/// Steele, Lea and Flood's `SplitMix64`: enough for arrivals.
struct SplitMix(u64);

impl SplitMix {
    /// From 0 up to, not including, 1.
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_come_at_the_rate_asked_for_and_in_order() {
        let arrivals = schedule(10_000, 500.0);
        assert!(arrivals.windows(2).all(|pair| pair[0] <= pair[1]));
        let seconds = arrivals.last().unwrap().as_secs_f64();
        assert!((seconds - 20.0).abs() < 1.0, "{seconds}");
        // Of a Poisson process, 1 / e of the gaps are longer than the average.
        let long = arrivals.windows(2).filter(|pair| pair[1] - pair[0] > Duration::from_millis(2)).count();
        assert!((3_400..3_950).contains(&long), "{long}");
    }
}
