//! On which terms a performance is sold, as a form: prices by category and concession, limits, and what comes back.
//!
//! The table of prices has the categories of the hall that was chosen and the concessions that were typed. When those are
//! others than those of the table that was filled in, the table is shown anew before anything is saved.

use marquee_config::Selling;
use marquee_ledger::Currency;

use super::filled::Filled;
use super::form::{Cell, Choice, Faulty, Field, Fields, Grid, GridRow, Group, first_part};
use super::say::Say;
use super::stage::Stage;
use crate::catalog::entity::{Aid, Performance};
use crate::forms::TermsForm;
use crate::forms::amount::{minor_units, written as amount_written};
use crate::forms::terms::{PriceForm, RefundPolicyForm};

const HOUR_MS: u64 = 3_600_000;
const MINUTE_MS: u64 = 60_000;
/// The most concessions that a table has.
const COLUMNS_MAX: usize = 20;
/// Currencies that are offered; every one of ISO 4217 can be typed.
const CURRENCIES: &str = "AED ARS AUD BRL CAD CHF CLP CNY COP CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW KWD MAD MXN MYR NOK \
NZD PEN PHP PLN RON SAR SEK SGD THB TRY TWD UAH USD VND ZAR";
/// Countries of the euro.
const EURO: &str = "AD AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MC ME MT NL PT SI SK SM VA XK";

/// The concessions that were typed.
fn concessions(fields: &Fields) -> Vec<String> {
    let typed = fields.get("concessions");
    let typed = typed.split(',').map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned);
    let mut distinct: Vec<String> = Vec::new();
    for key in typed.take(COLUMNS_MAX + 1) {
        if !distinct.contains(&key) {
            distinct.push(key);
        }
    }
    if distinct.is_empty() { vec!["adult".to_owned()] } else { distinct }
}

/// What the table of prices is for: the hall, its map, and the concessions.
fn grid_of(stage: &Stage, concessions: &[String]) -> String {
    format!("{}@{}/{}", stage.hall.id, stage.version, concessions.join(","))
}

/// The terms of a form that was sent; none if just the table of prices is asked for, to which the fields then fit.
pub(super) fn sent(filled: &mut Filled, stage: &Stage) -> Option<Typed> {
    let is_other_table = fit_table(&mut filled.fields, stage);
    if filled.fields.has("table") {
        return None;
    }
    if is_other_table {
        filled.faulty.add("prices", "other prices are needed: fill in the table and save again");
    }
    Some(read(&filled.fields, stage, &mut filled.faulty))
}

/// Makes the fields fit the table that is to be shown. Tells whether the table that was filled in was another.
pub(super) fn fit_table(fields: &mut Fields, stage: &Stage) -> bool {
    let wanted = concessions(fields);
    let grid = grid_of(stage, &wanted);
    let before = fields.get("grid");
    if before == grid {
        return false;
    }
    let (hall_before, columns_before) = before.split_once('/').unwrap_or_default();
    let is_same_hall = grid.split_once('/').is_some_and(|(hall, _)| hall == hall_before);
    let columns_before: Vec<&str> = columns_before.split(',').collect();
    let mut kept = Vec::new();
    for category in 0..stage.categories().len() {
        for (column, concession) in wanted.iter().enumerate() {
            let old = columns_before.iter().position(|before| before == concession);
            if let Some(old) = old.filter(|_column| is_same_hall) {
                kept.push((cell(category, column), fields.get(&cell(category, old))));
            }
        }
    }
    fields.remove(|name| name == "grid" || name.starts_with("price-"));
    kept.into_iter().for_each(|(name, value)| fields.push(name, value));
    fields.push("grid", grid);
    true
}

fn cell(category: usize, concession: usize) -> String {
    format!("price-{category}-{concession}")
}

/// The fields of the terms. `fields` say which concessions the table has.
pub(super) fn groups(say: &Say, stage: &Stage, fields: &Fields) -> Vec<Group> {
    let columns = concessions(fields);
    let rows = stage.categories().iter().enumerate().map(|(category, known)| GridRow {
        label: known.name.clone(),
        color: known.color.clone(),
        cells: columns
            .iter()
            .enumerate()
            .map(|(column, concession)| Cell {
                name: cell(category, column),
                label: format!("{}, {}", known.name, say.concession(concession)),
                value: String::new(),
                fault: None,
            })
            .collect(),
    });
    let grid =
        Grid { columns: columns.iter().map(|key| say.concession(key)).collect(), rows: rows.collect() };
    let currencies = CURRENCIES.split(' ').map(|code| Choice::new(code, ""));
    let prices = vec![
        Field::text("currency", say.t("org-currency"))
            .hint(say.t("org-currency-hint"))
            .suggest(currencies.collect())
            .chars(3)
            .required(),
        Field::text("concessions", say.t("org-concessions")).hint(say.t("org-concessions-hint")),
        Field { grid: Some(grid), ..Field::of("prices", "prices", say.t("org-prices")) }
            .hint(say.t("org-prices-hint")),
    ];
    let limits = vec![
        Field::number("ticket_limit", say.t("org-ticket-limit")).hint(say.t("org-ticket-limit-hint")),
        Field::number("hold_minutes", say.t("org-hold-minutes")).hint(say.t("org-hold-minutes-hint")),
        Field::number("extension_minutes", say.t("org-extension-minutes")),
        Field::number("payment_minutes", say.t("org-payment-minutes")),
    ];
    let refund = vec![
        Field::number("refund_hours", say.t("org-refund-hours")).hint(say.t("org-refund-hours-hint")),
        Field::number("fee_percent", say.t("org-fee")).hint(say.t("org-fee-hint")),
    ];
    let aids = Aid::ALL.iter().map(|aid| Choice::new(aid.word(), say.aid(*aid)));
    let mut accessibility = Field::of("checks", "accessibility", say.t("org-accessibility"))
        .hint(say.t("org-accessibility-hint"));
    accessibility.options = aids.collect();
    vec![
        Group::new(String::new(), vec![accessibility]),
        Group::new(say.t("org-prices"), prices),
        Group::new(say.t("org-refund-policy"), refund).hint(say.t("org-refund-policy-hint")),
        Group::new(say.t("org-limits"), limits),
    ]
}

/// Terms that were typed, and the field of each price.
pub(super) struct Typed {
    pub(super) form: TermsForm,
    cells: Vec<String>,
}

impl Typed {
    /// The field that a pointer into the terms is about.
    pub(super) fn field_of(&self, pointer: &str) -> String {
        let mut parts = pointer.split('/');
        match (parts.next().unwrap_or_default(), parts.next()) {
            ("prices", Some(nth)) => {
                let cell = nth.parse::<usize>().ok().and_then(|nth| self.cells.get(nth).cloned());
                cell.unwrap_or_else(|| "prices".to_owned())
            }
            ("refund_policy", Some("until_hours_before")) => "refund_hours".to_owned(),
            ("refund_policy", Some(_share)) => "fee_percent".to_owned(),
            (first, _) => first_part(first),
        }
    }
}

/// Reads the terms. What is no amount or no number is told at once; the rest is checked with the offer.
fn read(fields: &Fields, stage: &Stage, faulty: &mut Faulty) -> Typed {
    let currency_text = fields.get("currency").to_uppercase();
    // A currency that does not exist is told at its own field; amounts are then read as most currencies have them.
    let currency: Option<Currency> = currency_text.parse().ok();
    let concessions = concessions(fields);
    let (mut prices, mut cells) = (Vec::new(), Vec::new());
    for (category, known) in stage.categories().iter().enumerate() {
        for (column, concession) in concessions.iter().enumerate() {
            let name = cell(category, column);
            let Some(text) = fields.some(&name) else { continue };
            let amount = currency.map_or(Ok(0), |currency| minor_units(&text, currency));
            match amount {
                Err(wrong) => faulty.add(name, wrong.to_string()),
                Ok(amount) => {
                    let (category, concession) = (known.key.clone(), Some(concession.clone()));
                    prices.push(PriceForm { category, concession, amount });
                    cells.push(name);
                }
            }
        }
    }
    let fee = fields.number::<u16>("fee_percent", faulty).unwrap_or(0);
    if fee > 100 {
        faulty.add("fee_percent", "must be between 0 and 100");
    }
    let until_hours_before = fields.number("refund_hours", faulty).unwrap_or(0);
    let form = TermsForm {
        currency: currency_text,
        concessions,
        prices,
        refund_policy: Some(RefundPolicyForm {
            until_hours_before,
            share_percent: 100_u16.saturating_sub(fee),
        }),
        ticket_limit: fields.number("ticket_limit", faulty),
        hold_minutes: fields.number("hold_minutes", faulty),
        extension_minutes: fields.number("extension_minutes", faulty),
        payment_minutes: fields.number("payment_minutes", faulty),
        accessibility: fields.all("accessibility"),
    };
    Typed { form, cells }
}

/// The terms of a performance, as they are typed. Policies with a part of a percent are rounded to a whole one.
pub(super) fn written(performance: &Performance, stage: &Stage) -> Fields {
    let sale = &performance.sale;
    let minutes = |ms: u64| (ms / MINUTE_MS).to_string();
    let fee = 100 - (sale.refund.share_basis_points / 100).min(100);
    let mut fields = Fields::of([
        ("currency", sale.currency.to_string()),
        ("concessions", sale.concessions.join(", ")),
        ("refund_hours", (sale.refund.until_ms_before / HOUR_MS).to_string()),
        ("fee_percent", fee.to_string()),
        ("ticket_limit", sale.ticket_limit.to_string()),
        ("hold_minutes", minutes(sale.pace.hold_ms)),
        ("extension_minutes", minutes(sale.pace.extension_ms)),
        ("payment_minutes", minutes(sale.pace.payment_ms)),
    ]);
    for price in &sale.prices {
        let name = cell(usize::from(price.category), usize::from(price.concession));
        fields.push(name, amount_written(price.amount, sale.currency));
    }
    for aid in &performance.accessibility {
        fields.push("accessibility", aid.word());
    }
    fields.push("grid", grid_of(stage, &sale.concessions));
    fields
}

/// The usual terms of the house, for the first performance of all.
pub(super) fn usual(house: &Selling, stage: &Stage) -> Fields {
    let minutes = |duration: std::time::Duration| (duration.as_secs() / 60).to_string();
    let country = stage.venue.facts.country.as_str();
    let currency = match country {
        "US" => "USD",
        "GB" => "GBP",
        "CA" => "CAD",
        "AU" => "AUD",
        "CH" | "LI" => "CHF",
        "JP" => "JPY",
        "MX" => "MXN",
        _other if EURO.split(' ').any(|euro| euro == country) => "EUR",
        _other => "",
    };
    Fields::of([
        ("currency", currency.to_owned()),
        ("concessions", "adult".to_owned()),
        ("refund_hours", "24".to_owned()),
        ("fee_percent", "0".to_owned()),
        ("ticket_limit", house.ticket_limit.to_string()),
        ("hold_minutes", minutes(house.hold)),
        ("extension_minutes", minutes(house.extension)),
        ("payment_minutes", minutes(house.payment)),
        ("grid", grid_of(stage, &["adult".to_owned()])),
    ])
}
