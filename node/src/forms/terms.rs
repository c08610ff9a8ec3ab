//! When and on which terms a performance is sold, as it is written down.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::tz::TimeZone;
use marquee_config::Selling;
use marquee_ledger::Currency;
use marquee_ledger::terms::RefundPolicy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::checks::{self, Faults};
use crate::catalog::command::{Offer, OfferedPrice};
use crate::catalog::entity::{Aid, MapSummary, Pace, Performance, Sale, Schedule};

/// The concession of a performance that names none.
const CONCESSION_USUAL: &str = "adult";
const HOUR_MS: u64 = 60 * 60 * 1_000;
const MINUTE_MS: u64 = 60 * 1_000;
/// The longest time before a start until when a buyer can cancel.
const REFUND_HOURS_MAX: u32 = 24 * 366;
/// The longest hold, and the longest time to pay.
const PACE_MINUTES_MAX: u32 = 24 * 60;

/// On which terms a performance is sold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TermsForm {
    /// ISO 4217 code of all prices.
    #[schema(example = "USD")]
    pub currency: String,
    /// Keys of the concessions, the default one first; `["adult"]` unless it is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["adult", "child"]))]
    pub concessions: Vec<String>,
    /// What a ticket costs. A price category without a price is not sold.
    pub prices: Vec<PriceForm>,
    /// When a buyer gets how much back; everything until 24 hours before the start unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_policy: Option<RefundPolicyForm>,
    /// The most tickets one customer may have; 0 for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_limit: Option<u16>,
    /// How long seats are kept for who has chosen them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_minutes: Option<u32>,
    /// By how much that can be prolonged, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension_minutes: Option<u32>,
    /// The least time that is left for paying once an order is placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_minutes: Option<u32>,
    /// What there is for those who need it: `captions`, `audio_description`, `sign_language`, `hearing` (a loop or headsets),
    /// `relaxed`. Places for wheelchairs are the hall's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["captions"]))]
    pub accessibility: Vec<String>,
}

/// What a ticket costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceForm {
    /// Key of a price category of the seat map.
    #[schema(example = "stalls")]
    pub category: String,
    /// Key of a concession; the first one unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "adult")]
    pub concession: Option<String>,
    /// Minor units.
    #[schema(example = 4500)]
    pub amount: i64,
}

/// When a buyer gets how much back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundPolicyForm {
    /// How many hours before the start a buyer can last cancel.
    pub until_hours_before: u32,
    /// The share of the price that comes back.
    #[schema(example = 100)]
    pub share_percent: u16,
}

/// When a performance takes place and is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimesForm {
    /// An instant, or a time by the clock of the venue: `2026-12-05T19:30`.
    #[schema(example = "2026-12-05T19:30")]
    pub starts_at: String,
    /// When the doors open.
    #[serde(default)]
    pub doors_at: Option<String>,
    /// When the sale begins; at once unless it is said.
    #[serde(default)]
    pub on_sale_from: Option<String>,
    /// When it ends; at the start unless it is said.
    #[serde(default)]
    pub on_sale_until: Option<String>,
}

impl TimesForm {
    /// The schedule, if nothing is wrong with it. Without a word, the sale begins at `from_ms` and ends so long before
    /// the start.
    pub fn schedule(
        &self,
        zone: &TimeZone,
        from_ms: u64,
        ends_before: Duration,
        faults: &mut Faults,
    ) -> Option<Schedule> {
        let read =
            |text: &Option<String>| text.as_deref().map(|text| checks::instant(text, zone)).transpose();
        let starts_at_ms = faults.take("/starts_at", checks::instant(&self.starts_at, zone));
        let doors_at_ms = faults.take("/doors_at", read(&self.doors_at));
        let from = faults.take("/on_sale_from", read(&self.on_sale_from));
        let until = faults.take("/on_sale_until", read(&self.on_sale_until));
        let starts_at_ms = starts_at_ms?;
        let schedule = Schedule {
            starts_at_ms,
            doors_at_ms: doors_at_ms?,
            on_sale_from_ms: from?.unwrap_or(from_ms),
            on_sale_until_ms: until?.unwrap_or_else(|| starts_at_ms.saturating_sub(millis(ends_before))),
        };
        checks::schedule(&schedule, faults);
        Some(schedule)
    }
}

impl TimesForm {
    /// The schedule of a performance that gets another start, if nothing is wrong with it. What is not said moves along:
    /// the doors and the end of the sale keep their distance from the start, and the sale began when it began.
    pub fn moved(&self, before: Schedule, zone: &TimeZone, faults: &mut Faults) -> Option<Schedule> {
        let until_start = |ms: u64| before.starts_at_ms.saturating_sub(ms);
        let ends_before = Duration::from_millis(until_start(before.on_sale_until_ms));
        let mut schedule = self.schedule(zone, before.on_sale_from_ms, ends_before, faults)?;
        if self.doors_at.is_none() {
            let doors = before.doors_at_ms;
            schedule.doors_at_ms =
                doors.map(|doors| schedule.starts_at_ms.saturating_sub(until_start(doors)));
        }
        Some(schedule)
    }
}

impl TermsForm {
    /// The terms on which something is sold, written down; `summary` is that of the seat map that it is sold by.
    #[must_use]
    pub fn of(sale: &Sale, summary: &MapSummary) -> Self {
        let price = |price: &marquee_ledger::terms::Price| {
            Some(PriceForm {
                category: summary.categories.get(usize::from(price.category))?.key.clone(),
                concession: sale.concessions.get(usize::from(price.concession)).cloned(),
                amount: price.amount,
            })
        };
        let minutes = |ms: u64| u32::try_from(ms / MINUTE_MS).unwrap_or(u32::MAX);
        Self {
            currency: sale.currency.code().to_owned(),
            concessions: sale.concessions.clone(),
            prices: sale.prices.iter().filter_map(price).collect(),
            refund_policy: Some(RefundPolicyForm {
                until_hours_before: u32::try_from(sale.refund.until_ms_before / HOUR_MS).unwrap_or(u32::MAX),
                share_percent: sale.refund.share_basis_points / 100,
            }),
            ticket_limit: Some(sale.ticket_limit),
            hold_minutes: Some(minutes(sale.pace.hold_ms)),
            extension_minutes: Some(minutes(sale.pace.extension_ms)),
            payment_minutes: Some(minutes(sale.pace.payment_ms)),
            accessibility: Vec::new(),
        }
    }

    /// The terms of a performance, with what it has for those who need it.
    #[must_use]
    pub fn of_performance(performance: &Performance, summary: &MapSummary) -> Self {
        let accessibility = performance.accessibility.iter().map(|aid| aid.word().to_owned());
        Self { accessibility: accessibility.collect(), ..Self::of(&performance.sale, summary) }
    }

    /// The offer with these terms, if nothing is wrong with them; what the form does not say is as the house has it.
    pub fn offer(
        &self,
        schedule: Schedule,
        seat_map_version: Option<u32>,
        house: &Selling,
        faults: &mut Faults,
    ) -> Option<Offer> {
        let currency = faults.take("/currency", self.currency());
        let pace = self.pace(house, faults);
        let refund =
            self.refund_policy.unwrap_or(RefundPolicyForm { until_hours_before: 24, share_percent: 100 });
        if refund.until_hours_before > REFUND_HOURS_MAX {
            let words = format!("must be at most {REFUND_HOURS_MAX}");
            faults.add("/refund_policy/until_hours_before", words);
        }
        let concessions = match self.concessions.as_slice() {
            [] => vec![CONCESSION_USUAL.to_owned()],
            named => named.to_vec(),
        };
        let price = |price: &PriceForm| OfferedPrice {
            category: price.category.clone(),
            concession: price.concession.clone().unwrap_or_else(|| concessions[0].clone()),
            amount: price.amount,
        };
        let accessibility = self.accessibility(faults);
        let offer = Offer {
            seat_map_version,
            schedule,
            currency: currency?,
            prices: self.prices.iter().map(price).collect(),
            concessions,
            refund: RefundPolicy {
                until_ms_before: u64::from(refund.until_hours_before) * HOUR_MS,
                share_basis_points: refund.share_percent.saturating_mul(100),
            },
            ticket_limit: self.ticket_limit.unwrap_or(house.ticket_limit),
            pace,
            accessibility,
        };
        checks::terms(&offer, faults);
        Some(offer)
    }

    fn accessibility(&self, faults: &mut Faults) -> BTreeSet<Aid> {
        let named = self.accessibility.iter().enumerate();
        named.filter_map(|(nth, word)| faults.take(&format!("/accessibility/{nth}"), word.parse())).collect()
    }

    fn currency(&self) -> Result<Currency, String> {
        let currency =
            self.currency.parse().map_err(|error: marquee_ledger::money::NotACurrency| error.to_string())?;
        match iso_currency::Currency::from_code(&self.currency) {
            Some(_in_use) => Ok(currency),
            None => Err(format!("{} is no currency of ISO 4217", self.currency)),
        }
    }

    fn pace(&self, house: &Selling, faults: &mut Faults) -> Pace {
        let mut of = |field: &str, minutes: Option<u32>, least: u32, usual: Duration| {
            let Some(minutes) = minutes else { return millis(usual) };
            if !(least..=PACE_MINUTES_MAX).contains(&minutes) {
                faults.add(field, format!("must be between {least} and {PACE_MINUTES_MAX} minutes"));
            }
            u64::from(minutes) * MINUTE_MS
        };
        Pace {
            hold_ms: of("/hold_minutes", self.hold_minutes, 1, house.hold),
            extension_ms: of("/extension_minutes", self.extension_minutes, 0, house.extension),
            payment_ms: of("/payment_minutes", self.payment_minutes, 1, house.payment),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
