//! Money as the API writes it.

use marquee_ledger::Currency;
use serde::Serialize;
use utoipa::ToSchema;

/// An amount of money.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Money)]
pub(crate) struct MoneyBody {
    /// Minor units: cents for USD, yen for JPY.
    #[schema(example = 4500)]
    pub(crate) amount: i64,
    /// ISO 4217.
    #[schema(value_type = String, example = "USD")]
    pub(crate) currency: Currency,
}

impl MoneyBody {
    pub(crate) const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }
}

impl From<marquee_ledger::Money> for MoneyBody {
    fn from(money: marquee_ledger::Money) -> Self {
        Self::new(money.amount, money.currency)
    }
}
