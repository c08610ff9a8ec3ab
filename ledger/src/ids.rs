//! Identifiers that are ordered by time and route themselves.
//!
//! Every id is 128 bits: 48 bits of milliseconds since 1970, 32 bits that name the owner (a venue's number; an account's
//! shard), 40 bits of a counter and 8 bits of an ordinal. Ids made later sort later, so the tables keyed by them grow at
//! their end; and any node reads from an order's id whose ledger holds it. A ticket is its order's id with an ordinal,
//! so that no second look-up is needed. In text an id is its kind's prefix and 26 characters of Crockford's base 32.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most tickets that one order can have: an ordinal has eight bits and 0 is the order itself.
pub const TICKETS_PER_ORDER_MAX: usize = 200;

/// An id's counter has so many values.
pub(crate) const COUNTER_MAX: u64 = 0xff_ffff_ffff;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: usize = 26;

/// Packs the parts of an id. `millis` is cut to 48 bits and `counter` to 40.
#[must_use]
pub const fn pack(millis: u64, owner: u32, counter: u64, ordinal: u8) -> u128 {
    ((millis as u128 & 0xffff_ffff_ffff) << 80)
        | ((owner as u128) << 48)
        | (((counter & COUNTER_MAX) as u128) << 8)
        | ordinal as u128
}

/// Text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind: it starts with {prefix:?} and 26 letters and digits follow")]
pub struct NotAnId {
    /// The prefix that ids of this kind have, with its underscore.
    pub prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl $name {
            /// What the id starts with in text.
            pub const PREFIX: &'static str = concat!($prefix, "_");

            /// Makes an id from its parts; see the module's description.
            #[must_use]
            pub const fn from_parts(millis: u64, owner: u32, counter: u64) -> Self {
                Self(pack(millis, owner, counter, 0))
            }

            /// Milliseconds since 1970 at which the id was made.
            #[must_use]
            pub const fn millis(self) -> u64 {
                (self.0 >> 80) as u64
            }

            /// The number of the venue, or of the account shard, whose group owns the thing.
            #[must_use]
            pub const fn owner(self) -> u32 {
                (self.0 >> 48) as u32
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(f, Self::PREFIX, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(f, Self::PREFIX, self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                read_id(text, Self::PREFIX).map(Self).ok_or(NotAnId { prefix: Self::PREFIX })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0.to_be_bytes())
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    deserializer.deserialize_str(Text(Self::PREFIX)).map(Self)
                } else {
                    deserializer.deserialize_bytes(Binary).map(Self)
                }
            }
        }
    };
}

id!(/** A venue: a theatre, a cinema, an arena. Its owner field is its own number. */ VenueId, "ven");
id!(/** A hall of a venue. */ HallId, "hal");
id!(/** What is shown: a movie, a concert, a play, a match. */ EventId, "evt");
id!(/** One dated showing of an event in one hall. */ PerformanceId, "prf");
id!(/** Seats kept for one customer until an instant. */ HoldId, "hld");
id!(/** What a customer buys. */ OrderId, "ord");
id!(/** One admission. */ TicketId, "tkt");
id!(/** A person's account; its owner field is the account shard. */ AccountId, "acc");

impl OrderId {
    /// The counter that its group had when it was made.
    pub(crate) const fn counter(self) -> u64 {
        (self.0 >> 8) as u64 & COUNTER_MAX
    }

    /// The id of the order's ticket at `index`, counted from 0.
    #[must_use]
    pub const fn ticket(self, index: u8) -> TicketId {
        TicketId(self.0 + index as u128 + 1)
    }
}

impl TicketId {
    /// The order that the ticket belongs to.
    #[must_use]
    pub const fn order(self) -> OrderId {
        OrderId(self.0 & !0xff)
    }

    /// The ticket's place in its order, counted from 0; `None` if the id is not one of a ticket.
    #[must_use]
    pub const fn index(self) -> Option<u8> {
        ((self.0 & 0xff) as u8).checked_sub(1)
    }
}

fn write_id(f: &mut fmt::Formatter<'_>, prefix: &str, bits: u128) -> fmt::Result {
    let mut digits = [0u8; DIGITS];
    let mut rest = bits;
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    f.write_str(prefix)?;
    digits.iter().try_for_each(|&digit| fmt::Write::write_char(f, char::from(digit)))
}

fn read_id(text: &str, prefix: &str) -> Option<u128> {
    let digits = text.strip_prefix(prefix)?.as_bytes();
    if digits.len() != DIGITS || digits[0] > b'7' {
        return None;
    }
    digits.iter().try_fold(0u128, |bits, digit| {
        let value = ALPHABET.iter().position(|letter| letter == digit)?;
        Some((bits << 5) | value as u128)
    })
}

struct Text(&'static str);

impl serde::de::Visitor<'_> for Text {
    type Value = u128;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an id that starts with {:?}", self.0)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<u128, E> {
        read_id(text, self.0).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}

struct Binary;

impl serde::de::Visitor<'_> for Binary {
    type Value = u128;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("16 bytes")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<u128, E> {
        bytes.try_into().map(u128::from_be_bytes).map_err(|_short| E::invalid_length(bytes.len(), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_round_trip_and_sort_alike() {
        let early = OrderId::from_parts(1_764_000_000_000, 7, 41);
        let late = OrderId::from_parts(1_764_000_000_001, 3, 1);
        assert!(early < late && early.to_string() < late.to_string());
        for id in [early, late, OrderId(0), OrderId(u128::MAX)] {
            assert_eq!(id.to_string().parse(), Ok(id));
            let bytes = rmp_serde::to_vec(&id).unwrap();
            assert_eq!(rmp_serde::from_slice::<OrderId>(&bytes).unwrap(), id);
        }
        assert_eq!((late.millis(), late.owner()), (1_764_000_000_001, 3));
    }

    #[test]
    fn a_ticket_names_its_order() {
        let order = OrderId::from_parts(1_764_000_000_000, 7, 41);
        assert_eq!(order.ticket(3).order(), order);
        assert_eq!(order.ticket(3).index(), Some(3));
        assert_eq!(TicketId(order.0).index(), None);
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in [
            "",
            "ord_",
            "hld_00000000000000000000000000",
            "ord_0000000000000000000000000u",
            "ord_80000000000000000000000000",
        ] {
            assert!(text.parse::<OrderId>().is_err(), "{text}");
        }
    }
}
