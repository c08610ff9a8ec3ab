//! The one zone that the cluster is authoritative for, and what is in it.

use std::net::IpAddr;

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::rdata::{A, AAAA, NS, SOA};
use hickory_server::proto::rr::{DNSClass, LowerName, Name, RData, Record, RecordType};
use marquee_config::{Dns, DomainName, Settings};

use crate::geo::{Candidate, Geo, Sight};

/// What is never transferred needs no serial that grows.
const SERIAL: u32 = 1;
/// For secondaries, which there are none of: values that RIPE-203 recommends.
const REFRESH_SECONDS: i32 = 86_400;
const RETRY_SECONDS: i32 = 7_200;
const EXPIRE_SECONDS: i32 = 3_600_000;

/// The zone.
#[derive(Debug, Clone)]
pub struct Zone {
    apex: Name,
    lower: LowerName,
    name_servers: Vec<Name>,
    soa: Record,
    ttl_seconds: u32,
    answers_max: usize,
    fill_from_other_regions: bool,
}

/// Why there is no zone.
#[derive(Debug, thiserror::Error)]
#[error("dns: {name} is no name of the DNS: {reason}")]
pub struct ZoneError {
    /// The name.
    pub name: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What a question is answered with.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) code: ResponseCode,
    pub(super) answers: Vec<Record>,
    pub(super) authorities: Vec<Record>,
    pub(super) additionals: Vec<Record>,
    /// Whether another client could have got another answer.
    pub(super) depends_on_client: bool,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            code: ResponseCode::NoError,
            answers: Vec::new(),
            authorities: Vec::new(),
            additionals: Vec::new(),
            depends_on_client: false,
        }
    }
}

/// Which of a node's addresses are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
    Both,
}

impl Family {
    fn of(kind: RecordType) -> Option<Self> {
        // ANY is answered with what is asked for most, as RFC 8482 allows.
        let families =
            [(RecordType::A, Self::V4), (RecordType::AAAA, Self::V6), (RecordType::ANY, Self::Both)];
        families.into_iter().find(|(of, _family)| *of == kind).map(|(_of, family)| family)
    }

    fn has(self, address: IpAddr) -> bool {
        match self {
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
            Self::Both => true,
        }
    }
}

impl Zone {
    /// The zone of the settings; `None` if they name none.
    ///
    /// # Errors
    /// [`ZoneError`] for names that are too long together.
    pub fn new(settings: &Settings) -> Result<Option<Self>, ZoneError> {
        let Dns { zone, ttl, answers_max, name_servers, contact, fill_from_other_regions, .. } =
            &settings.dns;
        let Some(zone) = zone else { return Ok(None) };
        let apex = name(zone.as_str())?;
        let name_servers = if name_servers.is_empty() {
            vec![name(&format!("{}.{zone}", settings.node.name))?]
        } else {
            name_servers.iter().map(|server| name(server.as_str())).collect::<Result<_, _>>()?
        };
        let usual_contact = format!("hostmaster.{zone}");
        let contact = name(contact.as_ref().map_or(usual_contact.as_str(), DomainName::as_str))?;
        // The settings' rules bound it.
        let ttl_seconds = u32::try_from(ttl.as_secs()).unwrap_or(u32::MAX);
        // There is at least one.
        let primary = name_servers.first().cloned().unwrap_or_else(|| apex.clone());
        let soa = SOA::new(
            primary,
            contact,
            SERIAL,
            REFRESH_SECONDS,
            RETRY_SECONDS,
            EXPIRE_SECONDS,
            // How long it is kept that something is not there.
            ttl_seconds,
        );
        let soa = Record::from_rdata(apex.clone(), ttl_seconds, RData::SOA(soa));
        Ok(Some(Self {
            lower: LowerName::from(&apex),
            apex,
            name_servers,
            soa,
            ttl_seconds,
            answers_max: usize::from(*answers_max),
            fill_from_other_regions: *fill_from_other_regions,
        }))
    }

    /// Answers one question.
    pub(super) fn answer(
        &self,
        geo: &Geo,
        asked: &LowerName,
        kind: RecordType,
        class: DNSClass,
        client: Sight,
    ) -> Answer {
        let transfer = kind == RecordType::AXFR || kind == RecordType::IXFR;
        if class != DNSClass::IN || transfer || !self.lower.zone_of(asked) {
            return Answer { code: ResponseCode::Refused, ..Answer::default() };
        }
        if *asked == self.lower {
            return self.apex(geo, kind, client);
        }
        let all = geo.all();
        match all
            .iter()
            .find(|node| self.node_name(node).is_some_and(|name| LowerName::from(&name) == *asked))
        {
            None => Answer { code: ResponseCode::NXDomain, ..self.no_data() },
            Some(node) => {
                let answers = self.addresses(&Name::from(asked.clone()), node, Family::of(kind));
                if answers.is_empty() { self.no_data() } else { Answer { answers, ..Answer::default() } }
            }
        }
    }

    fn apex(&self, geo: &Geo, kind: RecordType, client: Sight) -> Answer {
        if kind == RecordType::SOA {
            return Answer { answers: vec![self.soa.clone()], ..Answer::default() };
        }
        if kind == RecordType::NS {
            return Answer { answers: self.ns(), additionals: self.glue(geo), ..Answer::default() };
        }
        let Some(family) = Family::of(kind) else { return self.no_data() };
        let Some(answers) = self.nearest(geo, family, client) else {
            // No node takes customers, as far as this one knows: another name server may know better.
            return Answer { code: ResponseCode::ServFail, ..Answer::default() };
        };
        let answer =
            if answers.is_empty() { self.no_data() } else { Answer { answers, ..Answer::default() } };
        Answer { depends_on_client: true, ..answer }
    }

    /// The nearest nodes, at most so many as the settings say; `None` if no healthy node has an address. The region is
    /// chosen without regard to the family, or else whoever speaks both would be sent to where the rarer one is.
    fn nearest(&self, geo: &Geo, family: Family, client: Sight) -> Option<Vec<Record>> {
        let nearest = geo.nearest(&geo.geography().at_address(client));
        let reachable = |node: &Candidate| !node.addresses.is_empty();
        let region = &nearest.iter().find(|near| reachable(&near.candidate))?.candidate.region;
        let mut records = Vec::new();
        let mut nodes = 0;
        for near in &nearest {
            if nodes == self.answers_max {
                break;
            }
            if near.candidate.region != *region && !self.fill_from_other_regions {
                continue;
            }
            let addresses = self.addresses(&self.apex, &near.candidate, Some(family));
            if !addresses.is_empty() {
                nodes += 1;
                records.extend(addresses);
            }
        }
        Some(records)
    }

    fn addresses(&self, name: &Name, node: &Candidate, family: Option<Family>) -> Vec<Record> {
        let asked =
            node.addresses.iter().filter(|address| family.is_some_and(|family| family.has(**address)));
        let record = |address: &IpAddr| {
            let data = match address {
                IpAddr::V4(address) => RData::A(A(*address)),
                IpAddr::V6(address) => RData::AAAA(AAAA(*address)),
            };
            Record::from_rdata(name.clone(), self.ttl_seconds, data)
        };
        asked.map(record).collect()
    }

    fn ns(&self) -> Vec<Record> {
        let record = |server: &Name| {
            Record::from_rdata(self.apex.clone(), self.ttl_seconds, RData::NS(NS(server.clone())))
        };
        self.name_servers.iter().map(record).collect()
    }

    /// The addresses of name servers that are nodes under their names in the zone.
    fn glue(&self, geo: &Geo) -> Vec<Record> {
        let all = geo.all();
        let node = |server: &Name| all.iter().find(|node| self.node_name(node).as_ref() == Some(server));
        self.name_servers
            .iter()
            .filter_map(|server| Some((server, node(server)?)))
            .flat_map(|(server, node)| self.addresses(server, node, Some(Family::Both)))
            .collect()
    }

    /// A node's own name in the zone.
    fn node_name(&self, node: &Candidate) -> Option<Name> {
        self.apex.prepend_label(node.name.as_bytes()).ok()
    }

    /// The name is there, but not with what is asked for.
    fn no_data(&self) -> Answer {
        Answer { authorities: vec![self.soa.clone()], ..Answer::default() }
    }
}

/// A name with its dot at the end.
fn name(text: &str) -> Result<Name, ZoneError> {
    let read = Name::from_ascii(format!("{text}."));
    read.map_err(|error| ZoneError { name: text.to_owned(), reason: error.to_string() })
}
