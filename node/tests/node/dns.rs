//! The DNS responder on real sockets, asked by messages that hickory writes and reads, and by bytes that are none.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_server::proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_server::proto::rr::rdata::opt::{ClientSubnet, EdnsCode, EdnsOption};
use hickory_server::proto::rr::{DNSClass, Name, RecordType};
use marquee_config::Settings;
use marquee_node::dns::{Carrier, Responder, Zone, reply};
use marquee_node::geo::{Candidate, Candidates, Geo, Geography, Nodes};
use marquee_replication::NodeId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const SETTINGS: &str = r#"
    [node]
    name = "new-york-1"
    region = "us-east"
    [dns]
    listen = "127.0.0.1:0"
    zone = "tickets.example.com"
    name_servers = ["new-york-1.tickets.example.com", "ns.elsewhere.example.net"]
    ttl = "20s"
    [cluster.regions.us-east]
    location = { lat = 40.7, lon = -74.0 }
    [cluster.regions.eu-west]
    location = { lat = 51.5, lon = -0.1 }
    addresses = ["198.51.100.0/24", "2001:db8:1::/48"]
    [cluster.regions.ap-south]
    location = { lat = 19.1, lon = 72.9 }
    addresses = ["203.0.113.0/24", "198.51.100.128/25", "127.0.0.1"]
"#;

/// Two nodes in Europe, one in America, one in Asia.
struct World(Nodes);

impl World {
    fn without(down: &[u64]) -> Arc<Self> {
        let node = |number: u64, name: &str, region: &str, addresses: &[&str]| {
            Arc::new(Candidate {
                node: NodeId(number),
                name: name.to_owned(),
                region: region.to_owned(),
                zone: "a".to_owned(),
                location: None,
                url: format!("https://{name}.example.com"),
                addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
                healthy: !down.contains(&number),
                load_permille: 0,
            })
        };
        Arc::new(Self(Arc::from([
            node(1, "new-york-1", "us-east", &["192.0.2.1", "2001:db8::1"]),
            node(2, "london-1", "eu-west", &["192.0.2.2"]),
            node(3, "london-2", "eu-west", &["192.0.2.3"]),
            node(4, "mumbai-1", "ap-south", &["192.0.2.4", "2001:db8::4"]),
        ])))
    }
}

impl Candidates for World {
    fn own(&self) -> NodeId {
        NodeId(1)
    }

    fn all(&self) -> Nodes {
        Arc::clone(&self.0)
    }
}

/// A responder that runs.
struct Names {
    geo: Arc<Geo>,
    address: SocketAddr,
    stopping: CancellationToken,
    serving: JoinHandle<()>,
}

impl Names {
    async fn open(more: &str) -> Self {
        let settings =
            Settings::parse(&SETTINGS.replace("[dns]", &format!("[dns]\n{more}")), "x.toml").unwrap();
        let geo = Arc::new(Geo::new(Geography::new(&settings), World::without(&[])));
        let zone = Zone::new(&settings).unwrap().unwrap();
        let responder = Responder::bind(&settings.dns, zone, Arc::clone(&geo)).await.unwrap();
        let (address, stopping) = (responder.local_addr(), CancellationToken::new());
        let serving = tokio::spawn(responder.serve(stopping.clone()));
        Self { geo, address, stopping, serving }
    }

    async fn close(self) {
        self.stopping.cancel();
        self.serving.await.unwrap();
    }

    async fn socket(&self) -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(self.address).await.unwrap();
        socket
    }

    async fn ask(&self, question: &Message) -> Message {
        let socket = self.socket().await;
        socket.send(&question.to_vec().unwrap()).await.unwrap();
        let answer = received(&socket).await;
        assert_eq!(
            (answer.metadata.id, answer.metadata.message_type),
            (question.metadata.id, MessageType::Response)
        );
        answer
    }

    async fn ask_by_tcp(&self, question: &Message) -> Message {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        send(&mut stream, &question.to_vec().unwrap()).await;
        let mut length = [0; 2];
        stream.read_exact(&mut length).await.unwrap();
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut answer).await.unwrap();
        Message::from_vec(&answer).unwrap()
    }
}

async fn received(socket: &UdpSocket) -> Message {
    let mut answer = [0; 2_048];
    let length = socket.recv(&mut answer).await.unwrap();
    Message::from_vec(&answer[..length]).unwrap()
}

async fn send(stream: &mut TcpStream, message: &[u8]) {
    stream.write_all(&u16::try_from(message.len()).unwrap().to_be_bytes()).await.unwrap();
    stream.write_all(message).await.unwrap();
}

fn question(name: &str, kind: RecordType) -> Message {
    let mut message = Message::new(4_711, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message
}

/// A question for a client in `subnet`, such as `198.51.100.0/24`.
fn question_for(name: &str, kind: RecordType, subnet: &str) -> Message {
    let (address, bits) = subnet.split_once('/').unwrap();
    let mut edns = Edns::new();
    edns.set_max_payload(4_096);
    let option = ClientSubnet::new(address.parse().unwrap(), bits.parse().unwrap(), 0);
    edns.options_mut().insert(EdnsOption::Subnet(option));
    let mut message = question(name, kind);
    message.set_edns(edns);
    message
}

/// The addresses of an answer, in order, or what else its records say.
fn addresses(answer: &Message) -> String {
    answer.answers.iter().map(|record| record.data.to_string()).collect::<Vec<_>>().join(" ")
}

fn scope(answer: &Message) -> Option<u8> {
    let option = answer.edns.as_ref()?.option(EdnsCode::Subnet)?;
    if let EdnsOption::Subnet(subnet) = option { Some(subnet.scope_prefix()) } else { None }
}

const ZONE: &str = "tickets.example.com.";

#[tokio::test]
async fn a_client_is_told_the_healthy_nodes_of_the_nearest_region() {
    let names = Names::open("").await;
    for (subnet, expected, expected_scope) in [
        ("198.51.100.0/25", "192.0.2.2 192.0.2.3", 25),
        ("198.51.100.128/25", "192.0.2.4", 25),
        // Half of this network is in another region: what is known of the client does not suffice, and the scope says so.
        ("198.51.100.0/24", "192.0.2.2 192.0.2.3", 25),
        ("203.0.113.7/32", "192.0.2.4", 24),
        ("192.0.2.0/24", "192.0.2.1", 6),
        ("2001:db8:1::/48", "192.0.2.2 192.0.2.3", 48),
    ] {
        let answer = names.ask(&question_for(ZONE, RecordType::A, subnet)).await;
        assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
        assert!(answer.metadata.authoritative && !answer.metadata.recursion_available);
        assert_eq!(
            (addresses(&answer).as_str(), scope(&answer)),
            (expected, Some(expected_scope)),
            "{subnet}"
        );
        assert!(answer.answers.iter().all(|record| record.ttl == 20 && record.name.to_string() == ZONE));
    }
    // Without a subnet, or with one that says that the client wants to stay unknown, the resolver's own address counts.
    let answer = names.ask(&question(ZONE, RecordType::A)).await;
    assert_eq!((addresses(&answer).as_str(), answer.edns.is_some()), ("192.0.2.4", false));
    let answer = names.ask(&question_for(ZONE, RecordType::A, "0.0.0.0/0")).await;
    assert_eq!((addresses(&answer).as_str(), scope(&answer)), ("192.0.2.4", Some(0)));
    names.close().await;
}

#[tokio::test]
async fn a_node_that_is_down_is_not_in_the_answer() {
    let names = Names::open("").await;
    let europe = question_for(ZONE, RecordType::A, "198.51.100.0/25");
    names.geo.follow(World::without(&[2]));
    assert_eq!(addresses(&names.ask(&europe).await), "192.0.2.3");
    names.geo.follow(World::without(&[2, 3]));
    assert_eq!(addresses(&names.ask(&europe).await), "192.0.2.1", "the next region");
    names.geo.follow(World::without(&[1, 2, 3, 4]));
    let answer = names.ask(&europe).await;
    assert_eq!(answer.metadata.response_code, ResponseCode::ServFail, "another name server may know better");
    // A name server must be found, whatever this node thinks of it.
    let answer = names.ask(&question("london-1.tickets.example.com.", RecordType::A)).await;
    assert_eq!(addresses(&answer), "192.0.2.2");
    names.close().await;
}

#[tokio::test]
async fn answers_name_as_many_nodes_as_the_settings_say() {
    let europe = question_for(ZONE, RecordType::A, "198.51.100.0/25");
    for (more, expected) in [
        ("answers_max = 1", "192.0.2.2"),
        ("fill_from_other_regions = true", "192.0.2.2 192.0.2.3 192.0.2.1"),
        ("fill_from_other_regions = true\nanswers_max = 9", "192.0.2.2 192.0.2.3 192.0.2.1 192.0.2.4"),
    ] {
        let names = Names::open(more).await;
        assert_eq!(addresses(&names.ask(&europe).await), expected, "{more}");
        names.close().await;
    }
}

#[tokio::test]
async fn the_zone_has_its_records_and_nothing_else() {
    let names = Names::open("").await;
    let table = [
        (ZONE, RecordType::AAAA, ResponseCode::NoError, "2001:db8::4", 0),
        ("TICKETS.example.COM.", RecordType::A, ResponseCode::NoError, "192.0.2.4", 0),
        (ZONE, RecordType::ANY, ResponseCode::NoError, "192.0.2.4 2001:db8::4", 0),
        (
            ZONE,
            RecordType::NS,
            ResponseCode::NoError,
            "new-york-1.tickets.example.com. ns.elsewhere.example.net.",
            0,
        ),
        (
            ZONE,
            RecordType::SOA,
            ResponseCode::NoError,
            "new-york-1.tickets.example.com. hostmaster.tickets.example.com. 1 86400 7200 3600000 20",
            0,
        ),
        (ZONE, RecordType::MX, ResponseCode::NoError, "", 1),
        ("new-york-1.tickets.example.com.", RecordType::AAAA, ResponseCode::NoError, "2001:db8::1", 0),
        ("london-1.tickets.example.com.", RecordType::AAAA, ResponseCode::NoError, "", 1),
        ("london-1.tickets.example.com.", RecordType::TXT, ResponseCode::NoError, "", 1),
        ("nowhere.tickets.example.com.", RecordType::A, ResponseCode::NXDomain, "", 1),
        ("a.london-1.tickets.example.com.", RecordType::A, ResponseCode::NXDomain, "", 1),
        ("example.com.", RecordType::A, ResponseCode::Refused, "", 0),
        ("www.example.org.", RecordType::A, ResponseCode::Refused, "", 0),
        ("nottickets.example.com.", RecordType::A, ResponseCode::Refused, "", 0),
        (".", RecordType::NS, ResponseCode::Refused, "", 0),
        (ZONE, RecordType::AXFR, ResponseCode::Refused, "", 0),
        (ZONE, RecordType::IXFR, ResponseCode::Refused, "", 0),
    ];
    for (name, kind, code, expected, authorities) in table {
        for answer in [names.ask(&question(name, kind)).await, names.ask_by_tcp(&question(name, kind)).await]
        {
            assert_eq!(answer.metadata.response_code, code, "{name} {kind}");
            assert_eq!(
                (addresses(&answer).as_str(), answer.authorities.len()),
                (expected, authorities),
                "{name} {kind}"
            );
            assert!(answer.authorities.iter().all(|record| record.record_type() == RecordType::SOA));
            assert_eq!(answer.metadata.authoritative, code != ResponseCode::Refused, "{name} {kind}");
            assert_eq!(
                answer.queries,
                question(name, kind).queries,
                "the question comes back as it was written"
            );
        }
    }
    let answer = names.ask(&question(ZONE, RecordType::NS)).await;
    let glue: Vec<_> =
        answer.additionals.iter().map(|record| (record.name.to_string(), record.record_type())).collect();
    let server = "new-york-1.tickets.example.com.".to_owned();
    assert_eq!(glue, [(server.clone(), RecordType::A), (server, RecordType::AAAA)]);

    let mut chaos = question(ZONE, RecordType::TXT);
    chaos.queries[0].set_query_class(DNSClass::CH);
    assert_eq!(names.ask(&chaos).await.metadata.response_code, ResponseCode::Refused);
    names.close().await;
}

#[tokio::test]
async fn edns_is_answered_by_its_rules() {
    let names = Names::open("").await;
    let mut newer = question(ZONE, RecordType::A);
    let mut edns = Edns::new();
    edns.set_version(1);
    newer.set_edns(edns);
    let answer = names.ask(&newer).await;
    assert_eq!(u16::from(answer.metadata.response_code), 16, "BADVERS");
    assert_eq!(answer.edns.unwrap().version(), 0);
    // Bits beyond the prefix.
    let answer = names.ask(&question_for(ZONE, RecordType::A, "198.51.100.7/25")).await;
    assert_eq!(answer.metadata.response_code, ResponseCode::FormErr);
    // An answer that is the same for all says so.
    let answer = names.ask(&question_for("no.tickets.example.com.", RecordType::A, "198.51.100.0/25")).await;
    assert_eq!((answer.metadata.response_code, scope(&answer)), (ResponseCode::NXDomain, Some(0)));
    names.close().await;
}

#[tokio::test]
async fn what_does_not_fit_a_datagram_is_cut_and_comes_by_tcp() {
    let names = Names::open("answers_max = 16\nfill_from_other_regions = true").await;
    let node = |number: u64| {
        let address = |host: u64| IpAddr::from([192, 0, 2, u8::try_from(host).unwrap()]);
        Arc::new(Candidate {
            node: NodeId(number),
            name: format!("n{number}"),
            region: "us-east".to_owned(),
            zone: "a".to_owned(),
            location: None,
            url: String::new(),
            addresses: (0..4).map(|host| address(number * 4 + host)).collect(),
            healthy: true,
            load_permille: 0,
        })
    };
    names.geo.follow(Arc::new(World((0..16).map(node).collect())));
    let asked = question(ZONE, RecordType::A);
    let cut = names.ask(&asked).await;
    assert!(cut.metadata.truncation && cut.answers.len() < 64);
    let whole = names.ask_by_tcp(&asked).await;
    assert_eq!((whole.metadata.truncation, whole.answers.len()), (false, 64));
    names.close().await;
}

#[tokio::test]
async fn garbage_harms_nobody() {
    let names = Names::open("").await;
    let socket = names.socket().await;
    // None of these is a question: no answer comes, but the next question is answered.
    let mut response = question(ZONE, RecordType::A);
    response.metadata.message_type = MessageType::Response;
    let silent: [&[u8]; 4] = [&[], &[0; 11], &[0xff; 500], &response.to_vec().unwrap()];
    for garbage in silent {
        socket.send(garbage).await.unwrap();
        socket.send(&question(ZONE, RecordType::A).to_vec().unwrap()).await.unwrap();
        assert_eq!(addresses(&received(&socket).await), "192.0.2.4");
    }
    // These look as if they were meant as one. What comes back is no longer than they are.
    let asked = question(ZONE, RecordType::A).to_vec().unwrap();
    let mut thousands = asked.clone();
    thousands[4..6].copy_from_slice(&[0xff, 0xff]);
    let mut update = asked.clone();
    update[2] = 5 << 3;
    let mut looped = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0x0c, 0, 1, 0, 1];
    looped.resize(64, 0);
    let oversized = vec![0; 9_000];
    for (garbage, code) in [
        (&thousands, ResponseCode::FormErr),
        (&asked[..asked.len() - 3].to_vec(), ResponseCode::FormErr),
        (&update, ResponseCode::NotImp),
        (&looped, ResponseCode::FormErr),
        (&oversized, ResponseCode::FormErr),
    ] {
        socket.send(garbage).await.unwrap();
        let mut answer = [0; 2_048];
        let length = socket.recv(&mut answer).await.unwrap();
        assert!(length <= garbage.len());
        assert_eq!(Message::from_vec(&answer[..length]).unwrap().metadata.response_code, code);
    }
    // A connection with something else than questions is closed.
    for garbage in [&[0xff; 64][..], b"GET / HTTP/1.1\r\n\r\n", &[0, 3, 1, 2, 3], &[0, 0]] {
        let mut stream = TcpStream::connect(names.address).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut rest = Vec::new();
        // It may be reset, since not all of it was read.
        let _reset = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty(), "{rest:02x?}");
    }
    assert_eq!(addresses(&names.ask_by_tcp(&question(ZONE, RecordType::A)).await), "192.0.2.4");
    names.close().await;
}

#[tokio::test]
async fn whoever_asks_too_much_is_not_answered() {
    let names = Names::open("per_address = { per_minute = 1, burst = 3 }").await;
    let socket = names.socket().await;
    let mut asked = question(ZONE, RecordType::A);
    for id in 0..5 {
        asked.metadata.id = id;
        socket.send(&asked.to_vec().unwrap()).await.unwrap();
    }
    for id in 0..3 {
        assert_eq!(received(&socket).await.metadata.id, id);
    }
    // A connection counts as well, and ends.
    let mut stream = TcpStream::connect(names.address).await.unwrap();
    send(&mut stream, &asked.to_vec().unwrap()).await;
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    let mut rest = [0; 512];
    assert!(socket.try_recv(&mut rest).is_err(), "nothing came for the other two");
    names.close().await;
}

#[test]
fn no_bytes_make_it_panic_or_amplify() {
    let settings = Settings::parse(SETTINGS, "x.toml").unwrap();
    let geo = Geo::new(Geography::new(&settings), World::without(&[]));
    let zone = Zone::new(&settings).unwrap().unwrap();
    let peer = SocketAddr::from(([127, 0, 0, 1], 5_353));
    let whole = question_for(ZONE, RecordType::A, "198.51.100.0/25").to_vec().unwrap();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random >> 33).unwrap()
    };
    let mut answered = 0;
    for _ in 0..50_000 {
        let mut packet = whole.clone();
        for _ in 0..next() % 6 {
            let at = next() % packet.len();
            packet[at] = u8::try_from(next() % 256).unwrap();
        }
        packet.truncate(packet.len() - (next() % 3) * (next() % packet.len()) / 2);
        if let Some(answer) = reply(&zone, &geo, &packet, peer, Carrier::Udp) {
            answered += 1;
            assert!(answer.len() <= 512, "{packet:02x?}");
        }
    }
    assert!(answered > 10_000, "{answered}");
}
