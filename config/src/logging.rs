//! What a node tells its operator.

use serde::Deserialize;

use crate::mistake::{Rule, rule};

/// What a node tells its operator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logging {
    /// What is logged: a level, and exceptions by module, as in `info,marquee_node::http=debug`. `info` by default.
    pub filter: String,
    /// How it is written: as text by default.
    pub format: LogFormat,
}

/// How log lines are written, to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl Default for Logging {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

impl Logging {
    pub(crate) fn rules(&self) -> [Rule; 1] {
        [rule(
            "logging.filter",
            !self.filter.trim().is_empty(),
            "must name a level: error, warn, info, debug or trace",
        )]
    }
}
