//! `/sign-in`, `/sign-up` and `/sign-out`.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Deserialize;

use super::problems::ProblemView;
use super::visit::{Frame, Here, NoFields, Posted, Visit, go_to, local};
use crate::accounts::service::{NewAccount, SignedIn};
use crate::accounts::{EmailAddress, Password, PersonName, ZipCode};
use crate::http::accounts::typed;
use crate::http::cookies;
use crate::http::extract::{Client, Query};
use crate::http::sessions::agent;
use crate::http::{App, Problem, kinds};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    problem: Option<ProblemView>,
    /// Where to go on to.
    then: String,
    email: String,
}

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage {
    frame: Frame,
    problem: Option<ProblemView>,
    then: String,
    name: String,
    email: String,
    zip: String,
}

/// Where to go on to afterwards.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Then {
    #[serde(default)]
    then: String,
}

/// Shows the form to sign in.
pub(super) async fn sign_in_page(
    visit: Visit,
    Query(Then { then }): Query<Then>,
) -> Result<Response, Problem> {
    if visit.caller.signed().is_some() {
        return Ok(go_to(local(&then)));
    }
    let frame = visit.frame(Here::SignIn);
    visit.show(&SignInPage { frame, problem: None, then: local(&then).to_owned(), email: String::new() })
}

/// Shows the form to make an account.
pub(super) async fn sign_up_page(
    visit: Visit,
    Query(Then { then }): Query<Then>,
) -> Result<Response, Problem> {
    if visit.caller.signed().is_some() {
        return Ok(go_to(local(&then)));
    }
    let frame = visit.frame(Here::SignIn);
    let [name, email, zip] = std::array::from_fn(|_field| String::new());
    visit.show(&SignUpPage { frame, problem: None, then: local(&then).to_owned(), name, email, zip })
}

/// The form to sign in.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    email: String,
    #[serde(deserialize_with = "typed")]
    password: Password,
    #[serde(default)]
    then: String,
}

/// Signs in.
pub(super) async fn sign_in(
    visit: Visit,
    Client(address): Client,
    headers: HeaderMap,
    posted: Posted<SignInForm>,
) -> Result<Response, Problem> {
    let secret = posted.secret();
    let SignInForm { email, password, then } = posted.form;
    let signed_in = async {
        let address_of: EmailAddress =
            email.parse().map_err(|_none| Problem::new(kinds::CREDENTIALS_WRONG))?;
        visit.app.limits.sign_in(&address_of.folded(), address)?;
        Ok::<_, Problem>(
            visit.app.accounts().sign_in(None, secret, &address_of, password, agent(&headers)).await?,
        )
    };
    match signed_in.await {
        Ok(signed_in) => Ok(welcome(&visit.app, &signed_in, &then)),
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => {
            let page = SignInPage {
                frame: visit.frame(Here::SignIn),
                problem: Some(ProblemView::new(&problem)),
                then: local(&then).to_owned(),
                email,
            };
            visit.show_refused(problem.status(), &page)
        }
    }
}

/// The form to make an account.
#[derive(Deserialize)]
pub(super) struct SignUpForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(deserialize_with = "typed")]
    password: Password,
    #[serde(default)]
    zip: String,
    #[serde(default)]
    then: String,
}

impl SignUpForm {
    fn page(&self, visit: &Visit, problem: &Problem) -> SignUpPage {
        SignUpPage {
            frame: visit.frame(Here::SignIn),
            problem: Some(ProblemView::new(problem)),
            then: local(&self.then).to_owned(),
            name: self.name.clone(),
            email: self.email.clone(),
            zip: self.zip.clone(),
        }
    }

    fn read(&self) -> Result<NewAccount, Problem> {
        Ok(NewAccount {
            email: email(&self.email)?,
            name: name(&self.name)?,
            zip: zip(&self.zip)?,
            password: self.password.clone(),
        })
    }
}

fn email(text: &str) -> Result<EmailAddress, Problem> {
    text.trim().parse().map_err(|error| Problem::invalid("/email", &format!("{error}")))
}

pub(super) fn name(text: &str) -> Result<PersonName, Problem> {
    text.trim().parse().map_err(|error| Problem::invalid("/name", &format!("{error}")))
}

pub(super) fn zip(text: &str) -> Result<Option<ZipCode>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|error| Problem::invalid("/zip", &format!("{error}"))),
    }
}

/// Makes an account and signs in.
pub(super) async fn sign_up(
    visit: Visit,
    Client(address): Client,
    headers: HeaderMap,
    posted: Posted<SignUpForm>,
) -> Result<Response, Problem> {
    let secret = posted.secret();
    let made = async {
        let account = posted.form.read()?;
        let (email, password) = (account.email.clone(), account.password.clone());
        visit.app.limits.sign_in(&email.folded(), address)?;
        let accounts = visit.app.accounts();
        accounts.sign_up(None, account).await?;
        Ok::<_, Problem>(accounts.sign_in(None, secret, &email, password, agent(&headers)).await?)
    };
    match made.await {
        Ok(signed_in) => Ok(welcome(&visit.app, &signed_in, &posted.form.then)),
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => visit.show_refused(problem.status(), &posted.form.page(&visit, &problem)),
    }
}

/// Goes on, with the session's cookies.
pub(super) fn welcome(app: &App, signed_in: &SignedIn, then: &str) -> Response {
    let mut response = go_to(local(then));
    for cookie in cookies::sign_in_cookies(app, signed_in).into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Signs out.
pub(super) async fn sign_out(
    State(app): State<App>,
    visit: Visit,
    _posted: Posted<NoFields>,
) -> Result<Response, Problem> {
    if let Some(signed) = visit.caller.signed() {
        app.accounts().end_session(signed, signed.session).await?;
    }
    Ok(farewell(&app))
}

/// Goes home, without the session's cookies.
pub(super) fn farewell(app: &App) -> Response {
    let mut response = go_to("/");
    for cookie in cookies::sign_out_cookies(app).into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
