//! `marquee export`: what a stopped node has, in the formats of others.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use marquee_config::Settings;
use marquee_ledger::HallId;

use super::import::owner_of;
use super::{Failed, Folder, output, runtime};
use crate::catalog::EntityKind;
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Event, Performance};
use crate::drawing::trace;
use crate::formats::jsonld::{Told, graph};
use crate::formats::{calendar, pretix, table};
use crate::node::Node;

/// What is written.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Writes an organizer's performances, those to come, as a table, a calendar, or events of schema.org.
    #[command(
        after_help = "Example:\n  marquee export performances --data data/demo --owner organizer@marquee.example --format csv > performances.csv"
    )]
    Performances {
        #[command(flatten)]
        wanted: Wanted,
        /// How they are written.
        #[arg(long, value_enum, default_value = "csv")]
        format: ListFormat,
        /// What the addresses of events begin with.
        #[arg(long, default_value = "", value_name = "URL")]
        front: String,
        /// Those that are over, too.
        #[arg(long)]
        all: bool,
    },
    /// Writes a hall as a seating plan of pretix, or as a drawing of ours.
    #[command(
        after_help = "Example:\n  marquee export hall fox-hall --data data/demo --owner organizer@marquee.example > plan.json"
    )]
    Hall {
        /// Its owner's key for it, or its id.
        hall: String,
        #[command(flatten)]
        wanted: Wanted,
        /// How it is written.
        #[arg(long, value_enum, default_value = "pretix")]
        format: HallFormat,
    },
}

/// Of whom, and where to.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    #[command(flatten)]
    folder: Folder,
    /// Whose they are: the e-mail address of an organizer's account.
    #[arg(long, value_name = "EMAIL")]
    owner: String,
    /// Where it is written; to standard output unless it is said.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How performances are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// A line each, to be imported again.
    Csv,
    /// iCalendar.
    Ics,
    /// JSON-LD in the words of schema.org.
    Jsonld,
}

/// How a hall is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum HallFormat {
    /// pretix's seating plan.
    Pretix,
    /// The drawing that the API takes.
    Drawing,
}

pub(super) fn run(command: &Command) -> Result<ExitCode, Failed> {
    let wanted = match command {
        Command::Performances { wanted, .. } | Command::Hall { wanted, .. } => wanted,
    };
    let settings: Settings = wanted.folder.settings()?;
    let text = runtime()?.block_on(async {
        let node = Node::open(settings, SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let text = written(&node, command).await;
        node.close().await?;
        text
    })?;
    match &wanted.output {
        Some(file) => std::fs::write(file, text)?,
        None => output::text(&text),
    }
    Ok(ExitCode::SUCCESS)
}

async fn written(node: &Node, command: &Command) -> Result<String, Failed> {
    let home = &node.app().home;
    match command {
        Command::Performances { wanted, format, front, all } => {
            let owner = owner_of(node, &wanted.owner).await?;
            let now_ms = home.now_ms();
            let catalog = home.catalog_copy().read();
            let mut shown: Vec<(Arc<Event>, Arc<Performance>)> = Vec::new();
            for event in catalog.events_all().filter(|event| event.stamp.owner == owner) {
                let performances = catalog.performances_of(event.id);
                let wanted = performances.filter(|known| *all || known.schedule.starts_at_ms > now_ms);
                shown.extend(wanted.map(|performance| (Arc::clone(event), Arc::clone(performance))));
            }
            shown.sort_by_key(|(_event, performance)| (performance.schedule.starts_at_ms, performance.id));
            Ok(list(&catalog, &shown, *format, front, now_ms))
        }
        Command::Hall { hall, wanted, format } => {
            let owner = owner_of(node, &wanted.owner).await?;
            let catalog = home.catalog_copy().read();
            let keyed = catalog.keyed(owner, EntityKind::Hall, hall).map(HallId);
            let known = keyed.or_else(|| hall.parse().ok()).and_then(|id| catalog.hall(id)).cloned();
            drop(catalog);
            let known = known.ok_or_else(|| Failed::usage(format!("there is no hall {hall:?}")))?;
            let map = home.seat_map(known.id, known.latest_map())?;
            let map = map.ok_or_else(|| Failed::new(format!("the seat map of {hall:?} is not here")))?;
            let written = match format {
                HallFormat::Pretix => serde_json::to_string_pretty(&pretix::write(&known.name, &map))?,
                HallFormat::Drawing => serde_json::to_string_pretty(&trace(&map))?,
            };
            Ok(format!("{written}\n"))
        }
    }
}

fn list(
    catalog: &CatalogIndex,
    shown: &[(Arc<Event>, Arc<Performance>)],
    format: ListFormat,
    front: &str,
    now_ms: u64,
) -> String {
    match format {
        ListFormat::Csv => {
            let performances: Vec<_> =
                shown.iter().map(|(_event, performance)| Arc::clone(performance)).collect();
            table::write(catalog, &performances)
        }
        ListFormat::Ics => {
            let mut document = calendar::begin("Marquee");
            for (event, performance) in shown {
                document.push(calendar::entry(catalog, event, performance, front));
            }
            document.to_string()
        }
        ListFormat::Jsonld => {
            let shown = shown.iter().map(|(event, performance)| (&**event, performance));
            let document = graph(catalog, shown, now_ms, front, Told::Fully);
            format!("{document:#}\n")
        }
    }
}
