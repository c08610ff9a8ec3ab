//! From a query to what is looked for: words, a place, dates, and what else must be so.

use jiff::Timestamp;
use tantivy::TantivyError;
use tantivy::Term;
use tantivy::query::{EnableScoring, PhraseQuery, Query as TantivyQuery};

use crate::analysis::stem;
use crate::collect::{Area, Exact, Order};
use crate::document::Kind;
use crate::index::Snapshot;
use crate::places;
use crate::plan::{Words, any_tag};
use crate::query::{
    Query, RADIUS_KM_DEFAULT, RADIUS_KM_MAX, Refusal, SearchError, Sort, Understood, UnderstoodPlace, Where,
};
use crate::schema::{language_number, tag};
use crate::text::{self, Chunk};
use crate::understand::{self, Meaning, Reading, Span};
use crate::whereabouts::{cells, city_tags, find_city, knows_city, parted};

/// A range of more days is not asked for day by day.
const DAYS_MAX: i64 = 62;

/// A phrase of so many words is a name if a title has it.
const NAME_PHRASE_WORDS: usize = 3;

/// What is looked for.
pub(crate) struct Asked {
    pub(crate) words: Words,
    pub(crate) tags: Vec<Box<dyn TantivyQuery>>,
    pub(crate) exact: Exact,
    pub(crate) order: Order,
    pub(crate) understood: Understood,
    /// Whether the text said more than words.
    pub(crate) has_understood: bool,
}

/// Reads a query at a time. With `understand` what the text says is taken as said.
pub(crate) fn ask(
    snapshot: &Snapshot,
    query: &Query,
    now: Timestamp,
    understand: bool,
) -> Result<Asked, SearchError> {
    let chunks = text::parse(&query.text).map_err(Refusal::from)?;
    let readings = if understand { readings(snapshot, query, now, &chunks)? } else { Vec::new() };
    let mut asking = Asking { snapshot, query, understood: Understood::default(), dates: None, area: None };
    let mut taken = vec![None; chunks.len()];
    let mut has_understood = false;
    for reading in readings {
        match asking.take(&reading.meaning)? {
            Taken::Said => {
                has_understood = true;
                taken[reading.chunks].fill(Some(None));
            }
            Taken::Kind(kind) => taken[reading.chunks].fill(Some(Some(kind))),
            Taken::Words => {}
        }
    }
    let words: Vec<(Chunk, Option<Kind>)> = chunks
        .into_iter()
        .zip(taken)
        .filter_map(|(chunk, taken)| match taken {
            None => Some((chunk, None)),
            Some(Some(kind)) => Some((chunk, Some(kind))),
            Some(None) => None,
        })
        .collect();
    asking.understood.text = words.iter().map(|(chunk, _)| chunk.raw.as_str()).collect::<Vec<_>>().join(" ");
    let words = Words::new(&words);
    asking.finish(words, now, has_understood)
}

/// What the text says, without what is rather a part of a name.
fn readings(
    snapshot: &Snapshot,
    query: &Query,
    now: Timestamp,
    chunks: &[Chunk],
) -> Result<Vec<Reading>, TantivyError> {
    let knows = |name: &str, region: Option<&str>| knows_city(snapshot, name, region);
    let now = now.to_zoned_datetime(query.zone.clone());
    let all = understand::read(chunks, &now, query.currency, &knows);
    let mut said = Vec::new();
    for reading in &all {
        let is_kind = |reading: &Reading| matches!(reading.meaning, Meaning::Kind(_));
        if is_kind(reading) {
            said.push(reading.clone());
            continue;
        }
        let others = all.iter().filter(|other| *other != reading);
        let (mut first, mut end) = (0, chunks.len());
        for other in others {
            if other.chunks.end <= reading.chunks.start {
                first = first.max(other.chunks.end);
            } else {
                end = end.min(other.chunks.start);
            }
        }
        if !is_in_name(snapshot, chunks, reading, first, end)? {
            said.push(reading.clone());
        }
    }
    Ok(said)
}

/// Whether what was read is, with words beside it between `first` and `end`, a name or a good part of a title.
fn is_in_name(
    snapshot: &Snapshot,
    chunks: &[Chunk],
    reading: &Reading,
    first: usize,
    end: usize,
) -> Result<bool, TantivyError> {
    for from in first..=reading.chunks.start {
        for to in (reading.chunks.end..=end).rev() {
            if from == reading.chunks.start && to == reading.chunks.end {
                continue;
            }
            let words: Vec<&str> =
                chunks[from..to].iter().flat_map(|chunk| chunk.words.iter().map(String::as_str)).collect();
            let name = Term::from_field_text(snapshot.fields.name, &words.join(" "));
            if snapshot.searcher.doc_freq(&name)? > 0 {
                return Ok(true);
            }
            if words.len() >= NAME_PHRASE_WORDS && is_in_title(snapshot, &words)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn is_in_title(snapshot: &Snapshot, words: &[&str]) -> Result<bool, TantivyError> {
    let field = snapshot.fields.title;
    let terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, &stem(word))).collect();
    for term in &terms {
        if snapshot.searcher.doc_freq(term)? == 0 {
            return Ok(false);
        }
    }
    let weight = PhraseQuery::new(terms).weight(EnableScoring::disabled_from_searcher(&snapshot.searcher))?;
    for segment in snapshot.searcher.segment_readers() {
        if weight.scorer(segment, 1.0)?.doc() != tantivy::TERMINATED {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What became of a reading.
enum Taken {
    /// It is said, and no word any more.
    Said,
    /// It is a kind, and still a word.
    Kind(Kind),
    /// It is only words.
    Words,
}

/// A query as far as it is read.
struct Asking<'a> {
    snapshot: &'a Snapshot,
    query: &'a Query,
    understood: Understood,
    dates: Option<Span>,
    area: Option<Area>,
}

impl Asking<'_> {
    fn take(&mut self, meaning: &Meaning) -> Result<Taken, SearchError> {
        let filters = &self.query.filters;
        Ok(match meaning {
            Meaning::Kind(kind) => {
                self.understood.kinds.insert(*kind);
                Taken::Kind(*kind)
            }
            Meaning::Days(span) => {
                self.dates = Some(*span);
                self.understood.dates = Some((span.from, span.to));
                Taken::Said
            }
            Meaning::PriceMax(money) => {
                if filters.price_max.is_none() {
                    self.understood.price_max = Some(*money);
                }
                Taken::Said
            }
            Meaning::NearMe => {
                if let Some(point) = self.query.near {
                    self.take_place(String::new(), point);
                }
                Taken::Said
            }
            Meaning::Zip(zip) => match places::by_zip(*zip) {
                Ok(place) => match place.point {
                    Some(point) => {
                        self.take_place(format!("{zip} {}, {}", place.city.name, place.city.state), point);
                        Taken::Said
                    }
                    None => Taken::Words,
                },
                Err(unknown) => {
                    self.understood.unknown_zip = Some(unknown);
                    Taken::Words
                }
            },
            Meaning::City { name, region } => {
                match find_city(self.snapshot, name, region.as_deref(), self.query.near)? {
                    Some(city) => {
                        self.take_place(city.label, city.middle);
                        Taken::Said
                    }
                    None => Taken::Words,
                }
            }
        })
    }

    fn take_place(&mut self, label: String, point: places::Point) {
        if self.query.filters.place.is_none() {
            let radius_km = RADIUS_KM_DEFAULT;
            self.area = Some(Area { middle: point, radius_km });
            self.understood.place = Some(UnderstoodPlace { label, point, radius_km });
        }
    }

    fn finish(mut self, words: Words, now: Timestamp, has_understood: bool) -> Result<Asked, SearchError> {
        let (query, filters) = (self.query, &self.query.filters);
        let mut tags = self.tags_of_filters();
        let mut origin = self.area.map(|area| area.middle);
        if let Some(place) = &filters.place {
            let (area, city) = self.place_of_filter(place)?;
            self.area = area;
            origin = area.map(|area| area.middle);
            if let Where::City(name) = place {
                tags.push(any_tag(&self.snapshot.fields, city_tags(self.snapshot, name)?));
                origin = city;
            }
        }
        tags.extend(self.area.and_then(cells).map(|cells| any_tag(&self.snapshot.fields, cells)));
        let origin = origin.or(query.near);
        if query.sort == Sort::Distance && origin.is_none() {
            return Err(Refusal::SortWithoutPlace.into());
        }
        if filters.from.zip(filters.to).is_some_and(|(from, to)| from >= to) {
            return Err(Refusal::Dates.into());
        }
        let dates = self.dates.filter(|_| filters.from.is_none() && filters.to.is_none());
        if dates.is_none() {
            self.understood.dates = None;
        }
        let from = filters.from.or(dates.map(|span| span.from)).unwrap_or(now).as_second();
        let to = filters.to.or(dates.map(|span| span.to)).map_or(i64::MAX, Timestamp::as_second);
        if to != i64::MAX && (tag::day_number(to) - tag::day_number(from)) < DAYS_MAX {
            let days = (tag::day_number(from)..=tag::day_number(to)).map(tag::day);
            tags.push(any_tag(&self.snapshot.fields, days));
        }
        let price_max = filters.price_max.or(self.understood.price_max);
        let exact = Exact {
            kinds: filters.kinds.iter().fold(0, |bits, kind| bits | 1 << kind.code()),
            from,
            to,
            needs_start: filters.from.is_some() || to != i64::MAX,
            area: self.area,
            price_max: price_max.map(|money| (money.currency.to_number(), money.minor)),
            language: filters.language.as_deref().map(language_number),
            accessibility: filters.accessibility,
            origin,
        };
        let order = Order {
            sort: query.sort,
            has_text: !words.is_empty(),
            base: if words.is_empty() { 1.0 } else { 0.0 },
            by_popularity: if words.is_empty() { Order::WITHOUT_WORDS } else { Order::BESIDE_WORDS },
            now: now.as_second(),
            has_origin: origin.is_some(),
        };
        Ok(Asked { words, tags, exact, order, understood: self.understood, has_understood })
    }

    /// What can be asked for by tags.
    fn tags_of_filters(&self) -> Vec<Box<dyn TantivyQuery>> {
        let (fields, filters) = (&self.snapshot.fields, &self.query.filters);
        let mut tags = Vec::new();
        if !filters.kinds.is_empty() {
            tags.push(any_tag(fields, filters.kinds.iter().map(|kind| tag::kind(*kind))));
        }
        if !filters.genres.is_empty() {
            tags.push(any_tag(fields, filters.genres.iter().map(|genre| tag::genre(genre))));
        }
        if let Some(venue) = filters.venue {
            tags.push(any_tag(fields, [tag::venue(venue)]));
        }
        if let Some(language) = &filters.language {
            tags.push(any_tag(fields, [tag::language(language)]));
        }
        for bit in tag::accessibility_bits(filters.accessibility) {
            tags.push(any_tag(fields, [tag::accessibility(bit)]));
        }
        tags
    }

    /// The area of a filter, or the middle of its city.
    fn place_of_filter(&self, place: &Where) -> Result<(Option<Area>, Option<places::Point>), SearchError> {
        Ok(match place {
            Where::Zip { zip, radius_km } => {
                let middle =
                    places::by_zip(*zip).map_err(Refusal::from)?.point.ok_or(Refusal::NowhereZip(*zip))?;
                (Some(Area { middle, radius_km: radius(*radius_km)? }), None)
            }
            Where::Point { point, radius_km } => {
                (Some(Area { middle: *point, radius_km: radius(*radius_km)? }), None)
            }
            Where::City(name) => {
                let (name, region) = parted(name);
                let city = find_city(self.snapshot, &name, region.as_deref(), self.query.near)?;
                (None, city.map(|city| city.middle))
            }
        })
    }
}

fn radius(radius_km: Option<f64>) -> Result<f64, Refusal> {
    let radius_km = radius_km.unwrap_or(RADIUS_KM_DEFAULT);
    // Not a number is refused as well.
    if radius_km > 0.0 && radius_km <= RADIUS_KM_MAX { Ok(radius_km) } else { Err(Refusal::Radius) }
}
