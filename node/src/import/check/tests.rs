//! Documents that are right, and every kind of mistake with its line.
