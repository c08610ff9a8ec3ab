//! Which documents an index holds, and as what: so that a caller can tell what it lacks without reading the texts.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use tantivy::TantivyError;

use crate::document::{Document, Key};
use crate::index::Index;

impl Document {
    /// Differs, for all practical purposes, if anything of the document does. Another version of this program may reckon
    /// otherwise; documents are then put again, which does no harm.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let Self {
            key,
            kind,
            title,
            people,
            genres,
            description,
            place,
            starts,
            prices,
            language,
            accessibility,
            popularity,
            rating,
        } = self;
        (key, kind, title, people, genres, description).hash(&mut hasher);
        if let Some(place) = place {
            (&place.venue, &place.city, &place.region, &place.country, &place.zip).hash(&mut hasher);
            let degrees = place.point.map(|point| (point.lat_deg().to_bits(), point.lon_deg().to_bits()));
            degrees.hash(&mut hasher);
        }
        starts.hash(&mut hasher);
        prices.map(|prices| (prices.currency, prices.min_minor, prices.max_minor)).hash(&mut hasher);
        (language, accessibility.bits(), popularity).hash(&mut hasher);
        (rating.mean.to_bits(), rating.count).hash(&mut hasher);
        hasher.finish()
    }
}

impl Index {
    /// The fingerprints of all documents, as of the last commit.
    ///
    /// # Errors
    /// If the index failed: it should be rebuilt.
    pub fn fingerprints(&self) -> Result<HashMap<Key, u64>, TantivyError> {
        let snapshot = self.snapshot();
        let mut all = HashMap::new();
        for (segment, columns) in snapshot.searcher.segment_readers().iter().zip(&snapshot.columns) {
            for doc in segment.doc_ids_alive() {
                let kind = columns.kind(doc);
                all.insert(columns.key(doc, columns.group(doc, kind)), columns.fingerprint(doc));
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Class, Kind};
    use crate::index::Options;

    #[test]
    fn an_index_tells_what_it_holds() {
        let index = Index::in_memory(Options::default()).unwrap();
        let mut writer = index.writer().unwrap();
        let document = |id, title: &str| Document::new(Key::single(Class::Venue, id), Kind::Venue, title);
        let (fox, globe) = (document(1, "Fox"), document(2, "Globe"));
        writer.put(&fox).unwrap();
        writer.put(&globe).unwrap();
        writer.commit(b"").unwrap();
        writer.put(&document(1, "Fox Theater")).unwrap();
        writer.remove(globe.key).unwrap();
        writer.commit(b"").unwrap();
        let held = index.fingerprints().unwrap();
        assert_eq!(held, HashMap::from([(fox.key, document(1, "Fox Theater").fingerprint())]));
        assert_ne!(held[&fox.key], fox.fingerprint());
    }
}
