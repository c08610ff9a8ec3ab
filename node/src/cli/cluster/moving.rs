//! `marquee cluster move`.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;

use super::changes::change_words;
use super::client::Client;
use crate::cli::{Failed, output};
use crate::http::cluster::document::{ChangeBody, VenueMoveBody};

/// The pause between two looks.
const EVERY: Duration = Duration::from_millis(250);

/// Has a venue moved, and watches until it has, or says what would happen. The venue is a word of the path.
pub(super) async fn move_venue(
    client: &mut Client,
    venue: &str,
    to: &str,
    plan: bool,
    json: bool,
) -> Result<ExitCode, Failed> {
    let path = format!("/v1/cluster/venues/{venue}/move");
    let told: ChangeBody =
        client.ask("POST", &format!("{path}?plan={plan}"), Some(&json!({ "to": to }))).await?;
    if json {
        output::json(&told);
        return Ok(ExitCode::SUCCESS);
    }
    output::text(&change_words(&told));
    if plan || told.steps.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut last = String::new();
    loop {
        let look: VenueMoveBody = client.ask("GET", &path, None).await?;
        let words = words(&look);
        if words != last {
            output::text(&words);
            last = words;
        }
        // The directory may know before the home has told how it was.
        let is_told = look.phase.as_deref() != Some("frozen");
        if look.moving_to.is_none() && is_told {
            let stays = look.phase.as_deref() == Some("called-off");
            return Ok(if stays { ExitCode::FAILURE } else { ExitCode::SUCCESS });
        }
        tokio::time::sleep(EVERY).await;
    }
}

fn words(look: &VenueMoveBody) -> String {
    let VenueMoveBody { group, moving_to, phase, rows_sent, frozen_ms, halted, .. } = look;
    let doing = match (moving_to, phase.as_deref()) {
        (None, Some("frozen")) => format!("It has come to {group}."),
        (None, Some("called-off")) => format!("It stays with {group}: it was not whole where it was to go."),
        (None, _) => {
            let pause = frozen_ms.map(|ms| format!(" Buyers waited for {ms} ms.")).unwrap_or_default();
            format!("It sells with {group} now.{pause}")
        }
        (Some(to), None) => format!("It waits to go to {to}."),
        (Some(to), Some("copying")) => format!("It is being copied to {to}: {rows_sent} rows so far."),
        (Some(to), Some("frozen")) => format!("It changes hands: {to} gets the rest."),
        (Some(to), Some(_other)) => format!("It goes to {to}."),
    };
    match halted.as_ref().filter(|_why| moving_to.is_some()) {
        Some(why) => format!("{doing} It stopped and goes on by itself: {why}.\n"),
        None => format!("{doing}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_told_from_beginning_to_end() {
        let mut look = VenueMoveBody {
            group: "g1".to_owned(),
            moving_to: Some("g2".to_owned()),
            ..VenueMoveBody::default()
        };
        assert_eq!(words(&look), "It waits to go to g2.\n");
        (look.phase, look.rows_sent) = (Some("copying".to_owned()), 1_200);
        assert_eq!(words(&look), "It is being copied to g2: 1200 rows so far.\n");
        look.halted = Some("nobody is home".to_owned());
        assert!(words(&look).ends_with("It stopped and goes on by itself: nobody is home.\n"));
        (look.group, look.moving_to, look.frozen_ms) = ("g2".to_owned(), None, Some(41));
        assert_eq!(words(&look), "It sells with g2 now. Buyers waited for 41 ms.\n");
        (look.group, look.phase) = ("g1".to_owned(), Some("called-off".to_owned()));
        assert!(words(&look).starts_with("It stays with g1"));
    }
}
