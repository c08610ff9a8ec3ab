//! After the faults: everything heals, and then everything must come to rest, in order.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use marquee_ledger::audit::audit;
use marquee_ledger::{Order, PerformanceId};
use marquee_node::catalog::CatalogCopy;
use marquee_node::directory::View;
use marquee_node::home::{Failure, Home};
use marquee_node::machine::{Audience, Machine};
use marquee_replication::{GroupId, Machine as _, MachineError, NodeId, TableVisitor};
use redb::{Key, ReadTransaction, ReadableTable, TableDefinition, TableError, Value};

use super::director::Duty;
use super::trace::note;
use super::world::{CALM_MS_MAX, World};

/// Heals the world, waits until it rests, and examines everything.
pub(super) fn close(world: &mut World) {
    if !world.auditor.violations().is_empty() {
        return;
    }
    note!(world.trace, "everything heals");
    world.heal();
    world.public.stage.is_closing.store(true, Ordering::Relaxed);
    let rests = [
        ("the cluster settles", is_settled as fn(&World) -> bool),
        ("everybody is answered", is_answered),
        ("the outboxes are empty", has_no_tasks),
    ];
    for (what, is_so) in rests {
        if !wait(world, what, is_so) {
            return;
        }
    }
    // Rot that nobody met stays where it is until its node goes.
    for node in world.rotten() {
        world.have_done(Duty::Replace { node });
    }
    let groups: Vec<GroupId> = world.homesteads().into_keys().collect();
    world.have_done(Duty::Touch { groups });
    // It begins with the next step.
    let _began = world.run_while(10, is_answered);
    let rests = [
        ("every group carries something out", is_answered as fn(&World) -> bool),
        ("the cluster settles again", is_settled),
        ("replicas have the same", have_same_index),
        ("all nodes have the same catalog", have_same_catalog),
    ];
    for (what, is_so) in rests {
        if !wait(world, what, is_so) {
            return;
        }
    }
    compare_states(world);
    examine_books(world);
}

fn wait(world: &mut World, what: &str, is_so: fn(&World) -> bool) -> bool {
    let is_fine = |world: &World| world.auditor.violations().is_empty();
    let came = world.run_while(CALM_MS_MAX, |world| !is_so(world) && is_fine(world));
    note!(world.trace, "{what}: {came}");
    if !came {
        world.public.stage.is_over.store(true, Ordering::Relaxed);
        let waiting = world.public.stage.waiting();
        world.auditor.violated(format!(
            "it heals, and then this does not come in {CALM_MS_MAX} ms: {what}; at work are {waiting:?}; {:?}; {:?}; {}",
            world.why_unsettled(),
            catalog_difference(world),
            progress(world)
        ));
    }
    is_fine(world)
}

fn is_settled(world: &World) -> bool {
    world.board.is_settled()
}

fn is_answered(world: &World) -> bool {
    world.public.stage.waiting().is_empty()
}

fn has_no_tasks(world: &World) -> bool {
    world.homesteads().values().all(|at| {
        let tasks = at.home.snapshot().and_then(|state| Ok(state.ledger()?.tasks(0, 1)?));
        tasks.is_ok_and(|tasks| tasks.is_empty())
    })
}

/// The members of every group, each with its replica.
fn members(world: &World) -> BTreeMap<GroupId, Vec<(NodeId, Home)>> {
    let homes = world.homesteads();
    let mut members: BTreeMap<GroupId, Vec<(NodeId, Home)>> = BTreeMap::new();
    for (node, replica) in world.replicas() {
        let group = homes.get(&replica.id()).map(|at| at.home.group().members());
        if group.is_some_and(|group| group.voters.contains(&node)) {
            members.entry(replica.id()).or_default().push((node, replica));
        }
    }
    members
}

fn have_same_index(world: &World) -> bool {
    members(world).values().all(|replicas| {
        let last = replicas.iter().map(|(_, replica)| replica.group().metrics().last_index).max();
        replicas.iter().all(|(_, replica)| Some(replica.group().metrics().applied_index) == last)
    })
}

/// How far each replica is.
fn progress(world: &World) -> String {
    let told = members(world).into_iter().flat_map(|(group, replicas)| {
        replicas.into_iter().map(move |(node, replica)| {
            let metrics = replica.group().metrics();
            let lags = replica.group().lags();
            let (applied, last, term) = (metrics.applied_index, metrics.last_index, metrics.term);
            format!("{group} on {node}: {applied} of {last} in term {term}, behind are {lags:?}")
        })
    });
    told.collect::<Vec<_>>().join("; ")
}

fn have_same_catalog(world: &World) -> bool {
    catalog_difference(world).is_none()
}

/// Where the catalog or the directory of one node differs from another's, or lacks an event that was made.
fn catalog_difference(world: &World) -> Option<String> {
    let lives =
        world.sites.iter().filter_map(|(node, site)| Some((node, site.life.as_ref()?.seen.commons()?)));
    let told: Vec<_> =
        lives.map(|(node, commons)| (node, told(world, &commons.copy, &commons.views.now()))).collect();
    let Some((first, expected)) = told.first() else { return Some("no node runs".to_owned()) };
    if let Some(unknown) = expected.iter().find(|line| line.ends_with(" None")) {
        return Some(format!("{first} lacks {unknown}"));
    }
    let (node, differing) = told.iter().find(|(_node, here)| here != expected)?;
    let other = differing.iter().find(|line| !expected.contains(line));
    let lost = expected.iter().find(|line| !differing.contains(line));
    Some(format!("{node} has {other:?} where {first} has {lost:?}"))
}

/// What a node knows, a line for each thing.
fn told(world: &World, copy: &CatalogCopy, view: &View) -> Vec<String> {
    let index = copy.read();
    let mut lines: Vec<_> = index.venues_all().map(|venue| format!("{venue:?}")).collect();
    lines.extend(world.board.events().iter().map(|event| format!("{event} {:?}", index.event(*event))));
    lines.extend(view.nodes().values().map(|node| format!("{node:?}")));
    lines.extend(view.groups().values().map(|group| format!("{group:?}")));
    lines.extend(view.placements().values().map(|placement| format!("{placement:?}")));
    lines
}

/// Every table of every group has the same rows on all of the group's replicas.
fn compare_states(world: &World) {
    for (group, replicas) in members(world) {
        let mut first: Option<(NodeId, [u8; 32])> = None;
        for (node, replica) in replicas {
            let hash = match hash(&replica) {
                Ok(hash) => hash,
                Err(why) => {
                    world.auditor.violated(format!("group {group} cannot be read on node {node}: {why}"));
                    continue;
                }
            };
            let (other, known) = *first.get_or_insert((node, hash));
            if known != hash {
                world.auditor.violated(format!(
                    "group {group} has other rows on node {node} than on node {other}, at the same entry"
                ));
            }
            audit_replica(world, node, &replica);
        }
    }
}

fn audit_replica(world: &World, node: NodeId, replica: &Home) {
    let (group, namespace) = (replica.id(), replica.id().namespace());
    let report = replica
        .group()
        .snapshot()
        .map_err(Failure::from)
        .and_then(|state| Ok(audit(&state, &namespace, &mut |_progress| {})?));
    match report {
        Ok(report) if report.is_whole() => {}
        Ok(report) => {
            let found = report.violations.join("; ");
            world.auditor.violated(format!("the audit of group {group} on node {node}: {found}"));
        }
        Err(failure) => world.auditor.violated(format!("group {group} cannot be audited: {failure}")),
    }
}

fn examine_books(world: &mut World) {
    let mut orders: Vec<Order> = Vec::new();
    for at in world.homesteads().values() {
        world.auditor.examine(at.node, &at.home, at.term);
        let view = at.home.commons().views.now();
        let ours = |performance: PerformanceId| view.group_of_venue(performance.owner()) == at.home.id();
        for show in world.auditor.shows().into_iter().filter(|show| ours(show.performance)) {
            let found = at
                .home
                .snapshot()
                .and_then(|state| Ok(state.ledger()?.orders_of(show.performance, None, usize::MAX)?));
            orders.extend(found.unwrap_or_default());
        }
    }
    world.auditor.check_money(&world.gateway.moved(), &orders);
    world.auditor.check_histories();
    note!(world.trace, "{:?}", world.auditor.counts());
}

/// A hash over all rows of all tables of a replica.
fn hash(replica: &Home) -> Result<[u8; 32], String> {
    let state = replica.group().snapshot().map_err(|error| error.to_string())?;
    let commons = replica.commons();
    let audience = Audience {
        revocations: std::sync::Arc::clone(&commons.revocations),
        listeners: Vec::new(),
        publisher: std::sync::Arc::clone(&commons.spread) as _,
    };
    // It is asked for the names of its tables only.
    let machine = Machine::new(replica.id(), marquee_ledger::Options::default(), audience);
    let mut rows = Rows { state: &state, hasher: blake3::Hasher::new() };
    machine.visit_tables(&mut rows).map_err(|error| error.chain())?;
    Ok(*rows.hasher.finalize().as_bytes())
}

struct Rows<'s> {
    state: &'s ReadTransaction,
    hasher: blake3::Hasher,
}

impl TableVisitor for Rows<'_> {
    fn table<K: Key + 'static, V: Value + 'static>(
        &mut self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<(), MachineError> {
        let table = match self.state.open_table(definition) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            table => table?,
        };
        for row in table.iter()? {
            let (key, value) = row?;
            let (key, value) = (key.value(), value.value());
            for part in [K::as_bytes(&key).as_ref(), V::as_bytes(&value).as_ref()] {
                self.hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
            }
        }
        Ok(())
    }
}
