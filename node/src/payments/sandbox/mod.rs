//! A payment gateway of our own, for demos, tests and load: no money, real HTTP.
//!
//! [`Server`] speaks payment intents, captures, refunds and signed webhooks, runs in the same binary on its own port, and
//! keeps everything in memory. [`Client`] is the [`PaymentGateway`](super::PaymentGateway) that talks to it.
//!
//! # Test cards
//!
//! | `method` | what happens |
//! |---|---|
//! | `card_ok` | succeeds in the answer |
//! | `card_declined` | fails in the answer |
//! | `card_two_step` | the customer approves or declines on a page of the sandbox, which sends them back to `return_url` |
//! | `card_slow` | `processing`; succeeds after [`Delays::slow`] |
//! | `card_late` | `processing`; succeeds after [`Delays::late`], by default later than any hold lives |
//! | `card_twice` | succeeds in the answer; its webhook comes twice |
//! | `card_lost` | succeeds, but the answer says `processing` and no webhook comes: only polling finds out |
//! | `card_refund_fails` | succeeds in the answer; its refunds fail, by webhook |
//!
//! Any other method is refused with `unknown_method`.
//!
//! # HTTP
//!
//! JSON in and out, `Authorization: Bearer <api key>`; both `POST`s that create need an `Idempotency-Key`. A repeat shows the
//! object *as it is then*; the same key with another body is a 409. Errors are `{"error": {"code", "message"}}`.
//!
//! | | |
//! |---|---|
//! | `POST /v1/intents` | `{order, amount_minor, currency, method, email, return_url, capture?: "automatic" \| "manual"}` |
//! | `GET /v1/intents/{id}`, `GET /v1/intents?order=` | one; an order's, latest first, at most 100 |
//! | `POST /v1/intents/{id}/capture` | `{amount_minor?}`; for `capture: "manual"` |
//! | `POST /v1/intents/{id}/cancel` | what has settled stays as it is, and is shown |
//! | `POST /v1/refunds` | `{intent, order, amount_minor, currency, reason}`, never above what is captured |
//! | `GET /v1/refunds/{id}` | |
//! | `GET /v1/events?after=&limit=` | the latest events, oldest first |
//! | `POST /control/intents/{id}/complete` | settles a `processing` or `requires_action` intent at once |
//! | `POST /control/faults` | replaces the [`Faults`] |
//! | `GET /control/stats` | counters |
//! | `GET /pay/{id}/{token}` | the page of `card_two_step` |
//!
//! # Webhooks
//!
//! Signed by [Standard Webhooks](https://www.standardwebhooks.com). One delivery carries *all* events that wait, up to
//! [`Limits::batch_events`]: `{"type": "events", "timestamp": …, "data": [{"id", "type": "intent.updated" |
//! "refund.updated", "created_ms", "object": {…}}, …]}`. An event is made when an intent settles or its authorisation waits
//! for capture, and at each step of a refund. A delivery is repeated, with a doubling pause, until it is answered by 2xx or
//! [`Limits::attempts`] are used up, and [`Limits::deliveries_in_flight`] bounds the deliveries under way.
//!
//! # Bounds
//!
//! The latest [`Limits::intents`] intents and refunds are kept; an older one, and its key, are forgotten (one that is still
//! open then is cancelled first, with its event). Events that wait for delivery are bounded too: the oldest is dropped,
//! and counted. Stopping the server forgets everything, undelivered events included.

mod book;
mod client;
mod deliveries;
mod faults;
mod handlers;
mod page;
mod records;
mod server;
mod settings;
mod shelf;
mod wire;

#[cfg(test)]
mod tests;

pub use client::{Client, ClientOptions};
pub use faults::Faults;
pub use server::{SandboxOptions, Server, StartError, Webhooks};
pub use settings::{Delays, Limits, USUAL_API_KEY, USUAL_WEBHOOK_SECRET};
