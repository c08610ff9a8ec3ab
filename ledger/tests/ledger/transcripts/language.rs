//! The language of the transcripts.
//!
//! A line that starts with `>` is a command; the lines below it are what the ledger says. [`transcript`] runs the
//! commands and compares everything. The first hold is `h1`, the first order `o1`; people are known by their names, and
//! their secret and e-mail address follow from these. Money is in minor units, time in seconds from the start.
//!
//! ```text
//! > hall ROWS                  see `stage::hall`
//! > sale [limit=N] [hold=S] [extension=S] [pay=S] [share=PERCENT] [until=S] [free] [from=S] [to=S]
//! > amend …                    like sale, for the performance that is on sale
//! > at S                       the clock moves
//! > hold WHO SEAT[c],…         `c` after a seat: for a child
//! > areas WHO AREAxN[c],…
//! > best WHO N [children=N] [section=N] [category=N] [accessible]
//! > buy WHO SEAT,…
//! > order hN WHO | release hN WHO | extend hN WHO | expire [LIMIT]
//! > captured oN AMOUNT | declined oN | processing oN | action oN
//! > cancel oN buyer|seller [TICKET,…] | refund oN [AMOUNT] | refunded oN N | refund-failed oN N
//! > transfer oN TICKET WHO | anonymise oN
//! > kill SEAT,… | revive SEAT,… | call-off | cancel-orders LIMIT | withdraw
//! > map                        the seats: . free, h held, B booked, x killed; areas as free/capacity
//! > show oN | tasks
//! > copy EPOCH ATTEMPT         what the other ledger lacks is read here and put aside there
//! > prepare EPOCH | depart EPOCH ATTEMPT | stay EPOCH | forget EPOCH LIMIT
//! > await EPOCH ATTEMPT | settle EPOCH ATTEMPT | discard EPOCH LIMIT
//! > there …                    any of these, at the other ledger; `settle` takes the digest from the one beside it
//! ```

use std::fmt::Write as _;

use marquee_ledger::change::{SeatStatus, Task};
use marquee_ledger::command::{
    AreaWish, BestAvailable, CancelGround, Held, OrderRequest, PaymentResult, Place, Selection,
};
use marquee_ledger::money::Account;
use marquee_ledger::order::{Buyer, RefundId};
use marquee_ledger::terms::Terms;
use marquee_ledger::transfer::{self, Act, Standing};
use marquee_ledger::{AccountId, Command, HoldId, OrderId, Outcome};

use crate::mover::{self, Mover};
use crate::stage::{self, HALL, PERFORMANCE, START_MS, Stage};

/// Runs a transcript and compares it with what happens.
#[track_caller]
pub(crate) fn transcript(expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut play = Play::default();
    let mut actual = String::new();
    for line in expected.iter().filter(|line| line.starts_with('>')) {
        let answer = play.run(line[1..].trim());
        mover::assert_one_owner(&play.stage, &play.there);
        writeln!(actual, "{line}").unwrap();
        answer.lines().for_each(|line| writeln!(actual, "{}", line.trim_end()).unwrap());
        play.stage.audit();
        play.there.audit();
    }
    let expected = expected.join("\n");
    assert!(actual.trim_end() == expected, "what happened is\n{actual}\nbut expected was\n{expected}");
}

struct Play {
    stage: Stage,
    there: Stage,
    layout: marquee_ledger::Layout,
    holds: Vec<HoldId>,
    orders: Vec<OrderId>,
}

impl Default for Play {
    fn default() -> Self {
        let (stage, there, layout) = (Stage::new(), Stage::new(), stage::hall("."));
        Self { stage, there, layout, holds: Vec::new(), orders: Vec::new() }
    }
}

impl Play {
    fn run(&mut self, line: &str) -> String {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let words: Vec<&str> = rest.split_whitespace().collect();
        let word = |nth: usize| words.get(nth).copied().unwrap_or_default();
        let number = |nth: usize| word(nth).parse().unwrap_or_default();
        let command = match verb {
            "there" => {
                std::mem::swap(&mut self.stage, &mut self.there);
                self.stage.now_ms = self.there.now_ms;
                let answer = self.run(rest);
                std::mem::swap(&mut self.stage, &mut self.there);
                return answer;
            }
            "copy" => {
                let mut mover = Mover { epoch: number(0), attempt: number(1), pieces: 0, rows_max: 3 };
                return match mover.round(&self.stage, &mut self.there) {
                    Ok(rows) => format!("{rows} rows"),
                    Err(refusal) => format!("refused {}: {refusal}", refusal.code()),
                };
            }
            "prepare" => mover::step(number(0), Act::Prepare),
            "depart" => mover::step(number(0), Act::Depart { attempt: number(1) }),
            "stay" => mover::step(number(0), Act::Stay),
            "forget" => mover::step(number(0), Act::Forget { limit: number(1) as u32 }),
            "await" => mover::step(number(0), Act::Await { attempt: number(1) }),
            "discard" => mover::step(number(0), Act::Discard { limit: number(1) as u32 }),
            "settle" => mover::settle(&self.there, &self.stage, number(0), number(1)),
            "hall" => {
                self.layout = stage::hall(rest);
                Command::DefineLayout { hall: HALL, version: 1, layout: self.layout.clone() }
            }
            "layout2" => {
                let layout = stage::hall(rest);
                Command::DefineLayout { hall: HALL, version: 2, layout }
            }
            "sale" => Command::OpenPerformance { performance: PERFORMANCE, terms: terms(&words) },
            "amend" => Command::AmendPerformance { performance: PERFORMANCE, terms: terms(&words) },
            "call-off" => Command::CancelPerformance { performance: PERFORMANCE, reason: "rain".to_owned() },
            "cancel-orders" => {
                Command::CancelOrders { performance: PERFORMANCE, limit: word(0).parse().unwrap() }
            }
            "withdraw" => Command::WithdrawPerformance { performance: PERFORMANCE },
            "kill" => {
                let (seats, reason) = (numbers(word(0)), "broken".to_owned());
                Command::Kill { performance: PERFORMANCE, seats, reason }
            }
            "revive" => Command::Revive { performance: PERFORMANCE, seats: numbers(word(0)) },
            "hold" => Command::Hold(stage::hold(word(0), seats(word(1)))),
            "areas" => Command::Hold(stage::hold(word(0), areas(word(1)))),
            "best" => Command::Hold(stage::hold(word(0), best(&words[1..]))),
            "buy" => {
                let (hold, buyer) = (stage::hold(word(0), seats(word(1))), person(word(0)));
                Command::Buy { hold, buyer, payment: stage::choice() }
            }
            "order" => Command::PlaceOrder(OrderRequest {
                hold: self.hold(word(0)),
                secret: stage::secret(word(1)),
                buyer: stage::buyer(word(1)),
                payment: stage::choice(),
            }),
            "release" => Command::ReleaseHold { hold: self.hold(word(0)), secret: stage::secret(word(1)) },
            "extend" => Command::ExtendHold { hold: self.hold(word(0)), secret: stage::secret(word(1)) },
            "expire" => Command::ExpireHolds { limit: word(0).parse().unwrap_or(100) },
            "captured" | "declined" | "processing" | "action" => {
                let result = payment(verb, word(0), word(1));
                Command::SettlePayment { order: self.order(word(0)), result }
            }
            "cancel" => {
                let order = self.order(word(0));
                let ground = if word(1) == "buyer" { CancelGround::Buyer } else { CancelGround::Seller };
                let tickets = numbers(word(2)).into_iter().map(|index| order.ticket(index as u8)).collect();
                Command::CancelTickets { order, tickets, ground, reason: "wish".to_owned() }
            }
            "refund" => {
                let (order, amount) = (self.order(word(0)), word(1).parse().ok());
                Command::RefundOrder { order, amount, reason: "sorry".to_owned() }
            }
            "refunded" | "refund-failed" => {
                let result = if verb == "refunded" { Ok(()) } else { Err("account closed".to_owned()) };
                let refund = RefundId(word(1).parse().unwrap());
                Command::SettleRefund { order: self.order(word(0)), refund, result }
            }
            "transfer" => {
                let ticket = self.order(word(0)).ticket(word(1).parse().unwrap());
                Command::TransferTicket { ticket, to: person(word(2)) }
            }
            "accept" => Command::AcceptTicket {
                ticket: self.order(word(0)).ticket(word(1).parse().unwrap()),
                serial: word(2).parse().unwrap(),
                holder: person(word(3)),
                secret: stage::secret(word(3)),
            },
            "call-back" => {
                Command::CallBackTicket { ticket: self.order(word(0)).ticket(word(1).parse().unwrap()) }
            }
            "anonymise" => {
                let account = person(word(1)).account;
                Command::Anonymise { orders: vec![self.order(word(0))], account }
            }
            "at" => {
                self.stage.now_ms = START_MS + millis(word(0));
                return String::new();
            }
            "map" => return self.map(),
            "show" => return self.show(self.order(word(0))),
            "hands" => return self.hands(self.order(word(0))),
            "tasks" => return self.tasks(),
            other => panic!("what is {other:?}?"),
        };
        match self.stage.command(command) {
            Ok(outcome) => self.told(outcome),
            Err(refusal) => format!("refused {}: {refusal}", refusal.code()),
        }
    }

    fn told(&mut self, outcome: Outcome) -> String {
        match outcome {
            Outcome::Done => String::new(),
            Outcome::Held(Held { hold, places, expires_at_ms, total }) => {
                self.holds.push(hold);
                let (name, until) = (self.hold_name(hold), seconds(expires_at_ms));
                format!("{name} keeps {} for {} until {until}", place_list(&places), total.amount)
            }
            Outcome::Extended { expires_at_ms } => format!("until {}", seconds(expires_at_ms)),
            Outcome::Treated { count } => format!("{count} treated"),
            Outcome::Ordered { order, status, total } => {
                self.orders.push(order);
                format!("{} {status:?} {}", self.order_name(order), total.amount)
            }
            Outcome::Settled { status } => format!("{status:?}"),
            Outcome::Refunding { refund, amount } => match refund {
                Some(refund) => format!("refund {} of {}", refund.0, amount.amount),
                None => "nothing comes back".to_owned(),
            },
            Outcome::Transferred { serial } => format!("serial {serial}"),
            Outcome::Stands(standing) => stands(standing),
        }
    }

    fn map(&self) -> String {
        let Some(now) = self.stage.read(|reader| reader.availability(PERFORMANCE)).unwrap() else {
            return "no such performance".to_owned();
        };
        let (mut rows, mut next) = (Vec::new(), 0);
        for row in &self.layout.rows {
            let mut text = String::new();
            for seat in &row.seats {
                if seat.apart {
                    text.push('|');
                }
                text.push(match now.statuses[next] {
                    SeatStatus::Free => '.',
                    SeatStatus::Held => 'h',
                    SeatStatus::Booked => 'B',
                    SeatStatus::Killed => 'x',
                });
                next += 1;
            }
            rows.push(text);
        }
        let areas = self.layout.areas.iter().zip(&now.areas);
        rows.extend(areas.map(|(area, free)| format!("{free}/{}", area.capacity)));
        rows.join(" ")
    }

    fn show(&self, id: OrderId) -> String {
        let order = self.stage.read(|reader| reader.order(id)).unwrap().expect("the order exists");
        let accounts =
            [Account::Gateway, Account::Sales, Account::Fees, Account::Goodwill, Account::Owed].into_iter();
        let balances = accounts.map(|account| (account, order.balance(account))).filter(|line| line.1 != 0);
        let balances: Vec<_> = balances.map(|(account, amount)| format!("{account:?} {amount}")).collect();
        let tickets: String =
            order.tickets.iter().map(|ticket| format!("{:?}", ticket.status)[..1].to_owned()).collect();
        let refunds: Vec<_> =
            order.refunds.iter().map(|refund| format!("{} {:?}", refund.amount, refund.status)).collect();
        let who = if order.buyer.email.is_empty() { "nobody" } else { order.buyer.name.as_str() };
        let mut text = format!("{:?} of {who}, tickets {tickets}", order.status);
        if !balances.is_empty() {
            write!(text, ", {}", balances.join(", ")).unwrap();
        }
        if !refunds.is_empty() {
            write!(text, "; refunds {}", refunds.join(", ")).unwrap();
        }
        text
    }

    /// Whose each ticket is, from whom, and to whom it is offered.
    fn hands(&self, id: OrderId) -> String {
        let order = self.stage.read(|reader| reader.order(id)).unwrap().expect("the order exists");
        let named = |who: &Buyer| if who.name.is_empty() { "nobody".to_owned() } else { who.name.clone() };
        let tickets = order.tickets.iter().map(|ticket| {
            let from = ticket.gift.as_ref().map(|gift| format!(" from {}", named(&gift.from)));
            let to = ticket.offered.as_ref().map(|to| format!(" to {}", named(to)));
            format!("{}{}{}", named(order.holder(ticket)), from.unwrap_or_default(), to.unwrap_or_default())
        });
        tickets.collect::<Vec<_>>().join(", ")
    }

    fn tasks(&self) -> String {
        let tasks = self.stage.read(|reader| reader.tasks(0, 100)).unwrap();
        let told = tasks.into_iter().map(|(number, task)| match task {
            Task::Charge { order, total, email, .. } => {
                format!("{number} charge {} {} of {email:?}", self.order_name(order), total.amount)
            }
            Task::Refund { order, refund, amount, intent, .. } => {
                format!(
                    "{number} refund {} {} of {} by {intent}",
                    self.order_name(order),
                    refund.0,
                    amount.amount
                )
            }
            Task::IndexOrder { order, account } => {
                format!("{number} index {} of {}", self.order_name(order), account.0)
            }
            Task::CancelOrders { .. } => format!("{number} cancel orders"),
        });
        told.collect::<Vec<_>>().join("\n")
    }

    fn hold(&self, name: &str) -> HoldId {
        let number: usize = name.strip_prefix('h').and_then(|n| n.parse().ok()).expect("a hold's name");
        self.holds.get(number - 1).copied().unwrap_or(HoldId(number as u128))
    }

    fn order(&self, name: &str) -> OrderId {
        let number: usize = name.strip_prefix('o').and_then(|n| n.parse().ok()).expect("an order's name");
        self.orders.get(number - 1).copied().unwrap_or(OrderId(number as u128 * 256))
    }

    fn hold_name(&self, id: HoldId) -> String {
        format!("h{}", self.holds.iter().position(|hold| *hold == id).unwrap() + 1)
    }

    fn order_name(&self, id: OrderId) -> String {
        format!("o{}", self.orders.iter().position(|order| *order == id).unwrap() + 1)
    }
}

fn stands(standing: Standing) -> String {
    let epoch = standing.epoch;
    match standing.stage {
        transfer::Stage::Owned => format!("owned at {epoch}"),
        transfer::Stage::Copied(copying) => format!("copied to {epoch}, attempt {}", copying.attempt),
        transfer::Stage::Departed(copying) => format!("departed to {epoch}, attempt {}", copying.attempt),
        transfer::Stage::Arriving(arrival) => {
            let (attempt, pieces) = (arrival.attempt, arrival.pieces);
            format!("arriving at {epoch}, attempt {attempt}, {pieces} pieces")
        }
        transfer::Stage::Leaving => format!("leaving at {epoch}"),
        transfer::Stage::Gone => format!("gone at {epoch}"),
        transfer::Stage::Yielded(_) => format!("yielded at {epoch}"),
    }
}

/// Somebody; with `@` before their name, they have an account.
fn person(word: &str) -> Buyer {
    let account = word.strip_prefix('@').and_then(|name| name.bytes().next());
    Buyer { account: account.map(|letter| AccountId(letter.into())), ..stage::buyer(word) }
}

fn terms(words: &[&str]) -> Terms {
    let mut terms = stage::terms();
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("limit", n) => terms.ticket_limit = n.parse().unwrap(),
            ("hold", s) => terms.hold_ms = millis(s),
            ("extension", s) => terms.extension_ms = millis(s),
            ("pay", s) => terms.payment_ms = millis(s),
            ("share", percent) => terms.refund.share_basis_points = percent.parse::<u16>().unwrap() * 100,
            ("until", s) => terms.refund.until_ms_before = millis(s),
            ("starts", s) => terms.starts_at_ms = START_MS + millis(s),
            ("from", s) => terms.on_sale_from_ms = START_MS + millis(s),
            ("to", s) => terms.on_sale_until_ms = START_MS + millis(s),
            ("version", n) => terms.layout_version = n.parse().unwrap(),
            ("currency", code) => terms.currency = code.parse().unwrap(),
            ("free", _) => terms.prices.iter_mut().for_each(|price| price.amount = 0),
            (other, _) => panic!("what is {other:?}?"),
        }
    }
    terms
}

fn seats(list: &str) -> Selection {
    Selection::Seats(list.split(',').filter(|word| !word.is_empty()).map(with_concession).collect())
}

fn areas(list: &str) -> Selection {
    let wishes = list.split(',').map(|word| {
        let (area, quantity) = word.split_once('x').expect("AREAxN");
        let (quantity, concession) = with_concession(quantity);
        AreaWish { area: area.parse().unwrap(), concession, quantity: quantity as u16 }
    });
    Selection::Areas(wishes.collect())
}

fn best(words: &[&str]) -> Selection {
    let mut concessions = vec![0; words[0].parse().unwrap()];
    let (mut section, mut category, mut accessible) = (None, None, false);
    for word in &words[1..] {
        match word.split_once('=').unwrap_or((word, "")) {
            ("children", n) => concessions.extend(vec![1; n.parse().unwrap()]),
            ("section", n) => section = Some(n.parse().unwrap()),
            ("category", n) => category = Some(n.parse().unwrap()),
            ("accessible", _) => accessible = true,
            (other, _) => panic!("what is {other:?}?"),
        }
    }
    Selection::BestAvailable(BestAvailable { concessions, section, category, accessible })
}

fn with_concession(word: &str) -> (u32, u8) {
    match word.strip_suffix('c') {
        Some(number) => (number.parse().unwrap(), 1),
        None => (word.parse().unwrap(), 0),
    }
}

fn payment(verb: &str, order: &str, amount: &str) -> PaymentResult {
    let intent = format!("pi-{order}");
    match verb {
        "captured" => PaymentResult::Captured { intent, amount: amount.parse().unwrap() },
        "declined" => {
            PaymentResult::Declined { code: "no-funds".to_owned(), message: "No funds.".to_owned() }
        }
        "processing" => PaymentResult::Processing { intent },
        _ => PaymentResult::ActionRequired { intent, url: "https://bank.example".to_owned() },
    }
}

fn place_list(places: &[marquee_ledger::command::PricedPlace]) -> String {
    let places = places.iter().map(|priced| {
        let child = if priced.concession == 1 { "c" } else { "" };
        match priced.place {
            Place::Seat(seat) => format!("{seat}{child}"),
            Place::Area(area) => format!("G{area}{child}"),
        }
    });
    places.collect::<Vec<_>>().join(",")
}

fn numbers(list: &str) -> Vec<u32> {
    list.split(',').filter(|word| !word.is_empty()).map(|word| word.parse().unwrap()).collect()
}

fn millis(seconds: &str) -> u64 {
    seconds.parse::<u64>().unwrap() * 1_000
}

fn seconds(at_ms: u64) -> u64 {
    (at_ms - START_MS) / 1_000
}
