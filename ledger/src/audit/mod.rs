//! The audit: is this copy of the ledger whole, and does it keep its promises?
//!
//! It reads every record of every table once, and from what it reads derives anew what other records claim: the hash
//! chain from the journal's rows (`chain`), the owner of every seat and the counts of every performance from holds,
//! orders and kills (`places`), what may be here of venues that move (`transit`), every order's balances from its tickets
//! and refunds (`money`). It changes nothing, runs on any snapshot, also of a node that sells meanwhile, and says in words
//! what is wrong.

mod chain;
mod money;
mod places;
mod transit;

use std::collections::BTreeMap;

use redb::ReadTransaction;

use crate::broken::Broken;
use crate::journal::ChainLink;
use crate::record;
use crate::tables::Names;

/// How many violations are told in words; the others are only counted.
pub const VIOLATIONS_TOLD_MAX: usize = 1_000;

/// What an audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Entries of the journal.
    pub entries: u64,
    /// Answers in the journal.
    pub answers: u64,
    /// Performances on sale or sold.
    pub performances: u64,
    /// Open holds.
    pub holds: u64,
    /// Orders.
    pub orders: u64,
    /// Places that are sold: tickets that admit.
    pub tickets_valid: u64,
    /// Tasks in the outbox.
    pub tasks: u64,
    /// The venues that this ledger sells, each with the epoch of its placement.
    pub sold_here: BTreeMap<u32, u64>,
    /// The chain's last link, as recomputed.
    pub head: Option<ChainLink>,
    /// What is wrong, in words; the first [`VIOLATIONS_TOLD_MAX`].
    pub violations: Vec<String>,
    /// How much is wrong.
    pub violations_count: u64,
}

/// How far an audit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it reads.
    pub table: &'static str,
    /// How many records of it were read.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// Audits the ledger whose tables have names under `namespace`. `progress` is called every few thousand records.
///
/// # Errors
/// When the storage failed. Records that are damaged or contradict each other are no errors but violations in the report.
pub fn audit(
    state: &ReadTransaction,
    namespace: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, Broken> {
    let names = Names::new(namespace);
    let mut findings = Findings { report: Report::default(), progress };
    chain::check(state, &names, &mut findings)?;
    places::check(state, &names, &mut findings)?;
    Ok(findings.report)
}

/// What is wrong with several groups' ledgers together, in words: a venue that more than one of them sells. The reports
/// must be of one moment: a venue that settles between two of them would be told wrongly.
#[must_use]
pub fn contested(reports: &[(String, &Report)]) -> Vec<String> {
    let mut sellers: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (name, report) in reports {
        for (venue, epoch) in &report.sold_here {
            sellers.entry(*venue).or_default().push(format!("{name} at epoch {epoch}"));
        }
    }
    let contested = sellers.into_iter().filter(|(_venue, sellers)| sellers.len() > 1);
    contested
        .map(|(venue, sellers)| format!("venue {venue} is sold by {}", sellers.join(" and by ")))
        .collect()
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.violations_count == 0
    }
}

/// The report under way.
struct Findings<'p> {
    report: Report,
    progress: &'p mut dyn FnMut(Progress),
}

impl Findings<'_> {
    const RECORDS_PER_PROGRESS: u64 = 4_096;

    fn violated(&mut self, what: impl FnOnce() -> String) {
        self.report.violations_count += 1;
        if self.report.violations.len() < VIOLATIONS_TOLD_MAX {
            self.report.violations.push(what());
        }
    }

    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.violated(what);
        }
    }

    /// The content of a record; none, and a violation, if it is damaged.
    fn decoded<T: serde::de::DeserializeOwned>(
        &mut self,
        bytes: &[u8],
        name: impl FnOnce() -> String,
    ) -> Option<T> {
        self.sound(record::decode(bytes), name)
    }

    fn sound<T>(&mut self, read: Result<T, Broken>, name: impl FnOnce() -> String) -> Option<T> {
        read.inspect_err(|error| self.violated(|| format!("{}: {error}", name()))).ok()
    }

    fn step(&mut self, table: &'static str, done: u64, total: u64) {
        if done.is_multiple_of(Self::RECORDS_PER_PROGRESS) || done == total {
            (self.progress)(Progress { table, done, total });
        }
    }
}
