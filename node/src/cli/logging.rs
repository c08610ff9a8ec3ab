//! Log lines, to standard error.

use marquee_config::{LogFormat, Logging};
use tracing_subscriber::EnvFilter;

use super::Failed;

/// Begins to log as the settings say; `MARQUEE_LOG` in the environment overrides their filter.
pub(super) fn start(logging: &Logging) -> Result<(), Failed> {
    let filter = std::env::var("MARQUEE_LOG").unwrap_or_else(|_unset| logging.filter.clone());
    // The consensus library tells of every sync and of every beat that a lost node does not answer. What the operator
    // says of it comes later, and counts.
    let filter = EnvFilter::try_new(format!("openraft=off,{filter}"))
        .map_err(|error| Failed::usage(format!("logging.filter {filter:?} cannot be understood: {error}")))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match logging.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}
