//! Payments: how money is asked for, and how we learn what became of it.
//!
//! This room knows nothing of seats, orders or the ledger. The home's outbox workers call a [`PaymentGateway`] with the
//! order's id as the idempotency key, at least once, and hand what they hear back to the ledger as commands. The
//! protocol is the same for every gateway:
//!
//! 1. [`charge`](PaymentGateway::charge) creates *and* confirms a payment intent. Its answer may already be final
//!    (succeeded, failed), may ask the customer to visit a page ([`IntentStatus::RequiresAction`]), or may say
//!    "later" ([`IntentStatus::Processing`]).
//! 2. What happens later arrives as signed webhooks, which [`webhook`](PaymentGateway::webhook) verifies and turns into
//!    [`GatewayEvent`]s. They come early, late, out of order, twice or never: an event is news, not an instruction.
//! 3. So a poller asks [`intent`](PaymentGateway::intent) about whatever stays open, and
//!    [`find`](PaymentGateway::find) when even the answer to the charge was lost.
//! 4. [`refund`](PaymentGateway::refund) gives money back, under its own key, with the same three ways to learn its end.
//!
//! Every failed call says what is known about its fate ([`GatewayError::fate`]): *unknown* is asked again with the same
//! key, *not done* may be tried later, *refused* is final.
//!
//! | module | what it is |
//! |---|---|
//! | [`gateway`](PaymentGateway) | the trait and the words it speaks |
//! | [`sandbox`] | a gateway of our own: an HTTP server with test cards, and its client |
//! | [`stripe`] | Stripe's payment intents and refunds |
//! | [`Guarded`] | bounded calls in flight and a circuit breaker around any of them |
//!
//! **Invariants.** A call to a gateway ends by its deadline. No lock is held across a call. Card data never passes: the
//! `method` is a token of the gateway's own. Secrets live in [`Secret`], which cannot be printed.

mod breaker;
pub(crate) mod currency;
mod gateway;
mod guarded;
pub(crate) mod http;
pub mod sandbox;
mod secret;
mod signature;
pub mod stripe;

#[cfg(test)]
mod contract;

pub use breaker::BreakerState;
pub use gateway::{
    Answer, ChargeRequest, EventId, EventKind, Fate, GatewayError, GatewayEvent, Intent, IntentId,
    IntentStatus, Money, PaymentGateway, Refund, RefundId, RefundRequest, RefundStatus, WebhookError,
};
pub use guarded::{GuardOptions, Guarded};
pub use http::InvalidOptions;
pub use secret::Secret;
pub use signature::{InvalidWebhookSecret, StandardWebhook};
