//! What handlers take out of requests. Each extractor refuses with a [`Problem`](super::Problem).
//!
//! | extractor | gives |
//! |---|---|
//! | [`Id<T>`] | the id in the path |
//! | [`Query<T>`] | the query string |
//! | [`Page`] | `limit` and `cursor` of a list |
//! | [`Json<T>`], [`Form<T>`], [`RawBody`] | the body |
//! | [`Caller`] | who asks |
//! | [`PageCaller`] | who looks at a page |
//! | [`Idempotency`] | the key that makes repeating the request harmless |
//! | [`IfMatch`] | the version that a change is for |
//! | [`Prefer`] | how long the client wants to wait |
//! | [`Storefront`] | the node that the customer came to |
//! | [`Client`] | the address that the request comes from |

mod body;
mod caller;
mod conditional;
mod idempotency;
mod page;
mod page_caller;
mod path;
mod storefront;

pub(crate) use body::{Json, RawBody, Upload, parse};
pub(crate) use caller::{Caller, Client, Signed};
pub(crate) use conditional::{ETag, IfMatch, IfNoneMatch};
pub(crate) use idempotency::Idempotency;
pub(crate) use page::{List, Page, Query, cursor_of};
pub(crate) use page_caller::PageCaller;
pub(crate) use path::{Id, Prefer};
pub(crate) use storefront::Storefront;
