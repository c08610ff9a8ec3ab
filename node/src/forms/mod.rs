//! What organizers write down of venues, events and offers, in requests and in documents.
//!
//! A form is what was written, with its defaults; it becomes facts once it has been checked, and what is wrong is told
//! field by field. Forms refuse fields that they do not know.

pub mod amount;
pub mod event;
pub mod series;
pub mod shape;
pub mod terms;
pub mod venue;

pub use event::EventForm;
pub use series::SeriesForm;
pub use terms::{TermsForm, TimesForm};
pub use venue::VenueForm;
