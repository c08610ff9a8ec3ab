//! Latency over time, drawn as SVG: one panel per scenario, readable on light and on dark paper.

use std::fmt::Write as _;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::meter::Counts;

const WIDTH: f64 = 860.0;
const PANEL_HEIGHT: f64 = 240.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 36.0;

/// The style of all panels. Colours keep a contrast of 4.5 : 1 with the paper and differ also in lightness.
pub(crate) const STYLE: &str = "\
:root{--paper:#ffffff;--ink:#1f2328;--faint:#57606a;--grid:#d8dee4;--p50:#0969da;--p99:#9a6700;--max:#cf222e}\
@media(prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--faint:#9198a1;--grid:#30363d;\
--p50:#58a6ff;--p99:#e3b341;--max:#ff7b72}}\
.paper{fill:var(--paper)}text{font:12px system-ui,sans-serif;fill:var(--faint)}\
.title{font-size:14px;font-weight:600;fill:var(--ink)}\
.grid{stroke:var(--grid);stroke-width:1}\
.line{fill:none;stroke-width:1.75;stroke-linejoin:round}\
.p50{stroke:var(--p50)}.p99{stroke:var(--p99);stroke-dasharray:7 3}.max{stroke:var(--max);stroke-dasharray:2 3}\
text.p50{stroke:none;fill:var(--p50)}text.p99{stroke:none;fill:var(--p99)}text.max{stroke:none;fill:var(--max)}";

/// The lines of a panel: name, class, and what is taken of a slice.
type Line = (&'static str, &'static str, fn(&Histogram<u64>) -> u64);

const LINES: [Line; 3] = [
    ("median", "p50", |slice| slice.value_at_quantile(0.5)),
    ("99 %", "p99", |slice| slice.value_at_quantile(0.99)),
    ("slowest", "max", |slice| slice.max()),
];

/// A picture of what was counted in each scenario.
#[must_use]
pub fn draw(scenarios: &[(&str, &Counts)]) -> String {
    let height = PANEL_HEIGHT * scenarios.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"Latency over time\">\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n"
    );
    for (nth, (name, counts)) in scenarios.iter().enumerate() {
        let panel = Panel::new(nth as f64 * PANEL_HEIGHT, counts);
        panel.draw(name, counts, &mut svg);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Where a panel's axes are.
struct Panel {
    top: f64,
    seconds: f64,
    /// Powers of ten of a millisecond.
    lowest: i32,
    highest: i32,
}

impl Panel {
    fn new(offset: f64, counts: &Counts) -> Self {
        let ms = |us: u64| us.max(1) as f64 / 1_000.0;
        let slices = counts.slices.iter().filter(|slice| !slice.is_empty());
        let (fastest, slowest) = slices
            .map(|slice| (ms(slice.value_at_quantile(0.5)), ms(slice.max())))
            .fold((f64::MAX, 0.0f64), |(low, high), (median, max)| (low.min(median), high.max(max)));
        let (fastest, slowest) = if slowest > 0.0 { (fastest, slowest) } else { (1.0, 10.0) };
        // Powers of ten of milliseconds are few.
        let lowest = fastest.log10().floor() as i32;
        let highest = (slowest.log10().ceil() as i32).max(lowest + 1);
        let seconds = (counts.slices.len() as f64 * counts.slice.as_secs_f64()).max(0.1);
        Self { top: offset + TOP, seconds, lowest, highest }
    }

    fn height() -> f64 {
        PANEL_HEIGHT - TOP - BOTTOM
    }

    fn x(&self, seconds: f64) -> f64 {
        LEFT + seconds / self.seconds * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, ms: f64) -> f64 {
        let share = (ms.log10() - f64::from(self.lowest)) / f64::from(self.highest - self.lowest);
        self.top + Self::height() * (1.0 - share.clamp(0.0, 1.0))
    }

    fn draw(&self, name: &str, counts: &Counts, svg: &mut String) {
        let title_y = self.top - 22.0;
        let told = format!("{name}: {:.0}/s, latency in ms", counts.per_second());
        text(svg, LEFT, title_y, "title", "start", &told);
        for (nth, (line, class, _value)) in LINES.iter().enumerate() {
            text(svg, WIDTH - RIGHT - 70.0 * (2 - nth) as f64, title_y, class, "end", line);
        }
        for power in self.lowest..=self.highest {
            let ms = 10f64.powi(power);
            let y = self.y(ms);
            grid(svg, LEFT, y, WIDTH - RIGHT, y);
            text(svg, LEFT - 8.0, y + 4.0, "", "end", &ms.to_string());
        }
        let step = step(self.seconds);
        let mut at = 0.0;
        while at <= self.seconds {
            let (x, bottom) = (self.x(at), self.top + Self::height());
            grid(svg, x, self.top, x, bottom);
            text(svg, x, bottom + 18.0, "", "middle", &format!("{} s", (at * 100.0).round() / 100.0));
            at += step;
        }
        for (_name, class, value) in LINES {
            self.line(class, counts.slice, &counts.slices, value, svg);
        }
    }

    /// A line through the middles of the slices; where nothing ended there is a gap.
    fn line(
        &self,
        class: &str,
        slice: Duration,
        slices: &[Histogram<u64>],
        value: fn(&Histogram<u64>) -> u64,
        svg: &mut String,
    ) {
        let mut path = String::new();
        let mut pen = 'M';
        for (nth, histogram) in slices.iter().enumerate() {
            if histogram.is_empty() {
                pen = 'M';
                continue;
            }
            let x = self.x((nth as f64 + 0.5) * slice.as_secs_f64());
            let y = self.y(value(histogram).max(1) as f64 / 1_000.0);
            // Writing to a string does not fail. A lone point is drawn by its round cap.
            let _written = write!(path, "{pen}{x:.1} {y:.1}");
            pen = 'L';
        }
        let _written = writeln!(svg, "<path class=\"line {class}\" d=\"{path}\"/>");
    }
}

/// A round number of seconds between marks, so that there are at most ten.
fn step(seconds: f64) -> f64 {
    let rough = seconds / 10.0;
    let power = 10f64.powf(rough.log10().floor());
    let fits = |factor: &f64| power * factor >= rough;
    power * [1.0, 2.0, 5.0, 10.0].into_iter().find(fits).unwrap_or(10.0)
}

pub(crate) fn text(svg: &mut String, x: f64, y: f64, class: &str, anchor: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    // Writing to a string does not fail.
    let _written = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\" text-anchor=\"{anchor}\">{words}</text>"
    );
}

pub(crate) fn grid(svg: &mut String, x1: f64, y1: f64, x2: f64, y2: f64) {
    // Writing to a string does not fail.
    let _written =
        writeln!(svg, "<line class=\"grid\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>");
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::meter::Meter;
    use super::*;

    #[test]
    fn every_scenario_has_a_panel_and_its_name_is_escaped() {
        let meter = Meter::start(Instant::now());
        (0..100).for_each(|_nth| meter.succeed(Instant::now()));
        let counts = meter.finish();
        let empty = Meter::start(Instant::now()).finish();
        let svg = draw(&[("half < full", &counts), ("rush", &empty)]);
        assert!(svg.contains("half &lt; full") && svg.contains("rush: 0/s"), "{svg}");
        assert_eq!(svg.matches("class=\"line ").count(), 6);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn marks_are_few_and_round() {
        for (seconds, expected) in [(2.0, 0.2), (7.3, 1.0), (60.0, 10.0), (0.1, 0.01)] {
            assert!((step(seconds) - expected).abs() < 1e-9, "{seconds}: {}", step(seconds));
        }
    }
}
