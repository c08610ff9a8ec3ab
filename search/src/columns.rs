//! The numbers of a segment's documents, opened once for all searches.

use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, SegmentReader, TantivyError};

use crate::document::{Accessibility, Class, Key, Kind, Prices};
use crate::places::Point;
use crate::schema::{COORDINATE_UNIT_DEG, currency, fast};

/// What has the same class and id: one result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Group {
    pub(crate) id: u128,
    pub(crate) class: Class,
}

/// One segment's columns.
pub(crate) struct Columns {
    group_high: Column<u64>,
    group_low: Column<u64>,
    at_high: Column<u64>,
    at_low: Column<u64>,
    kind: Column<u64>,
    starts: Column<i64>,
    lat: Column<i64>,
    lon: Column<i64>,
    price_min: Column<u64>,
    price_max: Column<u64>,
    currency: Column<u64>,
    language: Column<u64>,
    accessibility: Column<u64>,
    popularity: Column<u64>,
    rating: Column<u64>,
    fingerprint: Column<u64>,
    /// None if no document of the segment has one.
    pub(crate) genres: Option<StrColumn>,
    pub(crate) cities: Option<StrColumn>,
}

impl Columns {
    pub(crate) fn open(segment: &SegmentReader) -> Result<Self, TantivyError> {
        let fields = segment.fast_fields();
        Ok(Self {
            group_high: fields.u64(fast::GROUP_HIGH)?,
            group_low: fields.u64(fast::GROUP_LOW)?,
            at_high: fields.u64(fast::AT_HIGH)?,
            at_low: fields.u64(fast::AT_LOW)?,
            kind: fields.u64(fast::KIND)?,
            starts: fields.i64(fast::STARTS)?,
            lat: fields.i64(fast::LAT)?,
            lon: fields.i64(fast::LON)?,
            price_min: fields.u64(fast::PRICE_MIN)?,
            price_max: fields.u64(fast::PRICE_MAX)?,
            currency: fields.u64(fast::CURRENCY)?,
            language: fields.u64(fast::LANGUAGE)?,
            accessibility: fields.u64(fast::ACCESSIBILITY)?,
            popularity: fields.u64(fast::POPULARITY)?,
            rating: fields.u64(fast::RATING)?,
            fingerprint: fields.u64(fast::FINGERPRINT)?,
            genres: fields.str(fast::GENRE_FACET)?,
            cities: fields.str(fast::CITY_FACET)?,
        })
    }

    pub(crate) fn kind(&self, doc: DocId) -> Kind {
        self.kind.first(doc).and_then(Kind::from_code).unwrap_or(Kind::Other)
    }

    pub(crate) fn group(&self, doc: DocId, kind: Kind) -> Group {
        Group { id: joined(&self.group_high, &self.group_low, doc), class: kind.class() }
    }

    pub(crate) fn key(&self, doc: DocId, group: Group) -> Key {
        Key { class: group.class, id: group.id, at: joined(&self.at_high, &self.at_low, doc) }
    }

    pub(crate) fn has_starts(&self, doc: DocId) -> bool {
        self.starts.first(doc).is_some()
    }

    /// The first start, in seconds, that is not before `from` and before `to`.
    pub(crate) fn next_start(&self, doc: DocId, from: i64, to: i64) -> Option<i64> {
        self.starts.values_for_doc(doc).filter(|start| (from..to).contains(start)).min()
    }

    /// All starts, in seconds.
    pub(crate) fn starts(&self, doc: DocId) -> impl Iterator<Item = i64> + '_ {
        self.starts.values_for_doc(doc)
    }

    pub(crate) fn point(&self, doc: DocId) -> Option<Point> {
        let lat = self.lat.first(doc)?;
        let lon = self.lon.first(doc)?;
        Point::new(lat as f64 * COORDINATE_UNIT_DEG, lon as f64 * COORDINATE_UNIT_DEG)
    }

    /// The cheapest price in minor units, and its currency's number.
    pub(crate) fn cheapest(&self, doc: DocId) -> Option<(u64, u64)> {
        Some((self.price_min.first(doc)?, self.currency.first(doc)?))
    }

    pub(crate) fn prices(&self, doc: DocId) -> Option<Prices> {
        Some(Prices {
            currency: currency(self.currency.first(doc)?)?,
            min_minor: self.price_min.first(doc)?,
            max_minor: self.price_max.first(doc)?,
        })
    }

    pub(crate) fn language(&self, doc: DocId) -> Option<u64> {
        self.language.first(doc)
    }

    pub(crate) fn accessibility(&self, doc: DocId) -> Accessibility {
        Accessibility::from_bits(self.accessibility.first(doc).unwrap_or_default())
    }

    pub(crate) fn popularity(&self, doc: DocId) -> u64 {
        self.popularity.first(doc).unwrap_or_default()
    }

    pub(crate) fn fingerprint(&self, doc: DocId) -> u64 {
        self.fingerprint.first(doc).unwrap_or_default()
    }

    /// The Bayesian mean.
    pub(crate) fn rating(&self, doc: DocId) -> f64 {
        self.rating.first(doc).unwrap_or_default() as f64 / 1_000.0
    }
}

/// A number of 128 bits that is kept in two columns.
fn joined(high: &Column<u64>, low: &Column<u64>, doc: DocId) -> u128 {
    u128::from(high.first(doc).unwrap_or_default()) << 64 | u128::from(low.first(doc).unwrap_or_default())
}
