//! What travels.

/// The kind of a datagram, a message or a stream. Numbers stay for ever: nodes of several versions speak with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Votes, appends and hand-overs of groups.
    Consensus = 1,
    /// A group's state on its way to a replica that is too far behind.
    Snapshot = 2,
    /// Who is alive.
    Membership = 3,
    /// What nodes tell of themselves.
    Gossip = 4,
    /// Changes of the feed as they happen.
    FeedBroadcast = 5,
    /// Ranges and snapshots of the feed, asked for.
    FeedPull = 6,
    /// Requests on their way to the node that can answer them.
    Forward = 7,
    /// Live seat maps.
    Seats = 8,
    /// A node that wants to become one of the cluster. The only kind that a peer without a certificate may open.
    Join = 9,
    /// What operators ask one node about another.
    Admin = 10,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Consensus,
        Self::Snapshot,
        Self::Membership,
        Self::Gossip,
        Self::FeedBroadcast,
        Self::FeedPull,
        Self::Forward,
        Self::Seats,
        Self::Join,
        Self::Admin,
    ];

    /// The kind with this number, if this version knows one.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The kind's number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Who goes first when the line is full: the higher.
    #[must_use]
    pub const fn priority(self) -> i32 {
        match self {
            Self::Consensus | Self::Membership => 100,
            Self::Forward | Self::Admin | Self::Join => 50,
            Self::Gossip | Self::Seats => 30,
            Self::FeedBroadcast => 20,
            Self::FeedPull => 10,
            Self::Snapshot => 0,
        }
    }
}
