//! What may a ledger have of venues that move, or have moved?

use std::collections::{BTreeMap, BTreeSet};

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable};

use super::Findings;
use crate::broken::Broken;
use crate::ids::OrderId;
use crate::tables::Names;
use crate::transfer::{Conflict, RowName, Stage, Standing};

/// Where the venues stand that ever moved; damaged records are told.
pub(super) fn standings(
    state: &ReadTransaction,
    names: &Names,
    findings: &mut Findings<'_>,
) -> Result<BTreeMap<u32, Standing>, Broken> {
    let mut standings = BTreeMap::new();
    for row in state.open_table(names.standings())?.iter()? {
        let (venue, bytes) = row?;
        let venue = venue.value();
        let name = || format!("the standing of venue {venue}");
        if let Some(standing) = findings.decoded::<Standing>(bytes.value(), name) {
            standings.insert(venue, standing);
            if let Some(epoch) = standing.owned_at().filter(|_epoch| standing.sells()) {
                findings.report.sold_here.insert(venue, epoch);
            }
        }
    }
    Ok(standings)
}

pub(super) fn check_notes(
    table: &ReadOnlyTable<(u32, u64), &'static [u8]>,
    standings: &BTreeMap<u32, Standing>,
    findings: &mut Findings<'_>,
) -> Result<(), Broken> {
    for row in table.range::<(u32, u64)>(..)? {
        let (key, bytes) = row?;
        let (venue, index) = key.value();
        let name = || format!("notes of venue {venue} by entry {index}");
        let Some(_names) = findings.decoded::<BTreeSet<RowName>>(bytes.value(), name) else { continue };
        let is_wanted = standings.get(&venue).is_some_and(|standing| match standing.stage {
            Stage::Copied(_) | Stage::Departed(_) | Stage::Leaving => true,
            Stage::Owned | Stage::Arriving(_) | Stage::Gone | Stage::Yielded(_) => false,
        });
        findings.check(is_wanted, || format!("{}: the venue does not move", name()));
    }
    Ok(())
}

pub(super) fn check_conflicts(
    table: &ReadOnlyTable<(u32, u128), &'static [u8]>,
    standings: &BTreeMap<u32, Standing>,
    findings: &mut Findings<'_>,
) -> Result<(), Broken> {
    for row in table.range::<(u32, u128)>(..)? {
        let (key, bytes) = row?;
        let (venue, order) = (key.value().0, OrderId(key.value().1));
        let name = || format!("the conflict of {order}");
        let Some(conflict) = findings.decoded::<Conflict>(bytes.value(), name) else { continue };
        let is_wanted = standings.get(&venue).is_some_and(|standing| match standing.stage {
            Stage::Yielded(_) | Stage::Leaving => true,
            Stage::Owned | Stage::Copied(_) | Stage::Departed(_) | Stage::Arriving(_) | Stage::Gone => false,
        });
        findings.check(is_wanted && conflict.order == order && order.owner() == venue, || {
            format!("{}: the venue was not yielded", name())
        });
    }
    Ok(())
}

/// Whether a venue's rows must agree with each other here.
pub(super) fn is_whole(standings: &BTreeMap<u32, Standing>, venue: u32) -> bool {
    standings.get(&venue).is_none_or(|standing| {
        // Whoever yielded a venue has all of it for as long as orders are in conflict; it is not theirs.
        standing.owned_at().is_some() || matches!(standing.stage, Stage::Yielded(_))
    })
}

/// Whether a row may be here at all; one of a venue that has gone may not.
pub(super) fn may_be_here(
    standings: &BTreeMap<u32, Standing>,
    venue: u32,
    findings: &mut Findings<'_>,
    name: impl FnOnce() -> String,
) {
    let is_gone = standings.get(&venue).is_some_and(|standing| standing.stage == Stage::Gone);
    findings.check(!is_gone, || format!("{} is here, but its venue {venue} has gone", name()));
}
