//! End-to-end tests: everything is under `tests/`. The browser tests are in `browser/`.
