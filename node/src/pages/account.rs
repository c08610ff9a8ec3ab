//! `/account`: what is known of who is signed in, to change and to remove.

use std::time::Duration;

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::problems::ProblemView;
use super::signing_in::{farewell, name, zip};
use super::visit::{Frame, Here, Posted, Visit, age_words, go_to};
use crate::accounts::service::Patch;
use crate::accounts::{Account, Claims, Password, Session, SessionId};
use crate::http::Problem;
use crate::http::accounts::typed;
use crate::http::extract::Query;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    problem: Option<ProblemView>,
    saved: bool,
    version: u64,
    email: String,
    name: String,
    zip: String,
    stays: Vec<Stay>,
}

/// A session.
struct Stay {
    id: String,
    /// `Firefox, Linux`
    device: String,
    /// How long ago it was used, unless it is the one that asks.
    last_used: Option<String>,
}

/// Whether something was saved just before.
#[derive(Debug, Deserialize)]
pub(super) struct Saved {
    saved: Option<String>,
}

/// Shows the account.
pub(super) async fn account(visit: Visit, Query(Saved { saved }): Query<Saved>) -> Result<Response, Problem> {
    let (signed, account) = own(&visit)?;
    visit.show(&page(&visit, &signed, account, None, saved.is_some())?)
}

fn own(visit: &Visit) -> Result<(Claims, Account), Problem> {
    let signed = *visit.caller.caller().account()?;
    let account = visit.app.accounts().read(&signed, signed.account)?;
    Ok((signed, account))
}

fn page(
    visit: &Visit,
    by: &Claims,
    account: Account,
    problem: Option<&Problem>,
    saved: bool,
) -> Result<AccountPage, Problem> {
    let sessions = visit.app.accounts().sessions(by)?;
    Ok(AccountPage {
        frame: visit.frame(Here::Account),
        problem: problem.map(ProblemView::new),
        saved,
        version: account.version,
        email: account.email.to_string(),
        name: account.name.as_str().to_owned(),
        zip: account.zip.map_or_else(String::new, |zip| zip.as_str().to_owned()),
        stays: sessions.iter().map(|session| stay(visit, by, session)).collect(),
    })
}

fn stay(visit: &Visit, by: &Claims, session: &Session) -> Stay {
    let texts = visit.texts();
    let known = [session.agent.program(), session.agent.system()].into_iter().flatten();
    let device = known.collect::<Vec<_>>().join(", ");
    let age = Duration::from_millis(visit.app.now_ms().saturating_sub(session.refreshed_ms));
    Stay {
        id: session.id.to_string(),
        device: if device.is_empty() { texts.t("session-unknown").into_owned() } else { device },
        last_used: (session.id != by.session).then(|| age_words(texts, age)),
    }
}

/// Everything that is kept about who is signed in, as a file.
pub(super) async fn export(visit: Visit) -> Result<Response, Problem> {
    let signed = *visit.caller.caller().account()?;
    crate::http::export::answer(&visit.app, &signed).await
}

/// The form with what is known.
#[derive(Deserialize)]
pub(super) struct FactsForm {
    version: u64,
    name: String,
    #[serde(default)]
    zip: String,
}

/// Saves what is known.
pub(super) async fn save(visit: Visit, posted: Posted<FactsForm>) -> Result<Response, Problem> {
    let (signed, account) = own(&visit)?;
    let form = posted.form;
    let saved = async {
        let patch = Patch { name: Some(name(&form.name)?), zip: Some(zip(&form.zip)?), ..Patch::default() };
        visit.app.accounts().update(&signed, signed.account, Some(form.version), patch).await?;
        Ok(())
    };
    finish(&visit, &signed, account, saved.await)
}

/// The form with another password.
#[derive(Deserialize)]
pub(super) struct PasswordForm {
    version: u64,
    #[serde(deserialize_with = "typed")]
    current_password: Password,
    #[serde(deserialize_with = "typed")]
    password: Password,
}

/// Changes the password.
pub(super) async fn change_password(visit: Visit, posted: Posted<PasswordForm>) -> Result<Response, Problem> {
    let (signed, account) = own(&visit)?;
    let PasswordForm { version, current_password, password: wanted } = posted.form;
    let saved = async {
        let patch =
            Patch { password: Some(wanted), current_password: Some(current_password), ..Patch::default() };
        visit.app.accounts().update(&signed, signed.account, Some(version), patch).await?;
        Ok(())
    };
    finish(&visit, &signed, account, saved.await)
}

fn finish(
    visit: &Visit,
    by: &Claims,
    account: Account,
    saved: Result<(), Problem>,
) -> Result<Response, Problem> {
    match saved {
        Ok(()) => Ok(go_to("/account?saved=yes")),
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => {
            let page = page(visit, by, account, Some(&problem), false)?;
            visit.show_refused(problem.status(), &page)
        }
    }
}

/// The form that ends one session, or all others.
#[derive(Deserialize)]
pub(super) struct EndForm {
    /// Empty for all others.
    session: String,
}

/// Ends sessions.
pub(super) async fn end_sessions(visit: Visit, posted: Posted<EndForm>) -> Result<Response, Problem> {
    let by = *visit.caller.caller().account()?;
    if posted.form.session.is_empty() {
        visit.app.accounts().end_sessions(&by, true).await?;
    } else {
        let session: SessionId =
            posted.form.session.parse().map_err(|_error| Problem::not_found("session"))?;
        visit.app.accounts().end_session(&by, session).await?;
    }
    Ok(go_to("/account?saved=yes#sessions"))
}

/// The form that deletes the account.
#[derive(Deserialize)]
pub(super) struct DeletionForm {
    #[serde(deserialize_with = "typed")]
    current_password: Password,
}

/// Deletes the account.
pub(super) async fn delete(visit: Visit, posted: Posted<DeletionForm>) -> Result<Response, Problem> {
    let (signed, account) = own(&visit)?;
    let proof = posted.form.current_password;
    match visit.app.accounts().delete(&signed, signed.account, Some(proof)).await.map_err(Problem::from) {
        Ok(()) => Ok(farewell(&visit.app)),
        Err(problem) => finish(&visit, &signed, account, Err(problem)),
    }
}
