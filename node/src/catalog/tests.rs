//! The catalog's rules and lists, against a ledger that can be told to refuse.

use std::collections::BTreeSet;
use std::sync::Arc;

use marquee_ledger::terms::{PerformanceStatus, RefundPolicy};
use marquee_ledger::{AccountId, Broken, EventId, HallId, PerformanceId, Position, VenueId};
use marquee_search::matching::Query;
use redb::ReadableDatabase as _;

use super::command::{Action, By, Change, Command, Created, Offer, OfferedPrice, Outcome, Refusal};
use super::copy::{CatalogCopy, Dirty};
use super::entity::{Aid, EventFacts, EventKind, Pace, Point, Schedule, VenueFacts, VenueKind};
use super::part::{Catalog, Sales};
use super::query::{CityName, EventFilter, Moment, NearZip, PlaceFilter};
use super::seat_map::tests::small_map;
use super::tables::{EntityKind, Snapshot};

const OWNER: By = By { account: AccountId(1), operator: false };
const STRANGER: By = By { account: AccountId(2), operator: false };
const OPERATOR: By = By { account: AccountId(3), operator: true };
/// 2026-12-01T00:00:00Z.
const NOW_MS: u64 = 1_796_083_200_000;
const HOUR_MS: u64 = 3_600_000;

/// A ledger that writes down what it is asked, and refuses when told to.
#[derive(Default)]
struct Asked {
    commands: Vec<marquee_ledger::Command>,
    refusal: Option<marquee_ledger::Refusal>,
}

impl Sales for Asked {
    fn ask(
        &mut self,
        command: marquee_ledger::Command,
    ) -> Result<Result<marquee_ledger::Outcome, marquee_ledger::Refusal>, Broken> {
        self.commands.push(command);
        Ok(self.refusal.take().map_or(Ok(marquee_ledger::Outcome::Done), Err))
    }
}

struct Bench {
    state: redb::Database,
    part: Catalog,
    copy: Arc<CatalogCopy>,
    ledger: Asked,
}

impl Bench {
    fn new() -> Self {
        let state =
            redb::Database::builder().create_with_backend(redb::backends::InMemoryBackend::new()).unwrap();
        let copy = Arc::new(CatalogCopy::default());
        let mut part = Catalog::new("g1");
        let write = state.begin_write().unwrap();
        part.open(&write, &mut Vec::new()).unwrap();
        write.commit().unwrap();
        Self { state, part, copy, ledger: Asked::default() }
    }

    fn ask(&mut self, by: By, action: Action) -> Result<Outcome, Refusal> {
        let write = self.state.begin_write().unwrap();
        let at = Position { index: 1, now_ms: NOW_MS };
        let mut changes: Vec<Change> = Vec::new();
        let command = Command { by, action };
        let answer = self.part.apply(&write, at, &command, &mut self.ledger, &mut changes).unwrap();
        write.commit().unwrap();
        assert!(answer.is_ok() || changes.is_empty(), "a refusal changes nothing");
        self.copy.publish(changes);
        answer
    }

    fn create(&mut self, action: Action) -> Created {
        match self.ask(OWNER, action) {
            Ok(Outcome::Created(created)) => created[0],
            other => panic!("not created: {other:?}"),
        }
    }

    fn venue(&mut self, name: &str, city: &str, zip: &str, at: (f64, f64), zone: &str) -> VenueId {
        let facts = VenueFacts {
            name: name.to_owned(),
            kind: VenueKind::Theater,
            address: "1 Main Street".to_owned(),
            city: city.to_owned(),
            region: String::new(),
            country: "US".to_owned(),
            zip: zip.to_owned(),
            point: Point::from_degrees(at.0, at.1),
            time_zone: zone.to_owned(),
        };
        let Created::Venue(id) = self.create(Action::CreateVenue { number: None, key: None, facts }) else {
            panic!()
        };
        id
    }

    fn hall(&mut self, venue: VenueId) -> HallId {
        let seat_map = Box::new(small_map());
        let create = Action::CreateHall { venue, key: None, name: "Main".to_owned(), seat_map };
        let Created::Hall(id) = self.create(create) else { panic!() };
        id
    }

    fn event(&mut self, kind: EventKind, title: &str) -> EventId {
        let events = vec![(None, event(kind, title))];
        let Created::Event(id) = self.create(Action::CreateEvents { events }) else { panic!() };
        id
    }

    fn performance(&mut self, event: EventId, hall: HallId, in_hours: u64) -> PerformanceId {
        let create =
            Action::CreatePerformance { key: None, event, event_owner: None, hall, offer: offer(in_hours) };
        let Created::Performance(id) = self.create(create) else { panic!() };
        id
    }

    fn titles(&self, filter: &EventFilter) -> Vec<String> {
        let page = self.copy.read().events(filter, None, NOW_MS, 200);
        assert_eq!(page.next, None);
        page.items.into_iter().map(|listed| listed.event.facts.title.clone()).collect()
    }
}

fn event(kind: EventKind, title: &str) -> EventFacts {
    EventFacts {
        kind,
        title: title.to_owned(),
        description: String::new(),
        host: String::new(),
        performers: vec!["Zoë Ångström".to_owned()],
        genres: Vec::new(),
        language: "en".to_owned(),
        duration_min: Some(90),
        age_rating: String::new(),
    }
}

fn schedule(in_hours: u64) -> Schedule {
    let starts_at_ms = NOW_MS + in_hours * HOUR_MS;
    Schedule { starts_at_ms, doors_at_ms: None, on_sale_from_ms: 0, on_sale_until_ms: starts_at_ms }
}

fn offer(in_hours: u64) -> Offer {
    Offer {
        seat_map_version: None,
        schedule: schedule(in_hours),
        currency: "USD".parse().unwrap(),
        concessions: vec!["adult".to_owned(), "child".to_owned()],
        prices: vec![
            OfferedPrice { category: "best".to_owned(), concession: "child".to_owned(), amount: 900 },
            OfferedPrice { category: "floor".to_owned(), concession: "adult".to_owned(), amount: 1_500 },
        ],
        refund: RefundPolicy { until_ms_before: 0, share_basis_points: 10_000 },
        ticket_limit: 8,
        pace: Pace { hold_ms: 600_000, extension_ms: 300_000, payment_ms: 600_000 },
        accessibility: BTreeSet::from([Aid::Captions]),
    }
}

/// One venue in Oakland with a hall, and one event shown there in 20 hours.
fn oakland() -> (Bench, VenueId, HallId, EventId, PerformanceId) {
    let mut bench = Bench::new();
    let venue = bench.venue("Fox Theater", "Oakland", "94612", (37.808, -122.270), "America/Los_Angeles");
    let hall = bench.hall(venue);
    let event = bench.event(EventKind::Concert, "Harbour Lights");
    let performance = bench.performance(event, hall, 20);
    (bench, venue, hall, event, performance)
}

#[test]
fn what_is_made_routes_itself_and_is_on_sale_in_the_same_step() {
    let (mut bench, venue, hall, event, performance) = oakland();
    assert_eq!((hall.owner(), performance.owner(), event.owner()), (venue.owner(), venue.owner(), 0));
    let second = bench.venue("Club", "Oakland", "94607", (37.8, -122.3), "America/Los_Angeles");
    assert_ne!(second.owner(), venue.owner());
    let asked = std::mem::take(&mut bench.ledger.commands);
    let [marquee_ledger::Command::DefineLayout { hall: defined, version: 1, layout }, open] =
        asked.as_slice()
    else {
        panic!("{asked:?}")
    };
    assert_eq!((*defined, layout.seat_count()), (hall, 5));
    let marquee_ledger::Command::OpenPerformance { performance: opened, terms } = open else { panic!() };
    assert_eq!(*opened, performance);
    let prices: Vec<_> = terms.prices.iter().map(|p| (p.category, p.concession, p.amount)).collect();
    assert_eq!(prices, [(0, 1, 900), (1, 0, 1_500)], "names became indices");
    let read = bench.state.begin_read().unwrap();
    assert_eq!(Snapshot::new(&read, "g1").seat_map(hall, 1).unwrap(), Some(small_map()));
}

#[test]
fn a_refusal_of_the_ledger_leaves_the_catalog_as_it_was() {
    let (mut bench, _, hall, event, performance) = oakland();
    let before = bench.copy.read().performance(performance).cloned().unwrap();
    let in_use = marquee_ledger::Refusal::SeatsInUse { first: 3, count: 1 };
    let actions = [
        Action::UpdatePerformance { performance, version: Some(1), offer: offer(30) },
        Action::Reschedule { performance, version: Some(1), schedule: schedule(30) },
        Action::CancelPerformance { performance, version: Some(1), reason: "Fire".to_owned() },
        Action::DeletePerformance { performance, version: Some(1) },
        Action::CreatePerformance {
            key: Some("k".to_owned()),
            event,
            event_owner: None,
            hall,
            offer: offer(9),
        },
        Action::PutSeatMap { hall, version: Some(1), seat_map: Box::new(small_map()) },
    ];
    for action in actions {
        bench.ledger.refusal = Some(in_use.clone());
        assert_eq!(bench.ask(OWNER, action), Err(Refusal::Sale(in_use.clone())));
    }
    let index = bench.copy.read();
    assert_eq!(index.performance(performance), Some(&before));
    assert_eq!(index.performances_of(event).count(), 1);
    assert_eq!(index.hall(hall).unwrap().maps.len(), 1);
    assert_eq!(index.keyed(OWNER.account, EntityKind::Performance, "k"), None);
}

#[test]
fn an_update_names_the_version_that_it_changes() {
    let (mut bench, _, _, id, _) = oakland();
    let write = |version| Action::UpdateEvent { event: id, version, facts: event(EventKind::Talk, "Second") };
    assert_eq!(bench.ask(OWNER, write(Some(1))), Ok(Outcome::Updated { version: 2 }));
    assert_eq!(bench.ask(OWNER, write(Some(1))), Err(Refusal::Stale { version: 2 }));
    assert_eq!(bench.ask(OWNER, write(None)), Ok(Outcome::Updated { version: 3 }));
    assert_eq!(bench.copy.read().event(id).unwrap().stamp.version, 3);
}

#[test]
fn only_the_owner_or_an_operator_writes() {
    let (mut bench, venue, hall, id, performance) = oakland();
    let actions = || {
        [
            Action::UpdateEvent { event: id, version: None, facts: event(EventKind::Talk, "Mine") },
            Action::RenameHall { hall, version: None, name: "Mine".to_owned() },
            Action::CreatePerformance { key: None, event: id, event_owner: None, hall, offer: offer(9) },
            Action::Reschedule { performance, version: None, schedule: schedule(30) },
            Action::DeletePerformance { performance, version: None },
            Action::DeleteVenue { venue, version: None },
        ]
    };
    for action in actions() {
        assert_eq!(bench.ask(STRANGER, action), Err(Refusal::NotYours));
    }
    let renamed = Action::RenameHall { hall, version: None, name: "Great Hall".to_owned() };
    assert!(bench.ask(OPERATOR, renamed).is_ok());
    let index = bench.copy.read();
    assert_eq!(index.hall(hall).unwrap().stamp.owner, OWNER.account, "it stays its owner's");
}

#[test]
fn nothing_is_removed_from_under_a_performance() {
    let (mut bench, venue, hall, event, performance) = oakland();
    let remove_venue = || Action::DeleteVenue { venue, version: None };
    for action in [
        remove_venue(),
        Action::DeleteHall { hall, version: None },
        Action::DeleteEvent { event, version: None },
    ] {
        assert_eq!(bench.ask(OWNER, action), Err(Refusal::HasPerformances));
    }
    let withdraw = Action::DeletePerformance { performance, version: None };
    assert_eq!(bench.ask(OWNER, withdraw), Ok(Outcome::Deleted));
    assert_eq!(bench.ask(OWNER, remove_venue()), Ok(Outcome::Deleted));
    assert_eq!(bench.ask(OWNER, remove_venue()), Err(Refusal::UnknownVenue));
    let read = bench.state.begin_read().unwrap();
    assert_eq!(Snapshot::new(&read, "g1").seat_map(hall, 1).unwrap(), None, "its halls went with it");
    let index = bench.copy.read();
    assert!(index.venue(venue).is_none() && index.hall(hall).is_none() && index.halls_of(venue).count() == 0);
}

#[test]
fn a_key_names_one_thing_and_is_free_again_when_that_is_gone() {
    let mut bench = Bench::new();
    let keyed = |key: &str| (Some(key.to_owned()), event(EventKind::Movie, key));
    let create = |keys: &[&str]| Action::CreateEvents { events: keys.iter().map(|key| keyed(key)).collect() };
    let Created::Event(first) = bench.create(create(&["a"])) else { panic!() };
    let taken = Refusal::KeyTaken { key: "a".to_owned(), by: Created::Event(first) };
    assert_eq!(bench.ask(OWNER, create(&["b", "a"])), Err(taken));
    assert!(matches!(bench.ask(OWNER, create(&["b", "b"])), Err(Refusal::Invalid(_))));
    assert_eq!(bench.copy.read().events.len(), 1, "all or none");
    assert!(bench.ask(STRANGER, create(&["a"])).is_ok(), "keys are an owner's own");
    assert_eq!(bench.ask(OWNER, Action::DeleteEvent { event: first, version: None }), Ok(Outcome::Deleted));
    assert!(bench.ask(OWNER, create(&["a"])).is_ok());
}

#[test]
fn a_seat_map_is_never_rewritten_but_followed_by_another() {
    let (mut bench, _, hall, _, performance) = oakland();
    let mut wider = small_map();
    wider.width += 500;
    let put =
        |map: &super::SeatMap| Action::PutSeatMap { hall, version: None, seat_map: Box::new(map.clone()) };
    assert!(bench.ask(OWNER, put(&wider)).is_ok());
    let read = bench.state.begin_read().unwrap();
    let maps = Snapshot::new(&read, "g1");
    assert_eq!(maps.seat_map(hall, 1).unwrap(), Some(small_map()));
    assert_eq!(maps.seat_map(hall, 2).unwrap().as_ref(), Some(&wider));
    assert_eq!(bench.copy.read().performance(performance).unwrap().seat_map_version, 1);
    let moved = Offer { seat_map_version: Some(2), ..offer(20) };
    let update = |offer| Action::UpdatePerformance { performance, version: None, offer };
    assert!(bench.ask(OWNER, update(moved)).is_ok());
    assert!(bench.ask(OWNER, update(offer(21))).is_ok());
    assert_eq!(bench.copy.read().performance(performance).unwrap().seat_map_version, 2, "unsaid, it stays");
    let ahead = Offer { seat_map_version: Some(3), ..offer(20) };
    assert_eq!(bench.ask(OWNER, update(ahead)), Err(Refusal::UnknownSeatMap { version: 3 }));
    wider.seats.y.pop();
    assert!(matches!(bench.ask(OWNER, put(&wider)), Err(Refusal::Invalid(_))));
}

#[test]
fn a_price_names_what_the_seat_map_and_the_offer_have() {
    let (mut bench, _, hall, event, _) = oakland();
    let mut priced = |category: &str, concession: &str| {
        let mut offer = offer(20);
        offer.prices[1].category = category.to_owned();
        offer.prices[1].concession = concession.to_owned();
        bench
            .ask(OWNER, Action::CreatePerformance { key: None, event, event_owner: None, hall, offer })
            .map(|_| ())
    };
    let category = Refusal::UnknownCategory { category: "box".to_owned(), price: 1 };
    assert_eq!(priced("box", "adult"), Err(category));
    let concession = Refusal::UnknownConcession { concession: "senior".to_owned(), price: 1 };
    assert_eq!(priced("best", "senior"), Err(concession));
    assert_eq!(priced("best", "adult"), Ok(()));
}

#[test]
fn a_cancelled_performance_is_shown_as_such_and_not_offered() {
    let (mut bench, _, _, event, performance) = oakland();
    let cancel = Action::CancelPerformance { performance, version: Some(1), reason: "Storm".to_owned() };
    assert_eq!(bench.ask(OWNER, cancel), Ok(Outcome::Updated { version: 2 }));
    let again = Action::CancelPerformance { performance, version: None, reason: "Flood".to_owned() };
    let cancelled = Refusal::Sale(marquee_ledger::Refusal::PerformanceCancelled);
    assert_eq!(bench.ask(OWNER, again), Err(cancelled));
    let index = bench.copy.read();
    let known = index.performance(performance).unwrap();
    assert_eq!((known.status, known.cancelled_because.as_str()), (PerformanceStatus::Cancelled, "Storm"));
    assert_eq!(index.performances(event, None, None, None, 9).items.len(), 1);
    assert!(index.events(&EventFilter::default(), None, NOW_MS, 9).items[0].next.is_none());
}

#[test]
fn the_copy_is_the_same_after_opening_again() {
    let (mut bench, venue, hall, event, performance) = oakland();
    assert!(bench.ask(OWNER, Action::RenameHall { hall, version: None, name: "Big".to_owned() }).is_ok());
    let copy = Arc::new(CatalogCopy::default());
    let write = bench.state.begin_write().unwrap();
    let mut all = Vec::new();
    Catalog::new("g1").open(&write, &mut all).unwrap();
    copy.publish(all);
    let (opened, followed) = (copy.read(), bench.copy.read());
    assert!(opened.venue(venue).is_some());
    assert_eq!(opened.venue(venue), followed.venue(venue));
    assert_eq!(opened.hall(hall), followed.hall(hall));
    assert_eq!(opened.event(event), followed.event(event));
    assert_eq!(opened.performance(performance), followed.performance(performance));
    assert_eq!(opened.by_start, followed.by_start);
    assert_eq!(opened.by_event, followed.by_event);
    assert_eq!(opened.by_venue, followed.by_venue);
}

#[test]
fn events_are_found_by_kind_words_place_and_time() {
    let (mut bench, _, hall, concert, _) = oakland();
    bench.performance(concert, hall, 80);
    let york = bench.venue("Radio Hall", "New York", "10020", (40.76, -73.98), "America/New_York");
    let york_hall = bench.hall(york);
    let movie = bench.event(EventKind::Movie, "Café Noir");
    // 22:00 on December 1 in New York, 03:00 on December 2 in UTC.
    bench.performance(movie, york_hall, 27);
    bench.performance(movie, hall, 60);
    bench.event(EventKind::Talk, "Unscheduled");
    bench.performance(movie, york_hall, 10);

    let all = EventFilter::default;
    assert_eq!(bench.titles(&all()), ["Café Noir", "Harbour Lights", "Unscheduled"]);
    let kind = EventFilter { kind: Some(EventKind::Movie), ..all() };
    assert_eq!(bench.titles(&kind), ["Café Noir"]);
    let words = |text: &str| EventFilter { query: Query::new(text), ..all() };
    assert_eq!(bench.titles(&words("cafe")), ["Café Noir"]);
    assert_eq!(bench.titles(&words("oakland")), ["Harbour Lights", "Café Noir"], "by the venue's city");
    assert_eq!(bench.titles(&words("radio noir")), ["Café Noir"], "words of both");
    assert_eq!(bench.titles(&words("radio harbour")), [""; 0]);
    assert_eq!(bench.titles(&words("unsched")), ["Unscheduled"]);
    let city = |city: &str| EventFilter {
        place: PlaceFilter { city: Some(CityName::new(city)), zip: None },
        ..all()
    };
    assert_eq!(bench.titles(&city("new york")), ["Café Noir"]);
    assert_eq!(bench.titles(&city("New York, CA")), [""; 0], "in that state");
    assert_eq!(bench.titles(&city("york")), [""; 0], "a city by its whole name");
    let day = |from: &str, to: &str| EventFilter {
        from: Some(Moment::Day(from.parse().unwrap())),
        to: Some(Moment::Day(to.parse().unwrap())),
        ..all()
    };
    assert_eq!(bench.titles(&day("2026-12-01", "2026-12-01")), ["Café Noir", "Harbour Lights"]);
    assert_eq!(bench.titles(&day("2026-12-02", "2026-12-02")), [""; 0], "by the venue's own calendar");
    assert_eq!(bench.titles(&day("2026-12-03", "2026-12-03")), ["Café Noir"]);
    let until = EventFilter { to: Some(Moment::Instant(NOW_MS + 10 * HOUR_MS)), ..all() };
    assert_eq!(bench.titles(&until), [""; 0], "the end of a time is not in it");
    let there = EventFilter { venue: Some(york), ..all() };
    assert_eq!(bench.titles(&there), ["Café Noir"]);
}

#[test]
fn venues_near_a_postal_code_come_nearest_first() {
    let (mut bench, oakland, ..) = oakland();
    let city = bench.venue("Opera", "San Francisco", "94102", (37.778, -122.421), "America/Los_Angeles");
    let unknown = bench.venue("Barn", "Elsewhere", "94612", (0.0, 0.0), "America/Los_Angeles");
    let list = |radius_km| {
        let zip = NearZip {
            zip: "94612".to_owned(),
            centre: marquee_search::places::Point::new(37.81, -122.27),
            radius_km,
        };
        let place = PlaceFilter { city: None, zip: Some(zip) };
        let found = bench.copy.read().venues(&place, &Query::default(), 0, 10).items;
        found.into_iter().map(|listed| listed.venue.id).collect::<Vec<_>>()
    };
    assert_eq!(list(50.0), [oakland, city, unknown], "who has the code fits wherever it is");
    assert_eq!(list(5.0), [oakland, unknown]);
}

#[test]
fn pages_cover_a_list_once_whatever_their_size() {
    let (mut bench, _, hall, ..) = oakland();
    for nth in 0..7 {
        let event = bench.event(EventKind::Talk, &format!("Talk {nth}"));
        for repeat in 0..nth % 3 {
            bench.performance(event, hall, 5 + nth % 2 + repeat);
        }
    }
    let whole = bench.titles(&EventFilter::default());
    assert_eq!(whole.len(), 8);
    for limit in 1..9 {
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            // Time goes on while somebody leafs through the pages; what the first one counted from stays.
            let now_ms = NOW_MS + seen.len() as u64 * HOUR_MS;
            let page = bench.copy.read().events(&EventFilter::default(), cursor, now_ms, limit);
            assert!(page.items.len() <= limit);
            seen.extend(page.items.iter().map(|listed| listed.event.facts.title.clone()));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, whole, "pages of {limit}");
    }
}

#[test]
fn performances_of_an_event_come_by_their_start_page_by_page() {
    let (mut bench, _, hall, event, first) = oakland();
    let third = bench.performance(event, hall, 40);
    let second = bench.performance(event, hall, 30);
    let index = bench.copy.read();
    let one = index.performances(event, None, None, None, 2);
    let ids: Vec<_> = one.items.iter().map(|shown| shown.id).collect();
    assert_eq!(ids, [first, second]);
    let two = index.performances(event, None, None, one.next, 2);
    assert_eq!(two.items.iter().map(|shown| shown.id).collect::<Vec<_>>(), [third]);
    assert_eq!(two.next, None);
    let shared = index.performances_of(event).map(|shown| Arc::as_ptr(&shown.sale)).collect::<Vec<_>>();
    assert!(shared.windows(2).all(|pair| pair[0] == pair[1]), "equal terms are kept once");
}

#[test]
fn ids_that_never_were_are_turned_away_and_what_changed_is_marked_once() {
    let mut bench = Bench::new();
    let venue = bench.venue("Fox", "Oakland", "94612", (37.8, -122.3), "America/Los_Angeles");
    let hall = bench.hall(venue);
    let shown = bench.event(EventKind::Concert, "Harbour Lights");
    let other = bench.event(EventKind::Concert, "Nowhere");
    let performance = bench.performance(shown, hall, 24);
    for id in [venue.0, hall.0, shown.0, other.0, performance.0] {
        assert!(bench.copy.may_have(id));
    }
    let strangers = (0..1_000).filter(|id| bench.copy.may_have(1 << 100 | *id)).count();
    assert!(strangers < 30, "{strangers} of 1,000 ids that never were");

    let dirty = bench.copy.drain();
    assert_eq!((dirty.events, dirty.venues), (BTreeSet::from([shown, other]), BTreeSet::from([venue])));
    assert_eq!(bench.copy.drain(), Dirty::default());
    // A venue's name stands with all that is shown there.
    let facts = VenueFacts {
        name: "Fox Theater".to_owned(),
        ..bench.copy.read().venue(venue).unwrap().facts.clone()
    };
    bench.ask(OWNER, Action::UpdateVenue { venue, version: None, facts }).unwrap();
    let dirty = bench.copy.drain();
    assert_eq!((dirty.events, dirty.venues), (BTreeSet::from([shown]), BTreeSet::from([venue])));
    bench.ask(OWNER, Action::DeletePerformance { performance, version: None }).unwrap();
    assert_eq!(bench.copy.drain().events, BTreeSet::from([shown]));
    let before = bench.copy.read().ahead_of(shown, 0).count();
    assert_eq!(before, 0);
}
