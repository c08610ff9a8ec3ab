//! How venues come and go; see [`transfer`](crate::catalog::transfer).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use marquee_ledger::transfer::{Act, Stage, Standing};
use marquee_ledger::{AccountId, Broken, HallId, record};

use super::{Step, Stop};
use crate::catalog::command::{Change, Outcome, Refusal};
use crate::catalog::entity::{Hall, Performance, Stamp, Venue};
use crate::catalog::seat_map::SeatMap;
use crate::catalog::tables::EntityKind;
use crate::catalog::transfer::{
    self, Item, ItemKind, ItemName, Manifest, Passage, PassageStage, hash_of, owner_in,
};

impl Step<'_, '_> {
    pub(super) fn transfer(&mut self, step: &transfer::Step) -> Result<Outcome, Stop> {
        let venue = step.ledger.venue;
        match &step.ledger.act {
            Act::Prepare | Act::Depart { .. } | Act::Stay | Act::Yield { .. } => self.follow(step),
            // Orders only: nothing of the catalog follows.
            Act::Judge { .. }
            | Act::Late { .. }
            | Act::Withdraw { .. }
            | Act::Close { .. }
            | Act::Adopt(_) => self.follow(step),
            Act::Await { .. } => {
                let is_left = match self.passages.get(&venue).map(|passage| passage.stage) {
                    Some(PassageStage::Gone) | None => !self.tables.items(venue)?.is_empty(),
                    Some(PassageStage::Owned | PassageStage::Frozen | PassageStage::Arriving) => false,
                };
                if is_left {
                    return Err(left_over());
                }
                self.follow(step)
            }
            Act::Arrive(piece) => {
                check_items(venue, &step.items)?;
                let outcome = self.follow(step)?;
                // A piece that was here before may be older than what came after it.
                if let Outcome::Transferred(marquee_ledger::Outcome::Stands(Standing {
                    stage: Stage::Arriving(arrival),
                    ..
                })) = &outcome
                    && arrival.pieces == piece.number + 1
                {
                    self.put_items(&step.items)?;
                }
                Ok(outcome)
            }
            Act::Settle(_) => self.settle(step),
            Act::Forget { limit } | Act::Discard { limit } => self.clear(step, *limit),
        }
    }

    /// Asks the ledger, and stands as it does.
    fn follow(&mut self, step: &transfer::Step) -> Result<Outcome, Stop> {
        let outcome = self.sales.ask(marquee_ledger::Command::Transfer(Box::new(step.ledger.clone())))?;
        let outcome = outcome.map_err(Refusal::Sale)?;
        if let marquee_ledger::Outcome::Stands(standing) = &outcome {
            self.stand(step.ledger.venue, passage_of(*standing))?;
        }
        Ok(Outcome::Transferred(outcome))
    }

    fn stand(&mut self, venue: u32, passage: Passage) -> Result<(), Broken> {
        if self.passages.insert(venue, passage) != Some(passage) {
            self.tables.put_passage(venue, passage)?;
        }
        Ok(())
    }

    fn settle(&mut self, step: &transfer::Step) -> Result<Outcome, Stop> {
        let venue = step.ledger.venue;
        let is_arriving =
            self.passages.get(&venue).is_some_and(|passage| passage.stage == PassageStage::Arriving);
        let Some(manifest) = step.manifest.as_ref().filter(|_manifest| is_arriving) else {
            // It has settled already, or never will: the ledger says which, unless it would settle without a manifest.
            if is_arriving {
                return Err(incomplete());
            }
            return self.follow(step);
        };
        check_items(venue, &step.items)?;
        self.check_manifest(manifest, &step.items)?;
        let outcome = self.follow(step)?;
        // Nothing is refused from here on.
        self.put_items(&step.items)?;
        let wanted: BTreeSet<ItemName> = manifest.items.iter().map(|(name, _hash)| *name).collect();
        for name in self.tables.items(venue)? {
            if !wanted.contains(&name) {
                self.remove_item(name)?;
            }
        }
        self.tables.raise_counter(manifest.counter)?;
        // What is told of it from here on is newer than anything that its former group told.
        let lead = (manifest.stamp + 1).saturating_sub(self.at_index);
        if lead > *self.news_lead {
            *self.news_lead = lead;
            self.tables.put_news_lead(lead)?;
        }
        for (name, _hash) in &manifest.items {
            self.tell_item(*name)?;
        }
        Ok(outcome)
    }

    /// Refuses unless all that the manifest names is here, or comes along.
    fn check_manifest(&self, manifest: &Manifest, along: &[Item]) -> Result<(), Stop> {
        let along: BTreeMap<ItemName, &Item> = along.iter().map(|item| (item.name, item)).collect();
        for (name, hash) in &manifest.items {
            let has_it = match along.get(name) {
                Some(item) => name.kind == ItemKind::Map || hash_of(&item.record.0) == *hash,
                None => {
                    let record = self.tables.item(*name)?;
                    record.is_some_and(|record| name.kind == ItemKind::Map || hash_of(&record) == *hash)
                }
            };
            if !has_it {
                return Err(incomplete());
            }
        }
        Ok(())
    }

    /// Removes what is here of a venue, first the ledger's rows, at most so many; fewer means that none is left.
    fn clear(&mut self, step: &transfer::Step, limit: u32) -> Result<Outcome, Stop> {
        let ledger = self.sales.ask(marquee_ledger::Command::Transfer(Box::new(step.ledger.clone())))?;
        let marquee_ledger::Outcome::Treated { count } = ledger.map_err(Refusal::Sale)? else {
            return Err(Broken::Contradiction {
                what: "rows go, and the ledger answers otherwise".to_owned(),
            }
            .into());
        };
        let venue = step.ledger.venue;
        self.stand(venue, Passage { epoch: step.ledger.epoch, stage: PassageStage::Gone })?;
        let left = limit.saturating_sub(count) as usize;
        let items = self.tables.items(venue)?;
        let removed = items.len().min(left);
        for name in items.into_iter().take(left) {
            self.remove_item(name)?;
        }
        Ok(Outcome::Transferred(marquee_ledger::Outcome::Treated { count: count + removed as u32 }))
    }

    fn put_items(&mut self, items: &[Item]) -> Result<(), Broken> {
        for Item { name, record } in items {
            self.unlink_item(*name)?;
            self.tables.put_item(*name, Some(&record.0))?;
            self.link_item(*name)?;
        }
        Ok(())
    }

    fn remove_item(&mut self, name: ItemName) -> Result<(), Broken> {
        self.unlink_item(name)?;
        self.tables.put_item(name, None)
    }

    /// Makes an item be found by what it belongs to, and by its owner's name for it, unless that is taken here.
    fn link_item(&mut self, name: ItemName) -> Result<(), Broken> {
        let Some((kind, stamp, parents)) = self.relations(name)? else { return Ok(()) };
        for parent in parents {
            self.tables.link(parent, name.id)?;
        }
        let (owner, key) = owner_key(&stamp);
        if let Some(key) = key
            && self.tables.keyed(owner, kind, key)?.is_none()
        {
            self.tables.put_key(owner, kind, Some(key), name.id)?;
        }
        Ok(())
    }

    fn unlink_item(&mut self, name: ItemName) -> Result<(), Broken> {
        let Some((kind, stamp, parents)) = self.relations(name)? else { return Ok(()) };
        for parent in parents {
            self.tables.unlink(parent, name.id)?;
        }
        let (owner, key) = owner_key(&stamp);
        if let Some(key) = key
            && self.tables.keyed(owner, kind, key)? == Some(name.id)
        {
            self.tables.remove_key(owner, kind, Some(key))?;
        }
        Ok(())
    }

    /// What an item that is here is called by its owner, and what it belongs to.
    fn relations(&self, name: ItemName) -> Result<Option<(EntityKind, Stamp, Vec<u128>)>, Broken> {
        let Some(item) = self.tables.item(name)? else { return Ok(None) };
        Ok(Some(match name.kind {
            ItemKind::Map => return Ok(None),
            ItemKind::Venue => (EntityKind::Venue, record::decode::<Venue>(&item)?.stamp, Vec::new()),
            ItemKind::Hall => {
                let hall: Hall = record::decode(&item)?;
                (EntityKind::Hall, hall.stamp, vec![hall.venue.0])
            }
            ItemKind::Performance => {
                let shown: Performance = record::decode(&item)?;
                (EntityKind::Performance, shown.stamp, vec![shown.event.0, shown.hall.0])
            }
        }))
    }

    fn tell_item(&mut self, name: ItemName) -> Result<(), Broken> {
        let Some(item) = self.tables.item(name)? else { return Ok(()) };
        self.changes.push(match name.kind {
            ItemKind::Venue => Change::Venue(Arc::new(record::decode(&item)?)),
            ItemKind::Hall => Change::Hall(Arc::new(record::decode(&item)?)),
            ItemKind::Map => {
                let map: SeatMap = record::decode(&item)?;
                Change::SeatMap(HallId(name.id), name.version, Arc::new(map))
            }
            ItemKind::Performance => Change::Performance(Arc::new(record::decode(&item)?)),
        });
        Ok(())
    }
}

/// Refuses records that are another venue's, or none.
fn check_items(venue: u32, items: &[Item]) -> Result<(), Refusal> {
    for Item { name, record } in items {
        let bytes = &record.0;
        let is_sound = match name.kind {
            ItemKind::Venue => record::decode::<Venue>(bytes).is_ok_and(|venue| venue.id.0 == name.id),
            ItemKind::Hall => record::decode::<Hall>(bytes).is_ok_and(|hall| hall.id.0 == name.id),
            ItemKind::Map => record::decode::<SeatMap>(bytes).is_ok(),
            ItemKind::Performance => {
                record::decode::<Performance>(bytes).is_ok_and(|shown| shown.id.0 == name.id)
            }
        };
        if !is_sound || owner_in(name.id) != venue {
            return Err(Refusal::Invalid("a record on the move is not one of the venue's".to_owned()));
        }
    }
    Ok(())
}

const fn passage_of(standing: Standing) -> Passage {
    let stage = match standing.stage {
        Stage::Owned | Stage::Copied(_) => PassageStage::Owned,
        Stage::Departed(_) => PassageStage::Frozen,
        Stage::Arriving(_) => PassageStage::Arriving,
        Stage::Leaving | Stage::Gone | Stage::Yielded(_) => PassageStage::Gone,
    };
    let epoch = match standing.owned_at() {
        Some(epoch) => epoch,
        None => standing.epoch,
    };
    Passage { epoch, stage }
}

fn owner_key(stamp: &Stamp) -> (AccountId, Option<&str>) {
    (stamp.owner, stamp.key.as_deref())
}

fn incomplete() -> Stop {
    Refusal::Sale(marquee_ledger::Refusal::Incomplete).into()
}

fn left_over() -> Stop {
    Refusal::Sale(marquee_ledger::Refusal::LeftOver).into()
}
