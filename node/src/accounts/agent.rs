//! What somebody signed in with, as their program names itself.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is kept of a program's name for itself, in bytes.
const BYTES_MAX: usize = 256;

/// A `User-Agent`, cut to what is worth keeping; empty if the program said nothing. It is what the program claims: good
/// for people to recognise their devices by, and for nothing else.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserAgent(String);

impl UserAgent {
    /// What a header says, without what does not print.
    #[must_use]
    pub fn new(said: &[u8]) -> Self {
        let printed = said.iter().filter(|byte| (b' '..=b'~').contains(byte)).take(BYTES_MAX);
        Self(printed.map(|byte| char::from(*byte)).collect::<String>().trim().to_owned())
    }

    /// What it said.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The browser, or the name that another program gives itself.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        // Browsers name those that they want to be taken for as well: the rarer name comes first.
        const BROWSERS: [(&str, &str); 9] = [
            ("Edg", "Edge"),
            ("OPR/", "Opera"),
            ("SamsungBrowser/", "Samsung Internet"),
            ("Vivaldi/", "Vivaldi"),
            ("FxiOS/", "Firefox"),
            ("Firefox/", "Firefox"),
            ("CriOS/", "Chrome"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ];
        let browser = BROWSERS.iter().find(|(mark, _name)| self.0.contains(mark)).map(|(_mark, name)| *name);
        browser.or_else(|| self.0.split(['/', ' ']).next().filter(|name| !name.is_empty()))
    }

    /// What the program runs on.
    #[must_use]
    pub fn system(&self) -> Option<&'static str> {
        // Phones call themselves Linux or Mac OS X too.
        const SYSTEMS: [(&str, &str); 8] = [
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("CrOS", "ChromeOS"),
            ("Mac OS X", "macOS"),
            ("Macintosh", "macOS"),
            ("Linux", "Linux"),
        ];
        SYSTEMS.iter().find(|(mark, _name)| self.0.contains(mark)).map(|(_mark, name)| *name)
    }
}

impl fmt::Debug for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It says something of a person, which logs need not know.
        f.write_str("UserAgent(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_systems_are_told_apart() {
        for (said, program, system) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox", "Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36",
                "Chrome",
                "Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari",
                "macOS",
            ),
            ("curl/8.5.0", "curl", ""),
            ("", "", ""),
        ] {
            let agent = UserAgent::new(said.as_bytes());
            assert_eq!(agent.program().unwrap_or_default(), program, "{said}");
            assert_eq!(agent.system().unwrap_or_default(), system, "{said}");
        }
    }

    #[test]
    fn nothing_of_it_runs_away() {
        let agent = UserAgent::new(&[b" a\n\x1b[31m\xff<b>".as_slice(), &[b'x'; 4_000]].concat());
        assert!(agent.as_str().starts_with("a[31m<b>xx"));
        assert_eq!(agent.as_str().len() + 1, BYTES_MAX, "a space was cut off at its start");
        assert_eq!(format!("{agent:?}"), "UserAgent(..)");
    }
}
