//! EDNS client subnet (RFC 7871): what a resolver tells of the client that it asks for.

use std::net::IpAddr;

use hickory_server::proto::op::Edns;
use hickory_server::proto::rr::rdata::opt::{ClientSubnet, EdnsCode, EdnsOption};

use crate::geo::{Geography, Sight};

/// The option of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subnet {
    address: IpAddr,
    source_bits: u8,
}

/// An option that the document forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Forbidden;

impl Subnet {
    /// The option, if the question has one.
    ///
    /// # Errors
    /// [`Forbidden`] for one with a scope, or with bits beyond its source prefix (RFC 7871, 7.1.2 and 7.2.1), and for
    /// more than one.
    pub(super) fn read(edns: &Edns) -> Result<Option<Self>, Forbidden> {
        let options = edns.options().get_all(EdnsCode::Subnet);
        let option = match options[..] {
            [] => return Ok(None),
            [EdnsOption::Subnet(option)] => option,
            [..] => return Err(Forbidden),
        };
        let (address, source_bits) = (option.addr(), option.source_prefix());
        let beyond = match address {
            IpAddr::V4(address) => {
                source_bits > 32 || u32::from(address).checked_shl(source_bits.into()).unwrap_or(0) != 0
            }
            IpAddr::V6(address) => {
                source_bits > 128 || u128::from(address).checked_shl(source_bits.into()).unwrap_or(0) != 0
            }
        };
        if beyond || option.scope_prefix() != 0 {
            Err(Forbidden)
        } else {
            Ok(Some(Self { address, source_bits }))
        }
    }

    /// What it tells of the client; `None` if that is nothing, since the client wants to stay unknown.
    pub(super) fn sight(self) -> Option<Sight> {
        (self.source_bits > 0).then(|| Sight::prefix(self.address, self.source_bits))
    }

    /// The option of the answer, which says for which addresses it is the same: for all, if it does not depend on the
    /// client.
    pub(super) fn echo(self, geography: &Geography, depends_on_client: bool) -> EdnsOption {
        let scope =
            self.sight().filter(|_sight| depends_on_client).map_or(0, |sight| geography.scope_bits(sight));
        EdnsOption::Subnet(ClientSubnet::new(self.address, self.source_bits, scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str, source: u8, scope: u8) -> Result<Option<Subnet>, Forbidden> {
        let mut edns = Edns::new();
        let option = ClientSubnet::new(address.parse().unwrap(), source, scope);
        edns.options_mut().insert(EdnsOption::Subnet(option));
        Subnet::read(&edns)
    }

    #[test]
    fn an_option_says_no_more_than_its_prefix() {
        assert_eq!(Subnet::read(&Edns::new()), Ok(None));
        for (address, source) in
            [("10.1.0.0", 16), ("10.1.2.3", 32), ("0.0.0.0", 0), ("2001:db8::", 32), ("::1", 128)]
        {
            let subnet = read(address, source, 0).unwrap().unwrap();
            assert_eq!(subnet.sight(), (source > 0).then(|| Sight::prefix(address.parse().unwrap(), source)));
        }
        for (address, source, scope) in [
            ("10.1.0.1", 16, 0),
            ("10.1.0.0", 15, 0),
            ("0.0.0.1", 0, 0),
            ("10.1.0.0", 16, 16),
            ("::1", 127, 0),
            ("10.0.0.0", 33, 0),
        ] {
            assert_eq!(read(address, source, scope), Err(Forbidden), "{address}/{source}/{scope}");
        }
    }
}
