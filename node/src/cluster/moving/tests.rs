//! Whole machines move a venue.
