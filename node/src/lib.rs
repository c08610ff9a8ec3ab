//! One node of Marquee: the services that sell seats, the HTTP API, the web pages and the commands.
//!
//! The node is a library with a thin binary, so that tests and the simulator run the same services below HTTP.
//! [`http`] is the rim: only it knows JSON, paths and status codes. [`catalog`] keeps what there is to sell; organizers
//! write it down as [`forms`] and [`drawing`]s, and [`import`] reads whole documents of them, or what
//! others write down in other [`formats`]. [`accounts`] keeps who people
//! are and what they may do, [`payments`] how money comes and goes back. The [`machine`] composes the parts that are
//! replicated, the [`home`] is how services reach it, and the [`outbox`] does what must happen outside. [`keys`] keeps the
//! secrets of a data folder. [`geo`] knows which nodes are nearest to a customer, and [`dns`] answers
//! the cluster's name with them. [`print`](mod@print) makes tickets as PDF and pictures of what is on.

pub mod accounts;
pub mod catalog;
pub mod cli;
pub mod cluster;
pub mod directory;
pub mod dns;
pub mod drawing;
pub mod estate;
pub mod finding;
pub mod formats;
pub mod forms;
pub mod geo;
pub mod home;
pub mod http;
pub mod import;
pub mod keys;
pub mod machine;
pub mod node;
pub mod outbox;
mod pages;
pub mod payments;
pub mod print;
pub mod reviews;
pub mod selling;
mod tables;
mod texts;
