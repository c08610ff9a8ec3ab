//! What is printed, and the pictures that others show of us: tickets as PDF, and the cards of links that are shared.
//!
//! Everything here is given texts and gives bytes: no clock, no catalog, no language. Who may have a ticket is decided
//! where it is asked for; how it looks, here.
//!
//! Texts come from people, and the [`typeface`] has letters of European scripts only. What it lacks is written without
//! its accents, as an empty box, or left out if it is a pictograph: a ticket is printed whatever stands on it, and the code
//! and the numbers are always legible.
//!
//! Reading order: [`typeface`] measures and breaks lines; `pen` writes them on a page and into its structure, for those
//! who have it read to them; `column` stacks them; [`ticket`] says what stands on which paper; [`picture`] paints.

mod column;
mod pen;
pub mod picture;
pub mod ticket;
pub mod typeface;

/// A document or a picture that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// A text is too long for a code.
    #[error("the code does not fit into a QR code: {0}")]
    Code(#[from] qrcode::types::QrError),
    /// The writer of PDF refuses.
    #[error("the PDF cannot be written: {0}")]
    Pdf(String),
    /// The painter refuses.
    #[error("the picture cannot be painted: {0}")]
    Picture(String),
}
