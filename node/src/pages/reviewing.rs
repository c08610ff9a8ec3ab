//! The form of an event's page that says how it was. Who said something before finds it there; what is wrong is told at the
//! field, with all that was written.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::Response;
use marquee_ledger::EventId;
use serde::Deserialize;

use super::events;
use super::problems::ProblemView;
use super::visit::{Posted, Visit, go_to};
use crate::http::extract::{Id, Storefront};
use crate::http::{Problem, kinds, reviews};
use crate::reviews::entity::TEXT_MAX;
use crate::reviews::{Review, Stars, service};
use crate::texts::Texts;

/// The form as it is shown.
#[derive(Default)]
pub(super) struct Reviewing {
    /// 0 if none were chosen.
    pub(super) stars: u8,
    pub(super) text: String,
    /// Whether it changes what was said before.
    pub(super) is_written: bool,
    /// Why support hid what was said before.
    pub(super) hidden: Option<String>,
    /// Whether it was sent and refused.
    pub(super) is_refused: bool,
    pub(super) stars_fault: Option<Cow<'static, str>>,
    pub(super) text_fault: Option<String>,
    /// What is wrong with neither.
    pub(super) problem: Option<ProblemView>,
}

/// The form with what was sent.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ReviewForm {
    /// As it was chosen: nothing if it was not.
    #[serde(default)]
    stars: String,
    #[serde(default)]
    text: String,
}

impl Reviewing {
    /// With what somebody said before.
    pub(super) fn of(own: Option<Review>) -> Self {
        own.map_or_else(Self::default, |own| Self {
            stars: own.stars.into(),
            text: own.text,
            is_written: true,
            hidden: own.hidden.map(|hidden| hidden.because),
            ..Self::default()
        })
    }

    /// With what was sent; tells what of it can be kept.
    fn sent(self, texts: Texts, form: &ReviewForm) -> (Self, Option<(Stars, String)>) {
        let stars = form.stars.parse().ok().and_then(|stars: u8| Stars::try_from(stars).ok());
        let text = reviews::sound("/text", &form.text);
        let letters = form.text.trim().replace("\r\n", "\n").chars().count();
        let text_fault = text.as_ref().err().map(|_unsound| match letters > TEXT_MAX {
            true => texts.with2(
                "review-too-long",
                "max",
                texts.number(TEXT_MAX as u64),
                "count",
                texts.number(letters as u64),
            ),
            false => texts.t("review-unreadable").into_owned(),
        });
        let shown = Self {
            stars: stars.map_or(0, Into::into),
            text: form.text.clone(),
            stars_fault: stars.is_none().then(|| texts.t("wrong-stars")),
            text_fault,
            ..self
        };
        (shown, stars.zip(text.ok()))
    }
}

/// What somebody who is signed in said of an event. The page goes without it when its home does not answer.
pub(super) async fn own(visit: &Visit, event: EventId) -> Option<Review> {
    let home = &visit.app.home;
    let account = visit.caller.signed()?.account;
    let found = home.commons().reviews_by(home.id(), account, vec![event]).await;
    found.ok()?.into_iter().next()
}

/// Writes a review, and shows the event's page with it; or with what is wrong.
pub(super) async fn review(
    visit: Visit,
    front: Storefront,
    Id(event): Id<EventId>,
    posted: Posted<ReviewForm>,
) -> Result<Response, Problem> {
    let by = *visit.caller.signed().ok_or_else(|| Problem::new(kinds::UNAUTHENTICATED))?;
    let (mut form, sound) = Reviewing::of(own(&visit, event).await).sent(visit.texts(), &posted.form);
    let status = match sound {
        None => StatusCode::UNPROCESSABLE_ENTITY,
        Some((stars, text)) => match service::write(&visit.app.home, &by, event, stars, text).await {
            Ok(_review) => return Ok(go_to(&format!("/events/{event}#reviews"))),
            Err(error) => {
                let problem = Problem::from(error);
                if problem.status().is_server_error() || problem.status() == StatusCode::NOT_FOUND {
                    return Err(problem);
                }
                form.problem = Some(ProblemView::new(&problem));
                problem.status()
            }
        },
    };
    form.is_refused = true;
    let page = events::event_page(&visit, &front, event, None, form).await?;
    visit.show_refused(status, &page)
}
