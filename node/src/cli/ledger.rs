//! `marquee ledger verify`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::ExitCode;

use data_encoding::HEXLOWER;
use marquee_config::Settings;
use marquee_ledger::audit::{self, Progress, Report, VIOLATIONS_TOLD_MAX};
use marquee_replication::{GroupId, inspect};
use redb::{ReadTransaction, TableHandle};
use serde::Serialize;

use super::{Failed, output};
use crate::node::store_options;

/// Exit status when something is wrong with the ledger.
const VIOLATED: u8 = 3;

/// The report, for scripts.
#[derive(Serialize)]
struct Told<'r> {
    whole: bool,
    entries: u64,
    answers: u64,
    performances: u64,
    holds: u64,
    orders: u64,
    tickets_valid: u64,
    tasks: u64,
    chain: Option<Head>,
    violations_count: u64,
    violations: &'r [String],
}

/// The reports of all groups, for scripts.
#[derive(Serialize)]
struct ToldAll<'r> {
    whole: bool,
    tickets_valid: u64,
    violations_count: u64,
    groups: BTreeMap<String, Told<'r>>,
}

#[derive(Serialize)]
struct Head {
    index: u64,
    hash: String,
}

pub(super) fn verify(settings: &Settings, json: bool) -> Result<ExitCode, Failed> {
    let inspection = inspect(&store_options(settings)?)?;
    let state = inspection.begin_read()?;
    let mut reports = BTreeMap::new();
    for group in groups(&state)? {
        let bar = output::progress(0, "");
        let report = audit::audit(&state, &group.namespace(), &mut |Progress { table, done, total }| {
            bar.set_message(format!("{group} {table}"));
            bar.set_length(total);
            bar.set_position(done);
        })?;
        bar.finish_and_clear();
        reports.insert(group, report);
    }
    if reports.is_empty() {
        return Err(Failed::new("the node has no group yet: it was never started"));
    }
    let violations_count: u64 = reports.values().map(|report| report.violations_count).sum();
    if json {
        output::json(&ToldAll {
            whole: violations_count == 0,
            tickets_valid: reports.values().map(|report| report.tickets_valid).sum(),
            violations_count,
            groups: reports.iter().map(|(group, report)| (group.to_string(), told(report))).collect(),
        });
    } else {
        for (group, report) in &reports {
            // A lone node has one group, which nobody has to know of.
            let name = if reports.len() == 1 { String::new() } else { format!("Group {group}: ") };
            output::text(&format!("{name}{}", words(report)));
        }
    }
    Ok(if violations_count == 0 { ExitCode::SUCCESS } else { ExitCode::from(VIOLATED) })
}

/// The groups that the state has, by the names of its tables.
fn groups(state: &ReadTransaction) -> Result<BTreeSet<GroupId>, Failed> {
    let mut groups = BTreeSet::new();
    for table in state.list_tables()? {
        let group =
            table.name().split_once('/').and_then(|(group, _table)| group.strip_prefix('g')?.parse().ok());
        groups.extend(group.map(GroupId));
    }
    Ok(groups)
}

fn told(report: &Report) -> Told<'_> {
    Told {
        whole: report.is_whole(),
        entries: report.entries,
        answers: report.answers,
        performances: report.performances,
        holds: report.holds,
        orders: report.orders,
        tickets_valid: report.tickets_valid,
        tasks: report.tasks,
        chain: report.head.map(|head| Head { index: head.index, hash: HEXLOWER.encode(&head.hash) }),
        violations_count: report.violations_count,
        violations: &report.violations,
    }
}

fn words(report: &Report) -> String {
    let Report { entries, answers, performances, holds, orders, tickets_valid, tasks, .. } = report;
    let mut text = String::new();
    // Writing to a string does not fail.
    _ = writeln!(
        text,
        "{entries} entries with {answers} answers; {performances} performances, {holds} holds,"
    );
    _ = writeln!(text, "{orders} orders with {tickets_valid} valid tickets, {tasks} tasks in the outbox.");
    if let Some(head) = report.head {
        _ = writeln!(text, "Chain: entry {} {}", head.index, HEXLOWER.encode(&head.hash));
    }
    for violation in &report.violations {
        _ = writeln!(text, "WRONG: {violation}");
    }
    if report.violations_count > VIOLATIONS_TOLD_MAX as u64 {
        _ = writeln!(text, "… and {} more", report.violations_count - VIOLATIONS_TOLD_MAX as u64);
    }
    let verdict = match report.violations_count {
        0 => "The ledger is whole: every seat has at most one owner, all money adds up.".to_owned(),
        count => format!(
            "The ledger is NOT whole: {count} violations. Keep this folder as it is and restore a backup."
        ),
    };
    _ = writeln!(text, "{verdict}");
    text
}
