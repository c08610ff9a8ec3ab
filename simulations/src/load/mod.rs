//! A crowd of buyers over HTTP, and what it measures.

pub mod answers;
pub mod audit;
pub mod chart;
pub mod connection;
pub mod crowd;
pub mod customer;
pub mod meter;
pub mod report;
pub mod request;
pub mod session;
