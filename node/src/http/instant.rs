//! Instants as the API writes them.

/// An instant in RFC 3339, UTC, to the second.
#[must_use]
pub(crate) fn instant(millis: u64) -> String {
    // Out of jiff's range are only instants after the year 9999.
    let instant =
        i64::try_from(millis).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    instant.unwrap_or(jiff::Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
