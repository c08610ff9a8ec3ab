//! The part by itself: commands against its tables, and what they tell.

use marquee_ledger::{AccountId, EventId, Position};
use redb::{Database, ReadableDatabase as _};

use super::command::Change;
use super::*;

const EVENT: EventId = EventId(7);
const ANN: AccountId = AccountId(1);
const BOB: AccountId = AccountId(2);

struct Bench {
    state: Database,
    part: Reviews,
    changes: Vec<Change>,
    now_ms: u64,
}

impl Bench {
    fn new() -> Self {
        let state = Database::builder().create_with_backend(redb::backends::InMemoryBackend::new()).unwrap();
        Self { state, part: Reviews::new("g1"), changes: Vec::new(), now_ms: 1_000 }
    }

    fn ask(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        self.now_ms += 1;
        self.changes.clear();
        let write = self.state.begin_write().unwrap();
        let at = Position { index: self.now_ms, now_ms: self.now_ms };
        let answer = self.part.apply(&write, at, command, &mut self.changes).unwrap();
        write.commit().unwrap();
        answer
    }

    fn write(&mut self, account: AccountId, stars: u8, text: &str) -> Result<Outcome, Refusal> {
        let (author, text) = ("Ann A.".to_owned(), text.to_owned());
        self.ask(&Command::Write { event: EVENT, account, author, stars: stars.try_into().unwrap(), text })
    }

    fn told(&self) -> Vec<[u32; 5]> {
        self.changes.iter().map(|change| change.summary.counts).collect()
    }

    fn list(&self, with_hidden: bool) -> Vec<(u64, String)> {
        let read = self.state.begin_read().unwrap();
        let list = Snapshot::new(&read, "g1").list(EVENT, None, 10, with_hidden).unwrap();
        list.into_iter().map(|review| (review.number, review.text)).collect()
    }
}

#[test]
fn a_person_has_one_review_and_may_write_it_anew() {
    let mut bench = Bench::new();
    assert_eq!(bench.write(ANN, 5, "Grand"), Ok(Outcome::Written { number: 1 }));
    assert_eq!(bench.told(), [[0, 0, 0, 0, 1]]);
    assert_eq!(bench.write(BOB, 2, ""), Ok(Outcome::Written { number: 2 }));
    assert_eq!(bench.write(ANN, 4, "Good"), Ok(Outcome::Written { number: 1 }));
    assert_eq!(bench.told(), [[0, 1, 0, 1, 0]]);
    assert_eq!(bench.list(false), [(2, String::new()), (1, "Good".to_owned())]);

    // Other words with the same stars change no summary.
    bench.write(ANN, 4, "Good, I think").unwrap();
    assert!(bench.changes.is_empty());
    assert_eq!(bench.write(BOB, 2, &"x".repeat(2_001)), Err(Refusal::TooLong));

    let remove = Command::Remove { event: EVENT, account: ANN };
    assert_eq!(bench.ask(&remove), Ok(Outcome::Removed));
    assert_eq!(bench.told(), [[0, 1, 0, 0, 0]]);
    assert_eq!(bench.ask(&remove), Ok(Outcome::Removed));
    // The number is not given again.
    assert_eq!(bench.write(ANN, 1, ""), Ok(Outcome::Written { number: 3 }));
}

#[test]
fn what_is_hidden_does_not_count_until_it_is_shown_again() {
    let mut bench = Bench::new();
    bench.write(ANN, 1, "Rude words").unwrap();
    let hide = |because: Option<&str>| Command::Hide {
        event: EVENT,
        number: 1,
        by: BOB,
        because: because.map(str::to_owned),
    };
    bench.ask(&hide(Some("insults"))).unwrap();
    assert_eq!((bench.told(), bench.list(false).len(), bench.list(true).len()), (vec![[0; 5]], 0, 1));
    // Writing it anew does not bring it back.
    bench.write(ANN, 1, "Ruder words").unwrap();
    assert!(bench.changes.is_empty() && bench.list(false).is_empty());
    bench.ask(&hide(None)).unwrap();
    assert_eq!((bench.told(), bench.list(false).len()), (vec![[1, 0, 0, 0, 0]], 1));
    let unknown = Command::Hide { event: EVENT, number: 9, by: BOB, because: None };
    assert_eq!(bench.ask(&unknown), Err(Refusal::UnknownReview));
}

#[test]
fn an_answer_stays_when_a_review_is_written_anew() {
    let mut bench = Bench::new();
    bench.write(ANN, 3, "Cold").unwrap();
    let answer =
        |text: Option<&str>| Command::Answer { event: EVENT, number: 1, text: text.map(str::to_owned) };
    bench.ask(&answer(Some("We mended the heating."))).unwrap();
    bench.write(ANN, 5, "Warm").unwrap();
    let review = |bench: &Bench| {
        let read = bench.state.begin_read().unwrap();
        Snapshot::new(&read, "g1").review_by(EVENT, ANN).unwrap().unwrap()
    };
    assert_eq!(review(&bench).answer.unwrap().text, "We mended the heating.");
    assert_eq!(review(&bench).stars, Stars::try_from(5).unwrap());
    bench.ask(&answer(None)).unwrap();
    assert_eq!(review(&bench).answer, None);
}

#[test]
fn few_reviews_say_little() {
    let of = |counts| Summary { counts };
    let everybody = of([10, 10, 20, 60, 50]);
    let (one, many) = (of([0, 0, 0, 0, 1]), of([0, 0, 0, 60, 40]));
    assert_eq!(one.mean(), Some(5.0));
    assert!(one.score(&everybody) < many.score(&everybody), "one enthusiast and a hundred who liked it");
    let (bad, none) = (of([40, 0, 0, 0, 0]), Summary::default());
    assert!(bad.score(&everybody) < none.score(&everybody));
    assert!((none.score(&Summary::default()) - 3.7).abs() < 1e-9);
    assert_eq!((none.mean(), many.count(), many.stars()), (None, 100, 440));
}
