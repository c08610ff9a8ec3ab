//! What a run tells at its end.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use super::audit::Findings;
use super::meter::Counts;

/// What was measured in one scenario.
#[derive(Debug, Clone, Serialize)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// How many customers came.
    pub customers: u64,
    /// How many got what they came for.
    pub succeeded: u64,
    /// How many of those in a second.
    pub per_second: f64,
    /// Milliseconds that half of those took at the most.
    pub p50_ms: f64,
    /// Milliseconds that 99 % took at the most.
    pub p99_ms: f64,
    /// Milliseconds that 99.9 % took at the most.
    pub p999_ms: f64,
    /// Milliseconds that the slowest took.
    pub max_ms: f64,
    /// Answers with a status of 500 and above.
    pub status_5xx: u64,
    /// Refusals by problem code.
    pub refusals: BTreeMap<String, u64>,
    /// Customers without an answer.
    pub unanswered: u64,
    /// One cause of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unanswered_because: Option<String>,
    /// Processor seconds of the node, if it is on this machine.
    pub node_cpu_s: Option<f64>,
    /// Processor seconds of the generator.
    pub generator_cpu_s: Option<f64>,
    /// What reading everything back found.
    #[serde(flatten)]
    pub findings: Findings,
}

/// What was measured in all scenarios. The figures of the first level are what a script compares.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Complete purchases in a second, of the scenario `purchases`.
    pub purchases_per_s: Option<f64>,
    /// Holds in a second, of the scenario `holds`.
    pub holds_per_s: Option<f64>,
    /// Median latency of a purchase in milliseconds: of the scenario `half` if it ran, else of `purchases`.
    pub p50_ms: Option<f64>,
    /// The same for 99 %.
    pub p99_ms: Option<f64>,
    /// The same for 99.9 %.
    pub p999_ms: Option<f64>,
    /// Over all scenarios: answers with a status of 500 and above.
    pub status_5xx: u64,
    /// Over all scenarios: refusals by problem code.
    pub refusals: BTreeMap<String, u64>,
    /// Over all scenarios: seats that were sold or held twice.
    pub double_booked: u64,
    /// Over all scenarios: what was acknowledged and is not so.
    pub lost: u64,
    /// Over all scenarios: seats that are booked and in no acknowledged order.
    pub unclaimed: u64,
    /// Over all scenarios: customers without an answer.
    pub unanswered: u64,
    /// Each scenario.
    pub scenarios: Vec<Scenario>,
}

impl Scenario {
    /// What was counted, found and used.
    #[must_use]
    pub fn new(name: &'static str, customers: u64, counts: &Counts, findings: Findings) -> Self {
        Self {
            name,
            customers,
            succeeded: counts.succeeded,
            per_second: rounded(counts.per_second()),
            p50_ms: rounded(counts.latency_ms(0.5)),
            p99_ms: rounded(counts.latency_ms(0.99)),
            p999_ms: rounded(counts.latency_ms(0.999)),
            max_ms: rounded(counts.latency_ms(1.0)),
            status_5xx: counts.status_5xx,
            refusals: counts.refusals.clone(),
            unanswered: counts.unanswered,
            unanswered_because: counts.unanswered_because.clone(),
            node_cpu_s: None,
            generator_cpu_s: None,
            findings,
        }
    }

    /// Adds the processor time that was used meanwhile.
    #[must_use]
    pub fn with_processor_time(self, node: Option<Duration>, generator: Option<Duration>) -> Self {
        let seconds = |time: Option<Duration>| time.map(|time| rounded(time.as_secs_f64()));
        Self { node_cpu_s: seconds(node), generator_cpu_s: seconds(generator), ..self }
    }
}

impl Report {
    /// Sums the scenarios up.
    #[must_use]
    pub fn new(scenarios: Vec<Scenario>) -> Self {
        let find = |name: &str| scenarios.iter().find(|scenario| scenario.name == name);
        let latency = find("half").or_else(|| find("purchases"));
        let sum = |of: fn(&Scenario) -> u64| scenarios.iter().map(of).sum();
        let mut refusals = BTreeMap::new();
        for (code, count) in scenarios.iter().flat_map(|scenario| &scenario.refusals) {
            *refusals.entry(code.clone()).or_default() += count;
        }
        Self {
            purchases_per_s: find("purchases").map(|scenario| scenario.per_second),
            holds_per_s: find("holds").map(|scenario| scenario.per_second),
            p50_ms: latency.map(|scenario| scenario.p50_ms),
            p99_ms: latency.map(|scenario| scenario.p99_ms),
            p999_ms: latency.map(|scenario| scenario.p999_ms),
            status_5xx: sum(|scenario| scenario.status_5xx),
            double_booked: sum(|scenario| scenario.findings.double_booked),
            lost: sum(|scenario| scenario.findings.lost),
            unclaimed: sum(|scenario| scenario.findings.unclaimed),
            unanswered: sum(|scenario| scenario.unanswered),
            refusals,
            scenarios,
        }
    }

    /// Whether the sale was right, however fast it was: nobody unanswered, nothing sold twice, nothing lost, and nobody
    /// met a failure of the node.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.double_booked + self.lost + self.unclaimed + self.unanswered + self.status_5xx == 0
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{:<10} {:>9} {:>9} {:>10} {:>9} {:>9} {:>9} {:>9} {:>7} {:>7}",
            "",
            "customers",
            "succeeded",
            "a second",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "max ms",
            "node s",
            "load s"
        )?;
        let seconds = |time: Option<f64>| time.map_or_else(|| "-".to_owned(), |time| format!("{time:.1}"));
        for scenario in &self.scenarios {
            writeln!(
                out,
                "{:<10} {:>9} {:>9} {:>10.0} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>7} {:>7}",
                scenario.name,
                scenario.customers,
                scenario.succeeded,
                scenario.per_second,
                scenario.p50_ms,
                scenario.p99_ms,
                scenario.p999_ms,
                scenario.max_ms,
                seconds(scenario.node_cpu_s),
                seconds(scenario.generator_cpu_s),
            )?;
        }
        for scenario in &self.scenarios {
            for (code, count) in &scenario.refusals {
                writeln!(out, "{}: {count} were told {code}", scenario.name)?;
            }
            if let Some(why) = &scenario.unanswered_because {
                writeln!(
                    out,
                    "{}: {} were left without an answer: {why}",
                    scenario.name, scenario.unanswered
                )?;
            }
            for example in &scenario.findings.examples {
                writeln!(out, "{}: WRONG: {example}", scenario.name)?;
            }
        }
        let Self { status_5xx, double_booked, lost, unclaimed, unanswered, .. } = self;
        writeln!(
            out,
            "read back: double_booked {double_booked}, lost {lost}, unclaimed {unclaimed}, \
             unanswered {unanswered}, status_5xx {status_5xx}"
        )
    }
}

/// To three decimals: more is noise.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::meter::Meter;
    use super::*;

    fn scenario(name: &'static str, findings: Findings) -> Scenario {
        let meter = Meter::start(Instant::now());
        meter.succeed(Instant::now());
        meter.refuse(409, "seats-taken".to_owned());
        Scenario::new(name, 2, &meter.finish(), findings)
    }

    #[test]
    fn scenarios_are_summed_up_and_half_tells_the_latency() {
        let mut half = scenario("half", Findings::default());
        half.p99_ms = 77.0;
        let report = Report::new(vec![scenario("purchases", Findings::default()), half]);
        assert_eq!((report.p99_ms, report.holds_per_s), (Some(77.0), None));
        assert_eq!(report.refusals["seats-taken"], 2);
        assert!(report.is_right());
    }

    #[test]
    fn anything_wrong_anywhere_makes_the_run_wrong() {
        let lost = Findings { lost: 1, examples: vec!["gone".to_owned()], ..Findings::default() };
        let report = Report::new(vec![scenario("rush", Findings::default()), scenario("holds", lost)]);
        assert!(!report.is_right());
        let mut told = Vec::new();
        report.write(&mut told).unwrap();
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains("holds: WRONG: gone") && told.contains("lost 1"), "{told}");
    }
}
