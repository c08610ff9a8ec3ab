//! The samples are what operators copy: they parse, they name every setting, and the defaults they tell are the defaults.

use std::path::Path;

use marquee_config::Settings;

const SAMPLES: [&str; 2] = ["node.toml", "demo.toml"];

fn sample(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("the sample is there")
}

/// The sample with the settings that it shows at their defaults set to them.
fn with_defaults_set(text: &str) -> String {
    let is_setting =
        |line: &str| line.starts_with('#') && line[1..].starts_with(|c: char| c.is_ascii_lowercase());
    let lines = text.lines().map(|line| if is_setting(line) { &line[1..] } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_sample_parses() {
    for name in SAMPLES {
        Settings::parse(&sample(name), name).unwrap_or_else(|mistake| panic!("{mistake}"));
    }
}

#[test]
fn the_defaults_that_samples_tell_are_the_defaults() {
    for name in SAMPLES {
        let text = sample(name);
        let told = with_defaults_set(&text);
        assert!(name != "node.toml" || told.len() < text.len(), "{name} tells no default");
        assert_eq!(Settings::parse(&told, name), Settings::parse(&text, name), "{name}");
    }
}

#[test]
fn the_production_sample_names_every_setting() {
    let told = with_defaults_set(&sample("node.toml"));
    let tables = [
        "node",
        "http",
        "network",
        "dns",
        "storage",
        "limits",
        "logging",
        "cluster.selling",
        "cluster.accounts",
        "cluster.accounts.password",
        "cluster.payments",
        "cluster.replication",
        "cluster.regions.us-east",
        "cluster.trust",
    ];
    for table in tables {
        // An unknown key is answered with the list of the known ones.
        let probe = format!("[{table}]\nno_such_setting = 1");
        let answer = Settings::parse(&probe, "probe").expect_err("it is unknown").detail;
        let (_, known) = answer.split_once("known are: ").expect("the list of known settings");
        let (_, rest) = told.split_once(&format!("\n[{table}]\n")).expect("the table");
        let section = rest.split("\n[").next().unwrap_or_default();
        for key in known.split(", ").filter(|key| !tables.contains(&format!("{table}.{key}").as_str())) {
            assert!(
                section.lines().any(|line| line.starts_with(&format!("{key} = "))),
                "{table}.{key} is not told"
            );
        }
    }
}
