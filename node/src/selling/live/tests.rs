//! Resuming, slowness and wake-ups, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use marquee_ledger::change::{SeatChange, SeatStatus};
use marquee_ledger::order::OrderStatus;
use marquee_ledger::read::Availability;
use marquee_ledger::transfer::{Copying, Stage, Standing};
use marquee_ledger::{Change, OrderId, PerformanceId};

use super::seats::{BEHIND_EVENTS_MAX, PACE};
use super::{Live, News, SeatEvent, SeatWatch};

const SHOWN: PerformanceId = PerformanceId::from_parts(1_764_000_000_000, 7, 1);
const OTHER: PerformanceId = PerformanceId::from_parts(1_764_000_000_000, 7, 2);
const ORDER: OrderId = OrderId::from_parts(1_764_000_000_000, 7, 3);

fn seat(performance: PerformanceId, seq: u64, seat: u32, status: SeatStatus) -> Change {
    Change::Seats(SeatChange { performance, seq, seats: vec![(seat, status)], areas: vec![(0, seat)] })
}

fn availability(seq: u64) -> Availability {
    Availability { seq, statuses: vec![SeatStatus::Free; 10], areas: vec![5] }
}

/// A watch that begins with a snapshot at this sequence number.
async fn watching(live: &Live, seq: u64) -> SeatWatch {
    let mut watch = live.watch_seats(SHOWN, 1_000).unwrap();
    let read = async || Ok::<_, ()>(Some(availability(seq)));
    watch.begin(read).await.unwrap().unwrap();
    watch
}

async fn event(watch: &mut SeatWatch) -> Arc<SeatEvent> {
    match watch.next().await {
        Some(News::Seats(event)) => event,
        other => panic!("{other:?}"),
    }
}

async fn is_reset(watch: &mut SeatWatch) -> bool {
    loop {
        match watch.next().await {
            Some(News::Seats(_)) => {}
            Some(News::Reset) => return watch.next().await.is_none(),
            None => return false,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn changes_arrive_in_order_and_a_rush_becomes_one_event() {
    let live = Live::default();
    let mut watch = watching(&live, 4).await;
    live.publish(&[seat(OTHER, 1, 1, SeatStatus::Held), seat(SHOWN, 5, 1, SeatStatus::Held)]);
    let first = event(&mut watch).await;
    assert_eq!((first.first_seq, first.seq, &first.seats[..]), (5, 5, &[(1, SeatStatus::Held)][..]));
    live.publish(&[seat(SHOWN, 6, 2, SeatStatus::Held)]);
    live.publish(&[seat(SHOWN, 7, 1, SeatStatus::Booked)]);
    live.publish(&[seat(SHOWN, 8, 2, SeatStatus::Free)]);
    let rush = event(&mut watch).await;
    assert_eq!((rush.first_seq, rush.seq), (6, 8));
    assert_eq!(rush.seats, [(1, SeatStatus::Booked), (2, SeatStatus::Free)]);
    assert_eq!((&rush.areas[..], watch.seen()), (&[(0, 2)][..], 8));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_is_younger_than_an_event_passes_it_over() {
    let live = Live::default();
    let mut watch = live.watch_seats(SHOWN, 10).unwrap();
    live.publish(&[seat(SHOWN, 5, 1, SeatStatus::Held)]);
    let read = async || Ok::<_, ()>(Some(availability(5)));
    watch.begin(read).await.unwrap().unwrap();
    live.publish(&[seat(SHOWN, 6, 2, SeatStatus::Held)]);
    assert_eq!(event(&mut watch).await.seq, 6);
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_goes_on_where_they_were() {
    let live = Live::default();
    let mut watch = watching(&live, 4).await;
    for seq in 5..=7 {
        live.publish(&[seat(SHOWN, seq, seq as u32, SeatStatus::Held)]);
        assert_eq!(event(&mut watch).await.seq, seq);
    }
    drop(watch);
    // Nobody watches, and yet the channel listens for a while.
    live.publish(&[seat(SHOWN, 8, 8, SeatStatus::Held)]);
    tokio::time::sleep(PACE * 2).await;
    let mut back = live.watch_seats(SHOWN, 10).unwrap();
    assert!(back.resume(6, 8));
    assert_eq!((event(&mut back).await.seq, event(&mut back).await.seq), (7, 8));
    // What was before the channel, and what has not been yet, cannot be gone on from.
    assert!(!back.resume(3, 8) && !back.resume(9, 8) && back.resume(4, 8) && back.resume(8, 8));
    // Who begins anew is given the snapshot that is there, and what happened since.
    let mut fresh = live.watch_seats(SHOWN, 10).unwrap();
    let read = async || panic!("the snapshot is there");
    let base = fresh.begin::<()>(read).await.unwrap().unwrap();
    assert_eq!((base.availability.seq, event(&mut fresh).await.seq), (4, 5));
}

#[tokio::test(start_paused = true)]
async fn events_that_are_forgotten_cannot_be_gone_on_from() {
    let live = Live::default();
    let mut watch = watching(&live, 0).await;
    for seq in 1..=300 {
        live.publish(&[seat(SHOWN, seq, 1, SeatStatus::Held)]);
        assert_eq!(event(&mut watch).await.seq, seq);
    }
    let mut back = live.watch_seats(SHOWN, 10).unwrap();
    assert!(!back.resume(43, 300) && back.resume(44, 300));
    assert_eq!(event(&mut back).await.seq, 45);
    let read = async || Ok::<_, ()>(Some(availability(300)));
    let base = back.begin(read).await.unwrap().unwrap();
    assert_eq!(base.availability.seq, 300, "the snapshot of 0 is of no use any more");
}

#[tokio::test(start_paused = true)]
async fn a_slow_watch_is_told_to_begin_anew_and_others_are_not() {
    let live = Live::default();
    let (mut slow, mut quick) = (watching(&live, 0).await, watching(&live, 0).await);
    for seq in 1..=BEHIND_EVENTS_MAX as u64 + 1 {
        live.publish(&[seat(SHOWN, seq, 1, SeatStatus::Held)]);
        assert_eq!(event(&mut quick).await.seq, seq);
    }
    assert!(is_reset(&mut slow).await);
}

#[tokio::test(start_paused = true)]
async fn other_terms_and_too_much_at_once_make_everyone_begin_anew() {
    let live = Live::default();
    let mut watch = watching(&live, 4).await;
    live.publish(&[seat(SHOWN, 5, 1, SeatStatus::Held), Change::Performance(SHOWN)]);
    assert!(is_reset(&mut watch).await);
    let mut back = live.watch_seats(SHOWN, 10).unwrap();
    assert!(!back.resume(5, 5), "what was known is of no use any more");
    drop(back);

    let mut watch = watching(&live, 5).await;
    let all: Vec<_> = (0..100_000).map(|index| (index, SeatStatus::Held)).collect();
    let changes: Vec<_> = (6..=16)
        .map(|seq| {
            Change::Seats(SeatChange { performance: SHOWN, seq, seats: all.clone(), areas: Vec::new() })
        })
        .collect();
    live.publish(&changes);
    assert!(is_reset(&mut watch).await);
}

#[tokio::test(start_paused = true)]
async fn there_are_so_many_watches_and_what_nobody_watches_is_forgotten() {
    let live = Live::default();
    let watches: Vec<_> = (0..3).map(|_watch| live.watch_seats(SHOWN, 3).unwrap()).collect();
    assert!(live.watch_seats(OTHER, 3).is_none());
    assert_eq!(live.seats.counted(), (3, 1, 1));
    drop(watches);
    assert_eq!(live.seats.counted(), (0, 1, 1));
    tokio::time::sleep(Duration::from_secs(90)).await;
    assert_eq!(live.seats.counted(), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_event_is_encoded_once() {
    let live = Live::default();
    let (mut one, mut two) = (watching(&live, 0).await, watching(&live, 0).await);
    live.publish(&[seat(SHOWN, 1, 1, SeatStatus::Held)]);
    let bytes = event(&mut one).await.encoded(|event| event.seq.to_string().into());
    let same = event(&mut two).await.encoded(|_event| panic!("it is encoded"));
    assert_eq!((&bytes[..], bytes.as_ptr()), (&b"1"[..], same.as_ptr()));
}

fn order(order: OrderId) -> Change {
    Change::Order { order, status: OrderStatus::Booked }
}

#[tokio::test]
async fn everyone_who_waits_for_an_order_is_told_once() {
    let live = Live::default();
    let (one, two) = (live.watch_order(ORDER), live.watch_order(ORDER));
    let other = live.watch_order(OrderId(1));
    live.publish(&[order(ORDER)]);
    one.changed().await;
    two.changed().await;
    assert_eq!(live.orders.watched(), 1);
    drop(other);
    assert_eq!(live.orders.watched(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_change_between_watching_and_waiting_is_lost() {
    let live = Arc::new(Live::default());
    for number in 1..=2_000u128 {
        let id = OrderId(number << 8);
        let watch = live.watch_order(id);
        let publisher = {
            let live = Arc::clone(&live);
            tokio::task::spawn_blocking(move || live.publish(&[order(id)]))
        };
        watch.changed().await;
        publisher.await.unwrap();
    }
    assert_eq!(live.orders.watched(), 0);
}

#[tokio::test]
async fn when_more_orders_change_than_can_be_told_everyone_looks() {
    let live = Live::default();
    let watch = live.watch_order(ORDER);
    let changes: Vec<_> = (0..70_000).map(|number| order(OrderId(number << 8))).collect();
    live.publish(&changes);
    watch.changed().await;
    assert_eq!(live.orders.watched(), 0);
}

fn venue(number: u32, stage: Stage) -> Change {
    Change::Venue { venue: number, standing: Standing { epoch: 1, stage } }
}

#[tokio::test(start_paused = true)]
async fn who_watches_a_venue_that_departs_is_sent_to_where_it_is_sold() {
    let live = Live::default();
    let mut watch = watching(&live, 4).await;
    let order = live.watch_order(ORDER);
    let copying = Copying { from: 0, attempt: 1, since: 9 };
    live.publish(&[venue(7, Stage::Copied(copying)), venue(8, Stage::Departed(copying))]);
    live.publish(&[seat(SHOWN, 5, 1, SeatStatus::Held)]);
    assert_eq!(event(&mut watch).await.seq, 5, "it is sold here still");
    live.publish(&[venue(7, Stage::Departed(copying))]);
    assert!(is_reset(&mut watch).await);
    order.changed().await;
    let (watched, channels, counted) = live.seats.counted();
    assert_eq!((watched, channels, counted), (1, 0, 0), "the watch itself is told, and not dropped yet");
    drop(watch);
    assert_eq!(live.orders.watched(), 0);
}
