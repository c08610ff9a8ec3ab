//! Reviews of events. They are where the events are: these requests are answered at that home.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use marquee_ledger::EventId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Id, IfNoneMatch, Json, Page};
use super::instant::instant;
use super::problem::Problem;
use super::shared_cache::plain;
use super::{App, kinds, paths};
use crate::accounts::Role;
use crate::catalog::copy::CatalogIndex;
use crate::home::Failure;
use crate::reviews::entity::{Answered, Review, Stars, TEXT_MAX};
use crate::reviews::service;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read_own, put_own, delete_own))
        .routes(routes!(put_answer, delete_answer))
        .routes(routes!(hide, show))
}

/// What reviews say of an event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rating)]
pub(crate) struct RatingBody {
    /// The mean of the stars, from 1 to 5.
    #[schema(example = 4.4)]
    pub(crate) mean: Option<f64>,
    /// How many reviews there are.
    pub(crate) count: u64,
    /// What events are ranked by: the mean drawn towards everybody's, the more so the fewer reviews there are.
    #[schema(example = 4.1)]
    pub(crate) score: f64,
    /// How many have one star, two, and so on.
    #[schema(value_type = Vec<u32>)]
    pub(crate) counts: [u32; 5],
}

impl RatingBody {
    pub(crate) fn of(index: &CatalogIndex, event: EventId) -> Self {
        let rating = index.rating(event);
        let hundredths = |mean: f64| (mean * 100.0).round() / 100.0;
        Self {
            mean: rating.mean().map(hundredths),
            count: rating.count(),
            score: hundredths(index.score(event)),
            counts: rating.counts,
        }
    }
}

/// A review.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Review)]
pub(crate) struct ReviewBody {
    /// Its number among the event's.
    pub(crate) number: u64,
    /// A first name and an initial.
    #[schema(example = "Ada L.")]
    pub(crate) author: String,
    /// One to five.
    pub(crate) stars: u8,
    /// The words.
    pub(crate) text: String,
    /// When it was written.
    pub(crate) created_at: String,
    /// When it was written anew.
    pub(crate) updated_at: String,
    /// What the organizer says to it.
    pub(crate) answer: Option<AnswerBody>,
    /// Why it is hidden; for support and for its author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hidden_because: Option<String>,
}

/// What an organizer says to a review.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewAnswer)]
pub(crate) struct AnswerBody {
    /// The words.
    pub(crate) text: String,
    /// When it was said.
    pub(crate) at: String,
}

impl From<Review> for ReviewBody {
    fn from(review: Review) -> Self {
        let answer = |Answered { text, at_ms }| AnswerBody { text, at: instant(at_ms) };
        Self {
            number: review.number,
            author: review.author,
            stars: review.stars.into(),
            text: review.text,
            created_at: instant(review.created_ms),
            updated_at: instant(review.updated_ms),
            answer: review.answer.map(answer),
            hidden_because: review.hidden.map(|hidden| hidden.because),
        }
    }
}

/// A page of an event's reviews.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reviews)]
pub(crate) struct ReviewsBody {
    /// All of them together.
    rating: RatingBody,
    /// The reviews, the latest first.
    items: Vec<ReviewBody>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// What somebody thinks.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReviewForm {
    /// One to five.
    stars: u8,
    /// At most 2,000 characters.
    #[serde(default)]
    text: String,
}

/// Some words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerForm {
    /// At most 2,000 characters.
    text: String,
}

/// Why a review is hidden.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HideForm {
    /// Kept, and shown to its author. At most 2,000 characters.
    because: String,
}

/// A page of an event's reviews as somebody sees them.
pub(crate) fn page_of(
    app: &App,
    event: EventId,
    before: Option<u64>,
    limit: usize,
    with_hidden: bool,
) -> Result<(Vec<Review>, Option<u64>), Failure> {
    let mut reviews = app.home.snapshot()?.reviews().list(event, before, limit + 1, with_hidden)?;
    let has_more = reviews.len() > limit;
    reviews.truncate(limit);
    let next = reviews.last().filter(|_last| has_more).map(|last| last.number);
    Ok((reviews, next))
}

/// List an event's reviews
///
/// The latest first. Support sees hidden ones as well.
#[utoipa::path(
    get, path = paths::EVENT_REVIEWS, tag = "reviews",
    params(("id" = String, Path, description = "The event's id"), Page),
    responses((status = 200, description = "A page of reviews", body = ReviewsBody)),
)]
async fn list(
    State(app): State<App>,
    Id(event): Id<EventId>,
    caller: Caller,
    has: IfNoneMatch,
    page: Page,
) -> Result<Response, Problem> {
    known(&app, event)?;
    let with_hidden = caller.account().is_ok_and(|by| by.roles.may_act_as(Role::Support));
    let before = page.position::<u64>()?;
    let (reviews, next) = page_of(&app, event, before, page.limit, with_hidden)?;
    let items = reviews.into_iter().map(ReviewBody::from).collect();
    let next = super::extract::List::<()>::new(Vec::new(), next).next;
    let rating = RatingBody::of(&app.home.catalog_copy().read(), event);
    let body = ReviewsBody { rating, items, next };
    // What is hidden is not for caches.
    if with_hidden { Ok(axum::Json(body).into_response()) } else { plain(&has, &body) }
}

/// Read your review of an event
#[utoipa::path(
    get, path = paths::EVENT_REVIEW_OWN, tag = "reviews",
    params(("id" = String, Path, description = "The event's id")),
    responses((status = 200, description = "Your review", body = ReviewBody)),
)]
async fn read_own(
    State(app): State<App>,
    Id(event): Id<EventId>,
    caller: Caller,
) -> Result<axum::Json<ReviewBody>, Problem> {
    let by = caller.account()?;
    known(&app, event)?;
    let snapshot = app.home.snapshot()?;
    let review = snapshot.reviews().review_by(event, by.account).map_err(Failure::from)?;
    review.map(|review| axum::Json(review.into())).ok_or_else(|| Problem::new(kinds::UNKNOWN_REVIEW))
}

/// Review an event
///
/// For who had a ticket to a performance that is over. You have one review of an event; this writes it, or writes it anew.
#[utoipa::path(
    put, path = paths::EVENT_REVIEW_OWN, tag = "reviews", request_body = ReviewForm,
    params(("id" = String, Path, description = "The event's id")),
    responses((status = 200, description = "Your review", body = ReviewBody)),
)]
async fn put_own(
    State(app): State<App>,
    Id(event): Id<EventId>,
    caller: Caller,
    Json(form): Json<ReviewForm>,
) -> Result<axum::Json<ReviewBody>, Problem> {
    let stars =
        Stars::try_from(form.stars).map_err(|wrong| Problem::invalid("/stars", &wrong.to_string()))?;
    let text = sound("/text", &form.text)?;
    let review = service::write(&app.home, caller.account()?, event, stars, text).await?;
    Ok(axum::Json(review.into()))
}

/// Take your review of an event back
#[utoipa::path(
    delete, path = paths::EVENT_REVIEW_OWN, tag = "reviews",
    params(("id" = String, Path, description = "The event's id")),
    responses((status = 204, description = "It is gone")),
)]
async fn delete_own(
    State(app): State<App>,
    Id(event): Id<EventId>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    service::remove(&app.home, caller.account()?, event).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answer a review
///
/// For the event's organizer, once; another answer takes its place.
#[utoipa::path(
    put, path = paths::EVENT_REVIEW_ANSWER, tag = "reviews", request_body = AnswerForm,
    params(("id" = String, Path, description = "The event's id"), ("number" = u64, Path, description = "The review's number")),
    responses((status = 200, description = "The review", body = ReviewBody)),
)]
async fn put_answer(
    State(app): State<App>,
    path: Path<(String, String)>,
    caller: Caller,
    Json(form): Json<AnswerForm>,
) -> Result<axum::Json<ReviewBody>, Problem> {
    let (event, number) = named(&path)?;
    let text = said("/text", &form.text)?;
    let review = service::answer(&app.home, caller.account()?, event, number, Some(text)).await?;
    Ok(axum::Json(review.into()))
}

/// Take an answer back
#[utoipa::path(
    delete, path = paths::EVENT_REVIEW_ANSWER, tag = "reviews",
    params(("id" = String, Path, description = "The event's id"), ("number" = u64, Path, description = "The review's number")),
    responses((status = 204, description = "It is gone")),
)]
async fn delete_answer(
    State(app): State<App>,
    path: Path<(String, String)>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let (event, number) = named(&path)?;
    service::answer(&app.home, caller.account()?, event, number, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hide a review
///
/// For support. It does not count any more; its author reads why.
#[utoipa::path(
    put, path = paths::EVENT_REVIEW_HIDDEN, tag = "reviews", request_body = HideForm,
    params(("id" = String, Path, description = "The event's id"), ("number" = u64, Path, description = "The review's number")),
    responses((status = 200, description = "The review", body = ReviewBody)),
)]
async fn hide(
    State(app): State<App>,
    path: Path<(String, String)>,
    caller: Caller,
    Json(form): Json<HideForm>,
) -> Result<axum::Json<ReviewBody>, Problem> {
    let (event, number) = named(&path)?;
    let because = said("/because", &form.because)?;
    let review = service::hide(&app.home, caller.account()?, event, number, Some(because)).await?;
    Ok(axum::Json(review.into()))
}

/// Show a hidden review again
#[utoipa::path(
    delete, path = paths::EVENT_REVIEW_HIDDEN, tag = "reviews",
    params(("id" = String, Path, description = "The event's id"), ("number" = u64, Path, description = "The review's number")),
    responses((status = 204, description = "It is shown")),
)]
async fn show(
    State(app): State<App>,
    path: Path<(String, String)>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let (event, number) = named(&path)?;
    service::hide(&app.home, caller.account()?, event, number, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn known(app: &App, event: EventId) -> Result<(), Problem> {
    let index = app.home.catalog_copy().read();
    index.event(event).map(|_event| ()).ok_or_else(|| Problem::new(kinds::UNKNOWN_EVENT))
}

fn named(Path((event, number)): &Path<(String, String)>) -> Result<(EventId, u64), Problem> {
    let event = event.parse().map_err(|_no_id| Problem::new(kinds::UNKNOWN_EVENT))?;
    let number = number.parse().map_err(|_no_number| Problem::new(kinds::UNKNOWN_REVIEW))?;
    Ok((event, number))
}

/// Words as they are kept: lines may break, nothing else controls.
pub(crate) fn sound(pointer: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().count() > TEXT_MAX {
        return Err(Problem::invalid(pointer, &format!("at most {TEXT_MAX} characters")));
    }
    if text.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err(Problem::invalid(pointer, "control characters cannot be shown"));
    }
    Ok(text)
}

fn said(pointer: &str, text: &str) -> Result<String, Problem> {
    let text = sound(pointer, text)?;
    if text.is_empty() { Err(Problem::invalid(pointer, "must not be empty")) } else { Ok(text) }
}

impl From<service::Error> for Problem {
    fn from(error: service::Error) -> Self {
        use crate::reviews::Refusal;
        use service::Error as Of;
        match error {
            Of::UnknownEvent => Self::new(kinds::UNKNOWN_EVENT),
            Of::NotThere => Self::new(kinds::NO_TICKET),
            Of::Forbidden(why) => Self::new(kinds::FORBIDDEN).detail(why),
            Of::Refused(Refusal::UnknownReview) => Self::new(kinds::UNKNOWN_REVIEW),
            Of::Refused(Refusal::TooLong) => Self::new(kinds::INVALID).detail(Refusal::TooLong.to_string()),
            Of::Failed(failure) => failure.into(),
        }
    }
}
