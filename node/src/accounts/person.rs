//! What is known of a person besides the e-mail address.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const NAME_CHARS_MAX: usize = 200;
const ZIP_CHARS_MAX: usize = 20;

/// A person's name, as it stands on tickets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonName(String);

/// Text that is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one line of 1 to 200 characters")]
pub struct NotAName;

impl PersonName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PersonName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let text = text.trim();
        let fit = (1..=NAME_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fit { Ok(Self(text.to_owned())) } else { Err(NotAName) }
    }
}

/// A postal code, for what is on nearby.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ZipCode(String);

/// Text that is no postal code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a postal code of up to 20 letters, digits, blanks and hyphens")]
pub struct NotAZipCode;

impl ZipCode {
    /// The code, in capital letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ZipCode {
    type Err = NotAZipCode;

    fn from_str(text: &str) -> Result<Self, NotAZipCode> {
        let text = text.trim();
        let is_fit = |letter: char| letter.is_ascii_alphanumeric() || letter == ' ' || letter == '-';
        let fit = (1..=ZIP_CHARS_MAX).contains(&text.len()) && text.chars().all(is_fit);
        if fit { Ok(Self(text.to_ascii_uppercase())) } else { Err(NotAZipCode) }
    }
}

macro_rules! private {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Personal data is not for logs.
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        })*
    };
}

private! { PersonName ZipCode }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lines_of_any_script() {
        for name in ["Ann", "O'Neill-Müller III.", "李小龍", "x"] {
            assert_eq!(name.parse::<PersonName>().unwrap().as_str(), name);
        }
        assert_eq!(" Ann \n".parse::<PersonName>().unwrap().as_str(), "Ann");
        for text in ["", "  ", "a\nb", "a\u{7}", &"x".repeat(201)] {
            assert_eq!(text.parse::<PersonName>(), Err(NotAName), "{text:?}");
        }
    }

    #[test]
    fn zip_codes_are_short_and_plain() {
        for (text, code) in [("94612", "94612"), ("94612-1234", "94612-1234"), (" sw1a 1aa ", "SW1A 1AA")] {
            assert_eq!(text.parse::<ZipCode>().unwrap().as_str(), code);
        }
        for text in ["", " ", "946;12", "９４６１２", &"9".repeat(21)] {
            assert_eq!(text.parse::<ZipCode>(), Err(NotAZipCode), "{text:?}");
        }
    }
}
