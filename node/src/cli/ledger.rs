//! `marquee ledger verify`.

use std::fmt::Write as _;
use std::process::ExitCode;

use data_encoding::HEXLOWER;
use marquee_config::Settings;
use marquee_ledger::audit::{self, Progress, Report, VIOLATIONS_TOLD_MAX};
use marquee_replication::{GroupId, inspect};
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

#[derive(Serialize)]
struct Head {
    index: u64,
    hash: String,
}

pub(super) fn verify(settings: &Settings, json: bool) -> Result<ExitCode, Failed> {
    let inspection = inspect(&store_options(settings)?)?;
    let state = inspection.begin_read()?;
    let bar = output::progress(0, "");
    let report = audit::audit(&state, &GroupId(1).namespace(), &mut |Progress { table, done, total }| {
        bar.set_message(table);
        bar.set_length(total);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    if json {
        output::json(&told(&report));
    } else {
        output::text(&words(&report));
    }
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(VIOLATED) })
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
