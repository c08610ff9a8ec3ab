//! Growth with the number of nodes, drawn as SVG: one panel each for times and bytes, the number of nodes to the right on
//! a logarithmic scale.

use std::fmt::Write as _;

use marquee_replication::transport::Kind;

use super::cluster::Measured;
use crate::load::chart::{STYLE, grid, text};

const WIDTH: f64 = 860.0;
const PANEL_HEIGHT: f64 = 260.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 36.0;

/// The classes of lines, by their place in a panel.
const CLASSES: [&str; 3] = ["p50", "p99", "max"];

/// A line: its name, and its value for each size.
type Line<'a> = (&'a str, &'a dyn Fn(&Measured) -> f64);

/// How long a change takes to reach everybody, and a death to be known.
#[must_use]
pub fn times(measured: &[Measured]) -> String {
    let spread: [Line<'_>; 3] =
        [("50 %", &|at| at.half_s), ("99 %", &|at| at.most_s), ("all", &|at| at.all_s)];
    let death: [Line<'_>; 2] = [("suspected", &|at| at.suspected_s), ("down at 99 %", &|at| at.down_s)];
    let told: [Line<'_>; 2] = [("a value told to all", &|at| at.told_s), ("formed", &|at| at.formed_s)];
    draw(
        "Time until a change is on the nodes",
        measured,
        &[
            ("A catalog change, seconds until it is on 50 %, 99 % and all of the nodes", &spread),
            ("A dead node, seconds until somebody suspects it and 99 % know", &death),
            ("Gossip and forming, seconds", &told),
        ],
    )
}

/// What a node sends.
#[must_use]
pub fn bytes(measured: &[Measured]) -> String {
    let of = |at: &Measured, kind: Kind| at.rest.get(&kind).copied().unwrap_or_default();
    let rest: [Line<'_>; 3] = [
        ("membership", &|at| of(at, Kind::Membership)),
        ("gossip", &|at| of(at, Kind::Gossip)),
        ("feed", &|at| of(at, Kind::FeedBroadcast) + of(at, Kind::FeedPull)),
    ];
    let change: [Line<'_>; 1] = [("feed", &|at| at.bytes_per_change)];
    draw(
        "Bytes that a node sends",
        measured,
        &[("At rest, bytes per node and second", &rest), ("A change of 1 kB, bytes per node", &change)],
    )
}

fn draw(label: &str, measured: &[Measured], panels: &[(&str, &[Line<'_>])]) -> String {
    let height = PANEL_HEIGHT * panels.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"{label}\">\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n"
    );
    for (nth, (title, lines)) in panels.iter().enumerate() {
        panel(&mut svg, nth as f64 * PANEL_HEIGHT + TOP, title, measured, lines);
    }
    svg.push_str("</svg>\n");
    svg
}

fn panel(svg: &mut String, top: f64, title: &str, measured: &[Measured], lines: &[Line<'_>]) {
    let inner = PANEL_HEIGHT - TOP - BOTTOM;
    let values = || lines.iter().flat_map(|(_name, value)| measured.iter().map(value));
    let step = round_step(values().fold(0.0, f64::max));
    let highest = (values().fold(0.0, f64::max) / step).ceil().max(1.0) * step;
    let digits = |nodes: u64| (nodes.max(1) as f64).log10();
    let (first, last) = (
        measured.first().map_or(0.0, |at| digits(at.nodes)),
        measured.last().map_or(1.0, |at| digits(at.nodes)),
    );
    let x = |nodes: u64| LEFT + (digits(nodes) - first) / (last - first).max(0.1) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| top + inner * (1.0 - value / highest);

    text(svg, LEFT, top - 40.0, "title", "start", title);
    for (nth, ((name, _value), class)) in lines.iter().zip(CLASSES).enumerate() {
        text(svg, LEFT + 160.0 * nth as f64, top - 20.0, class, "start", &format!("— {name}"));
    }
    let mut at = 0.0;
    while at <= highest + step / 2.0 {
        grid(svg, LEFT, y(at), WIDTH - RIGHT, y(at));
        let rounded = (at * 1_000.0).round() / 1_000.0;
        text(svg, LEFT - 8.0, y(at) + 4.0, "", "end", &rounded.to_string());
        at += step;
    }
    for size in measured {
        grid(svg, x(size.nodes), top, x(size.nodes), top + inner);
        text(svg, x(size.nodes), top + inner + 18.0, "", "middle", &size.nodes.to_string());
    }
    for ((_name, value), class) in lines.iter().zip(CLASSES) {
        let mut path = String::new();
        for (nth, size) in measured.iter().enumerate() {
            let pen = if nth == 0 { 'M' } else { 'L' };
            // Writing to a string does not fail.
            let _written = write!(path, "{pen}{:.1} {:.1}", x(size.nodes), y(value(size)));
        }
        let _written = writeln!(svg, "<path class=\"line {class}\" d=\"{path}\"/>");
    }
}

/// A round distance between marks, so that there are at most six.
fn round_step(highest: f64) -> f64 {
    let rough = highest.max(1e-3) / 6.0;
    let power = 10f64.powf(rough.log10().floor());
    let fits = |factor: &f64| power * factor >= rough;
    power * [1.0, 2.0, 5.0, 10.0].into_iter().find(fits).unwrap_or(10.0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_panel_has_its_lines() {
        let at = |nodes: u64| Measured {
            nodes,
            formed_s: 1.0,
            told_s: 2.0,
            half_s: 0.1,
            most_s: 0.3,
            all_s: 0.4,
            slowest_s: 1.4,
            suspected_s: 1.0,
            down_s: 6.0,
            rest: BTreeMap::from([(Kind::Gossip, 3_000.0)]),
            bytes_per_change: 5_000.0,
        };
        for svg in [times(&[at(3), at(30), at(300)]), bytes(&[at(3), at(30), at(300)])] {
            assert!(svg.matches("class=\"line ").count() >= 4, "{svg}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
