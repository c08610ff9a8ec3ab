//! An event as it is written down.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::EventKind;
use crate::catalog::checks::{self, Faults};
use crate::catalog::entity::EventFacts;

/// An event: what is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventForm {
    /// Your own name for it, unique among your events: importing twice makes it once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "twelfth-night")]
    pub key: Option<String>,
    /// `movie`, `concert`, `theatre`, `musical`, `opera`, `dance`, `sport`, `comedy`, `family`, `festival`, `talk` or
    /// `other`. Under `/v1/movies` it is `movie` unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "theatre")]
    pub kind: Option<String>,
    /// Its title.
    #[schema(example = "Twelfth Night")]
    pub title: String,
    /// Some sentences.
    #[serde(default)]
    pub description: String,
    /// Who presents it.
    #[serde(default)]
    pub host: String,
    /// Who performs.
    #[serde(default)]
    pub performers: Vec<String>,
    /// Its genres.
    #[serde(default)]
    pub genres: Vec<String>,
    /// The language that is spoken, as a BCP 47 tag.
    #[serde(default)]
    #[schema(example = "en")]
    pub language: String,
    /// How long it lasts, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_min: Option<u32>,
    /// For whom it is fit, in the words of its country.
    #[serde(default)]
    pub age_rating: String,
}

impl EventForm {
    /// The facts, if nothing is wrong with them. `usual` is the kind when the form names none.
    pub fn facts(&self, usual: Option<EventKind>, faults: &mut Faults) -> Option<EventFacts> {
        faults.key(self.key.as_deref());
        let kind = match (&self.kind, usual) {
            (Some(word), _) => faults.take("/kind", word.parse()),
            (None, Some(usual)) => Some(usual),
            (None, None) => {
                faults.add("/kind", "must be said, such as concert");
                None
            }
        };
        let facts = EventFacts {
            kind: kind.unwrap_or(EventKind::Other),
            title: self.title.clone(),
            description: self.description.clone(),
            host: self.host.clone(),
            performers: self.performers.clone(),
            genres: self.genres.clone(),
            language: self.language.clone(),
            duration_min: self.duration_min,
            age_rating: self.age_rating.clone(),
        };
        checks::event(&facts, faults);
        kind.map(|_known| facts)
    }
}
