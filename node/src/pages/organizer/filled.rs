//! Forms that change something: what was sent is read, checked and written, and leads on; what is wrong with it is shown at its
//! fields on the same page, where what was typed stays.
//!
//! Every handler of a form has this shape:
//!
//! ```text
//! let mut filled = Filled::sent(&posted);
//! let action = read(&mut filled).map(|facts| Action::Update { .. });
//! match desk.write(&posted, &mut filled, action, field_of).await? {
//!     Some(_written) => Ok(go_to(..)),
//!     None => desk.refuse(&filled, &page(&desk, &filled)),
//! }
//! ```

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::problems::ProblemView;
use super::super::visit::Posted;
use super::form::{Faulty, Fields};
use super::rights::Desk;
use crate::catalog::command::{Action, Created, Outcome};
use crate::http::Problem;

/// A form as it stands: what was typed, what is wrong with that, and a problem that is at none of its fields.
#[derive(Default)]
pub(super) struct Filled {
    pub(super) fields: Fields,
    pub(super) faulty: Faulty,
    pub(super) problem: Option<Problem>,
}

impl Filled {
    /// A form that is shown for the first time, with what stands in it.
    pub(super) fn with(fields: Fields) -> Self {
        Self { fields, ..Self::default() }
    }

    /// A form that was sent.
    pub(super) fn sent(posted: &Posted<Fields>) -> Self {
        Self::with(posted.form.clone())
    }

    /// The version that was looked at when the form was filled in.
    pub(super) fn version(&self) -> Option<u64> {
        self.fields.get("version").parse().ok()
    }

    /// The problem, as the page tells it.
    pub(super) fn told(&self) -> Option<ProblemView> {
        self.problem.as_ref().map(ProblemView::new)
    }

    /// What was answered; none if it was refused, which the form then shows. `field_of` names the field of a pointer.
    ///
    /// # Errors
    /// What no other form would change: there is no answer.
    pub(super) fn settle<T, E>(
        &mut self,
        answer: Result<T, E>,
        field_of: impl Fn(&str) -> String,
    ) -> Result<Option<T>, Problem>
    where
        Problem: From<E>,
    {
        match answer.map_err(Problem::from) {
            Ok(answer) => Ok(Some(answer)),
            Err(problem) if problem.status().is_server_error() => Err(problem),
            Err(problem) => {
                self.problem = self.faulty.take_problem(problem, field_of);
                Ok(None)
            }
        }
    }
}

impl Desk {
    /// Carries out what a form asks for, once however often it is sent; none if something is wrong with it.
    ///
    /// # Errors
    /// As [`Filled::settle`].
    pub(super) async fn write<F>(
        &self,
        posted: &Posted<F>,
        filled: &mut Filled,
        action: Option<Action>,
        field_of: impl Fn(&str) -> String,
    ) -> Result<Option<Outcome>, Problem> {
        let Some(action) = action.filter(|_action| filled.faulty.is_empty()) else { return Ok(None) };
        filled.settle(self.writer.write(posted.key(), action).await, field_of)
    }

    /// The same of what makes one thing; tells its id by `id_of`.
    ///
    /// # Errors
    /// As [`Filled::settle`].
    pub(super) async fn create<F, T>(
        &self,
        posted: &Posted<F>,
        filled: &mut Filled,
        action: Option<Action>,
        field_of: impl Fn(&str) -> String,
        id_of: impl Fn(Created) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(action) = action.filter(|_action| filled.faulty.is_empty()) else { return Ok(None) };
        let made = filled.settle(self.writer.create(posted.key(), action).await, field_of)?;
        made.map(|made| id_of(made).ok_or_else(|| Problem::unexpected(&made))).transpose()
    }

    /// Shows the page of a form again that was refused.
    ///
    /// # Errors
    /// As every page.
    pub(super) fn refuse(&self, filled: &Filled, page: &impl Template) -> Result<Response, Problem> {
        let status = filled.problem.as_ref().map_or(StatusCode::UNPROCESSABLE_ENTITY, Problem::status);
        self.visit.show_refused(status, page)
    }
}
