//! The command line.

use serde_json::Value;

use crate::marquee::{Demo, folder, run, run_with, text};

#[tokio::test]
async fn help_teaches_every_command() {
    let help = run(&["--help"]).await;
    let words = text(&help.stdout);
    assert!(help.status.success());
    for command in ["demo", "serve", "import", "ledger", "account", "completions"] {
        assert!(words.contains(command), "{command} is not in\n{words}");
        let own = run(&[command, "--help"]).await;
        assert!(own.status.success() && own.stdout.len() > 100, "{command}: {}", text(&own.stdout));
    }
    let example = text(&run(&["demo", "--help"]).await.stdout);
    assert!(example.contains("marquee demo --"), "it has an example: {example}");
}

#[tokio::test]
async fn a_wrong_command_line_says_what_is_wrong_and_exits_with_2() {
    for arguments in [&["sell"][..], &["serve"], &["demo", "--listen", "somewhere"], &[]] {
        let output = run(arguments).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

#[tokio::test]
async fn completions_are_scripts_for_the_shell_named() {
    let bash = run(&["completions", "bash"]).await;
    assert!(bash.status.success() && text(&bash.stdout).contains("complete -F"), "{}", text(&bash.stdout));
}

#[tokio::test]
async fn a_mistake_in_the_settings_names_file_line_and_key() {
    let folder = folder();
    let file = folder.path().join("node.toml");
    let name = file.to_str().unwrap();
    let cases = [
        ("[http]\nlisten = \"localhost\"\n", "node.toml:2:10: http.listen: "),
        ("[limits]\n\nbodyy = \"1MiB\"\n", "node.toml:3:1: limits.bodyy: "),
        ("[cluster.selling]\nhold = \"5s\"\n", "node.toml:2:8: cluster.selling.hold: "),
        ("[http\n", "node.toml:1:"),
    ];
    for (settings, expected) in cases {
        std::fs::write(&file, settings).unwrap();
        let output = run(&["serve", "--config", name]).await;
        let words = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(words.contains(expected), "{expected:?} is not in {words}");
    }
    let output = run(&["serve", "--config", "/nowhere/node.toml"]).await;
    let words = text(&output.stderr);
    assert!(output.status.code() == Some(2) && words.contains("/nowhere/node.toml"), "{words}");
}

#[tokio::test]
async fn a_data_folder_that_is_none_is_not_made() {
    let folder = folder();
    let data = folder.path().join("mistyped");
    let output = run(&["ledger", "verify", "--data", data.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("mistyped"));
    assert!(!data.exists());
}

#[tokio::test]
async fn a_demo_tells_addresses_and_logins_and_an_account_can_be_added() {
    let folder = folder();
    let data = folder.path().join("data");
    let demo = Demo::start(&data).await;
    let told = demo.told();
    assert!(told["gateway"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{told}");
    assert!(told["nodes"][0]["pid"].as_u64().is_some(), "{told}");
    for role in ["customer", "organizer", "support", "operator"] {
        let roles = demo.signed_in(role).await.get("/v1/accounts/me").await.expect(200);
        let has_it = roles["roles"].as_array().unwrap().iter().any(|has| has == role);
        assert!(has_it, "{role}: {roles}");
    }
    demo.stop().await;

    let arguments = ["account", "create", "--data", data.to_str().unwrap(), "--email", "olga@example.org"];
    let more = ["--name", "Olga", "--role", "operator", "--password-stdin", "--json"];
    let output = run_with(&[&arguments[..], &more[..]].concat(), "a long enough secret\n").await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(made["email"], "olga@example.org");
    let demo = Demo::start(&data).await;
    let olga = demo.guest().sign_in("olga@example.org", "a long enough secret").await;
    assert_eq!(olga.get("/v1/accounts/me").await.expect(200)["id"], made["id"]);
    demo.stop().await;
}

#[tokio::test]
async fn the_api_describes_itself() {
    let folder = folder();
    let demo = Demo::start(&folder.path().join("data")).await;
    let guest = demo.guest();
    let document = guest.get("/openapi.json").await.expect(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let paths = document["paths"].as_object().unwrap();
    for path in ["/v1/bookings", "/v1/performances/{id}/holds", "/v1/performances/{id}/seats", "/v1/events"] {
        assert!(paths.contains_key(path), "{path} is not described");
    }
    assert_eq!(guest.get("/docs").await.status, 200);
    assert_eq!(guest.get("/health").await.status, 204);
    demo.stop().await;
}
