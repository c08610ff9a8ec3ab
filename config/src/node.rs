//! Who a node is.

use std::fmt;

use serde::Deserialize;

use crate::Location;

/// Who this node is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Node {
    /// Its name, unique in its cluster: `node-1` by default.
    pub name: NodeName,
    /// The region that it serves; customers land on a node of the region nearest to them. `local` by default.
    pub region: RegionName,
    /// The part of the region that fails as one: a data centre, a rack. Copies go to different zones where they can. `a`
    /// by default.
    pub zone: ZoneName,
    /// Where on earth it stands. Without it, where its region is.
    pub location: Option<Location>,
    /// Who may take over what it is home of: any node with a copy, or nobody by itself, as for a box office that must sell
    /// with the line cut. Only read when the node joins a cluster; `shared` by default.
    pub group: NodeGroup,
}

/// Who may take over what a node is home of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeGroup {
    /// Any node that has a copy, as soon as this one is lost.
    #[default]
    Shared,
    /// Nobody, until an operator says so. It sells while it hears nobody.
    Solo,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            name: NodeName("node-1".to_owned()),
            region: RegionName("local".to_owned()),
            zone: ZoneName("a".to_owned()),
            location: None,
            group: NodeGroup::Shared,
        }
    }
}

/// A node's name: 1 to 63 lower-case letters, digits and hyphens, as in a host name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct NodeName(String);

/// A region's name, written like a [`NodeName`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct RegionName(String);

/// A zone's name, written like a [`NodeName`]; zones of different regions are different ones, whatever their names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ZoneName(String);

/// Text that cannot name a node, a region or a zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a name; write 1 to 63 lower-case letters, digits and hyphens, beginning with a letter")]
pub struct NameRefused(String);

/// What all kinds of names share.
macro_rules! name {
    ($name:ident) => {
        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameRefused;

            fn try_from(text: String) -> Result<Self, NameRefused> {
                if is_name(&text) { Ok(Self(text)) } else { Err(NameRefused(text)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

name!(NodeName);
name!(RegionName);
name!(ZoneName);

fn is_name(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_hosts() {
        for text in ["a", "node-1", "us-east", &"x".repeat(63)] {
            assert!(NodeName::try_from(text.to_owned()).is_ok(), "{text:?} is a name");
        }
        for text in ["", "1a", "-a", "a-", "A", "a_b", "é", &"x".repeat(64)] {
            assert_eq!(NodeName::try_from(text.to_owned()), Err(NameRefused(text.to_owned())));
        }
    }
}
