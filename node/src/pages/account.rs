//! `/account`: what is known of who is signed in, to change and to remove.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::problems::ProblemView;
use super::signing_in::{farewell, name, zip};
use super::visit::{Frame, Here, Posted, Visit, go_to};
use crate::accounts::service::Patch;
use crate::accounts::{Account, Claims, Password};
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
}

/// Whether something was saved just before.
#[derive(Debug, Deserialize)]
pub(super) struct Saved {
    saved: Option<String>,
}

/// Shows the account.
pub(super) async fn account(visit: Visit, Query(Saved { saved }): Query<Saved>) -> Result<Response, Problem> {
    let account = own(&visit)?.1;
    visit.show(&page(&visit, account, None, saved.is_some()))
}

fn own(visit: &Visit) -> Result<(Claims, Account), Problem> {
    let signed = *visit.caller.caller().account()?;
    let account = visit.app.accounts().read(&signed, signed.account)?;
    Ok((signed, account))
}

fn page(visit: &Visit, account: Account, problem: Option<&Problem>, saved: bool) -> AccountPage {
    AccountPage {
        frame: visit.frame(Here::Account),
        problem: problem.map(ProblemView::new),
        saved,
        version: account.version,
        email: account.email.to_string(),
        name: account.name.as_str().to_owned(),
        zip: account.zip.map_or_else(String::new, |zip| zip.as_str().to_owned()),
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
    finish(&visit, account, saved.await)
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
    finish(&visit, account, saved.await)
}

fn finish(visit: &Visit, account: Account, saved: Result<(), Problem>) -> Result<Response, Problem> {
    match saved {
        Ok(()) => Ok(go_to("/account?saved=yes")),
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => visit.show_refused(problem.status(), &page(visit, account, Some(&problem), false)),
    }
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
        Err(problem) => finish(&visit, account, Err(problem)),
    }
}
