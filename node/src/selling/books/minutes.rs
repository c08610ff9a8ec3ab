//! How many orders were placed, minute by minute.

use marquee_ledger::order::OrderStatus;
use marquee_ledger::read::Reader;
use marquee_ledger::{OrderId, PerformanceId};

use super::{CHUNK, LOOKED_MAX};
use crate::home::Failure;

/// The minutes that are told.
pub const MINUTES: usize = 30;
const MINUTE_MS: u64 = 60_000;

/// Orders placed in each of the last [`MINUTES`] minutes, the present one last. Those that were not paid do not count. Of
/// a rush of more than [`LOOKED_MAX`] orders the later ones are missing.
///
/// # Errors
/// When the storage failed.
pub fn placed(
    ledger: &Reader<'_>,
    performance: PerformanceId,
    now_ms: u64,
) -> Result<[u32; MINUTES], Failure> {
    let mut minutes = [0; MINUTES];
    let this = now_ms / MINUTE_MS;
    let first = (this + 1).saturating_sub(MINUTES as u64);
    // Ids begin with the instant at which they were made.
    let mut after = OrderId::from_parts(first * MINUTE_MS, 0, 0);
    for _ in 0..LOOKED_MAX / CHUNK {
        let orders = ledger.orders_of(performance, Some(after), CHUNK)?;
        for order in &orders {
            let counts = match order.status {
                OrderStatus::AwaitingPayment | OrderStatus::Booked | OrderStatus::Cancelled => true,
                OrderStatus::Lapsed | OrderStatus::Declined | OrderStatus::Unfulfilled => false,
            };
            let minute = (order.placed_at_ms / MINUTE_MS).clamp(first, this) - first;
            // At most `MINUTES`.
            if counts && let Some(count) = minutes.get_mut(minute as usize) {
                *count += 1;
            }
        }
        let Some(last) = orders.last().filter(|_last| orders.len() == CHUNK) else { break };
        after = last.id;
    }
    Ok(minutes)
}
