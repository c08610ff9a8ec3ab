//! Tokens, and changes of nodes and groups.

use std::process::ExitCode;

use serde_json::json;

use super::client::Client;
use crate::cli::{Failed, output};
use crate::http::cluster::document::{ChangeBody, TokenBody};

pub(super) async fn token(
    client: &mut Client,
    lifetime_seconds: Option<u64>,
    plan: bool,
    json: bool,
) -> Result<ExitCode, Failed> {
    let mut form = json!({});
    if let Some(seconds) = lifetime_seconds {
        form["lifetime_seconds"] = seconds.into();
    }
    let made: TokenBody = client.ask("POST", &format!("/v1/cluster/tokens?plan={plan}"), Some(&form)).await?;
    if json {
        output::json(&made);
    } else {
        output::text(&token_words(&made));
    }
    Ok(ExitCode::SUCCESS)
}

fn token_words(made: &TokenBody) -> String {
    let TokenBody { token, expires_at, address } = made;
    match token {
        None => format!("A token would let one node join, until {expires_at}. None was made.\n"),
        Some(token) => format!(
            "{token}\n\nIt lets one node join, until {expires_at}. On the new node:\n  \
             marquee cluster join {address} --token {token} --config node.toml\n"
        ),
    }
}

/// Asks for a change by method and path; nodes are the body, if there are any.
pub(super) async fn change(
    client: &mut Client,
    (method, path): (&str, &str),
    nodes: &[String],
    plan: bool,
    json: bool,
) -> Result<ExitCode, Failed> {
    let and = if path.contains('?') { '&' } else { '?' };
    let path = format!("/v1/cluster/{path}{and}plan={plan}");
    let body = (!nodes.is_empty()).then(|| json!({"nodes": nodes}));
    let told: ChangeBody = client.ask(method, &path, body.as_ref()).await?;
    if json {
        output::json(&told);
    } else {
        output::text(&change_words(&told));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn change_words(told: &ChangeBody) -> String {
    let mut text = String::new();
    if !told.steps.is_empty() {
        text.push_str(if told.decided {
            "Decided. The cluster does this by itself:\n"
        } else {
            "This would happen:\n"
        });
    }
    for step in &told.steps {
        text.push_str(&format!("  {}\n", step.words));
    }
    for warning in &told.warnings {
        text.push_str(&format!("! {}\n", warning.words));
    }
    text.push_str(match (told.decided, told.steps.is_empty()) {
        (true, false) => "Follow it with: marquee cluster watch\n",
        (false, false) => "Nothing was done. Leave --plan out to do it.\n",
        (_, true) => "",
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::cluster::document::StepBody;

    fn step(words: &str) -> StepBody {
        StepBody { words: words.to_owned(), ..StepBody::default() }
    }

    #[test]
    fn a_plan_is_told_as_one() {
        let mut told = ChangeBody {
            decided: false,
            steps: vec![step("The home of g2 goes from n2 to n3.")],
            warnings: vec![step("g4 stays on n2.")],
        };
        assert_eq!(
            change_words(&told),
            "This would happen:\n  The home of g2 goes from n2 to n3.\n! g4 stays on n2.\n\
             Nothing was done. Leave --plan out to do it.\n"
        );
        told.decided = true;
        assert_eq!(
            change_words(&told),
            "Decided. The cluster does this by itself:\n  The home of g2 goes from n2 to n3.\n! g4 stays on n2.\n\
             Follow it with: marquee cluster watch\n"
        );
        told.steps.clear();
        assert_eq!(change_words(&told), "! g4 stays on n2.\n");
    }

    #[test]
    fn a_token_comes_with_what_to_do_with_it() {
        let made = TokenBody {
            token: Some("mqt1abc".to_owned()),
            expires_at: "2026-12-05T19:30:00Z".to_owned(),
            address: "10.0.0.1:7400".to_owned(),
        };
        let words = token_words(&made);
        assert!(words.starts_with("mqt1abc\n"), "the first line is the token: {words}");
        assert!(words.contains("marquee cluster join 10.0.0.1:7400 --token mqt1abc --config"), "{words}");
        assert!(token_words(&TokenBody { token: None, ..made }).contains("None was made"));
    }
}
