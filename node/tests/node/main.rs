//! The node's services over real sockets, with a real store in a temporary folder.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod accessibility;
mod accounts;
mod bookings;
mod catalog;
mod cluster;
mod dns;
mod documents;
mod endpoints;
mod giving;
mod holds;
mod house;
mod http_server;
mod importing;
mod joined;
mod languages;
mod liking;
mod moving;
mod nearest;
mod organizer;
mod outlets;
mod pages;
mod promoting;
mod searching;
mod show;
mod town;
mod trio;
