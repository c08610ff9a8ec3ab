//! What went wrong, for people: as a page, or within one.

use askama::Template;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http_body_util::BodyExt;
use serde::Deserialize;

use super::visit::{Frame, Here, Visit};
use crate::http::problem::PROBLEM_JSON;
use crate::http::{App, Problem};
use crate::texts::{Language, Texts};

/// A problem within a page, beside the form that had it. Problem documents speak English and to programs; what people
/// read is found by the code.
pub(super) struct ProblemView {
    /// How it looks.
    pub(super) kind: &'static str,
    pub(super) code: &'static str,
    title: &'static str,
    words: String,
    is_search: bool,
}

/// A problem in somebody's language.
pub(super) struct Told {
    pub(super) title: String,
    pub(super) words: String,
}

impl ProblemView {
    pub(super) fn new(problem: &Problem) -> Self {
        Self {
            kind: "bad",
            code: problem.code(),
            title: problem.title(),
            words: problem.words(),
            is_search: false,
        }
    }

    /// What is wrong with a search: without the parameter's name, which people have not seen.
    pub(super) fn of_search(problem: &Problem) -> Self {
        Self { is_search: problem.code() == "invalid-query", ..Self::new(problem) }
    }

    pub(super) fn told(&self, texts: Texts) -> Told {
        match self.is_search {
            true => wrong_search(texts, &self.words),
            false => Told::new(texts, self.code, self.title, &self.words),
        }
    }
}

impl Told {
    fn new(texts: Texts, code: &str, title: &str, words: &str) -> Self {
        let Some(told) = texts.known(&format!("problem-{code}")) else {
            // Few people see these: operators, and organizers who write catalogs by hand.
            let title = match texts.language() {
                Language::English => title.to_owned(),
                Language::German | Language::Spanish => texts.t("problem-other").into_owned(),
            };
            return Self { title, words: words.to_owned() };
        };
        let details: Vec<_> = wrong_fields(words).map(|key| texts.t(key)).collect();
        // What else the document says of a field is better in English than not said.
        let is_about_fields = matches!(code, "invalid" | "password-unfit") && details.is_empty();
        let words = match is_about_fields {
            true => words.to_owned(),
            false if details.is_empty() => texts.t(&format!("problem-{code}-words")).into_owned(),
            false => details.join(" "),
        };
        Self { title: told, words }
    }
}

/// What documents say of fields that are wrong, and the key of the same in all languages.
const WRONG_FIELDS: [(&str, &str); 9] = [
    ("must be an e-mail address, such as name@example.com", "wrong-email"),
    ("must be one line of 1 to 200 characters", "wrong-line"),
    ("must be a postal code of up to 20 letters, digits, blanks and hyphens", "wrong-zip"),
    ("a password has 8 to 256 characters and is not the e-mail address", "wrong-password"),
    ("stars are a number from 1 to 5", "wrong-stars"),
    (WRONG_KIND, "wrong-kind"),
    (WRONG_DATE, "wrong-date"),
    (WRONG_ZIP, "wrong-us-zip"),
    (UNKNOWN_ZIP, "unknown-us-zip"),
];

/// What is wrong with the filters of the list of events.
pub(super) const WRONG_KIND: &str = "choose one of the kinds";
pub(super) const WRONG_DATE: &str = "write the date as 2026-12-05";
pub(super) const WRONG_ZIP: &str = "a zip code has five digits, such as 10036";
pub(super) const UNKNOWN_ZIP: &str = "this zip code is not known; try a city";

fn wrong_fields(words: &str) -> impl Iterator<Item = &'static str> {
    // In the document each begins with a capital letter.
    let said = WRONG_FIELDS.iter().filter(|(english, _key)| words.contains(&english[1..]));
    said.map(|(_english, key)| *key)
}

fn wrong_search(texts: Texts, words: &str) -> Told {
    let (parameter, detail) = words.split_once(": ").unwrap_or(("", words));
    let title = texts.t("problem-search").into_owned();
    if texts.language() != Language::English {
        let key = match parameter.to_ascii_lowercase().as_str() {
            "zip" | "city" | "near" => "problem-search-place",
            "from" | "to" => "problem-search-dates",
            "price_max" => "problem-search-price",
            _others => "problem-search-words",
        };
        return Told { title, words: texts.t(key).into_owned() };
    }
    let detail = detail.split(". ").next().unwrap_or(detail).trim_end_matches('.');
    let mut letters = detail.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    Told { title, words: format!("{first}{}.", letters.as_str()) }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    status: u16,
    code: String,
    title: String,
    words: String,
    way_on: Link,
    /// The request's id, if it helps.
    request: String,
}

/// A link, and the key of its text.
struct Link {
    href: &'static str,
    name: &'static str,
}

/// The part of a problem document that a page shows.
#[derive(Deserialize)]
struct Document {
    title: String,
    status: u16,
    detail: String,
    code: String,
}

/// Answers problem documents as pages. Who must sign in first is brought there, and back.
pub(super) async fn as_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let asked =
        Asked { method: parts.method.clone(), path: path_of(&parts.uri), headers: parts.headers.clone() };
    let visit = Visit::from_request_parts(&mut parts, &app).await.ok();
    let response = next.run(Request::from_parts(parts, body)).await;
    page_of(asked, visit, response).await
}

struct Asked {
    method: Method,
    path: String,
    headers: HeaderMap,
}

fn path_of(uri: &axum::http::Uri) -> String {
    uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

async fn page_of(asked: Asked, visit: Option<Visit>, response: Response) -> Response {
    if response.headers().get(header::CONTENT_TYPE).is_none_or(|content| content != PROBLEM_JSON) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Some(document) = read(body).await else { return parts.status.into_response() };
    if parts.status == StatusCode::UNAUTHORIZED && document.code == "unauthenticated" {
        let back = if asked.method == Method::GET { asked.path.as_str() } else { "/" };
        let then: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
        return Redirect::to(&format!("/sign-in?then={then}")).into_response();
    }
    // A session that ended: the page says so, and how to begin another.
    let Some(visit) = visit else { return (parts.status, document.detail).into_response() };
    let told = Told::new(visit.texts(), &document.code, &document.title, &document.detail);
    let is_ours = parts.status.is_server_error();
    let request = asked.headers.get("x-request-id").and_then(|id| id.to_str().ok());
    let page = ErrorPage {
        frame: visit.frame(Here::Elsewhere),
        status: document.status,
        title: told.title,
        words: told.words,
        way_on: way_on(&document.code),
        code: document.code,
        request: request.filter(|_id| is_ours).unwrap_or_default().to_owned(),
    };
    let mut page = match visit.show_refused(parts.status, &page) {
        Ok(page) => page,
        Err(problem) => return problem.into_response(),
    };
    for name in [header::RETRY_AFTER, header::ALLOW] {
        page.headers_mut().extend(parts.headers.get(&name).map(|value| (name, value.clone())));
    }
    page
}

async fn read(body: Body) -> Option<Document> {
    let bytes = body.collect().await.ok()?.to_bytes();
    serde_json::from_slice(&bytes).ok()
}

fn way_on(code: &str) -> Link {
    match code {
        "unknown-order" | "unknown-ticket" | "hold-ordered" => {
            Link { href: "/bookings", name: "my-bookings" }
        }
        "token-invalid" | "token-expired" | "session-ended" => Link { href: "/sign-in", name: "sign-in" },
        _others => Link { href: "/", name: "see-whats-on" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::passwords::UnfitPassword;
    use crate::accounts::{EmailAddress, PersonName, ZipCode};
    use crate::http::kinds;
    use crate::reviews::Stars;

    #[test]
    fn what_is_wrong_in_a_form_is_told_in_the_visitors_language() {
        let details = [
            "nobody".parse::<EmailAddress>().unwrap_err().to_string(),
            "".parse::<PersonName>().unwrap_err().to_string(),
            "?!".parse::<ZipCode>().unwrap_err().to_string(),
            UnfitPassword.to_string(),
            Stars::try_from(9).unwrap_err().to_string(),
        ];
        for detail in details {
            let problem = Problem::invalid("/somewhere", &detail);
            assert_eq!(wrong_fields(&problem.words()).count(), 1, "{detail}");
            let told = ProblemView::new(&problem).told(Texts::of(Language::German));
            assert_eq!(told.title, "Etwas stimmt noch nicht");
            assert!(!told.words.contains(&detail[1..]), "{}", told.words);
        }
        let rare = ProblemView::new(&Problem::invalid("/rows", "row C overlaps row D"));
        assert!(rare.told(Texts::of(Language::Spanish)).words.contains("Row C overlaps row D."));
    }

    #[test]
    fn a_wrong_search_is_told_without_its_parameter() {
        let problem = Problem::new(kinds::INVALID_QUERY).detail("from: write a day, such as 2026-12-05");
        let told = |language| ProblemView::of_search(&problem).told(Texts::of(language));
        assert_eq!(told(Language::English).words, "Write a day, such as 2026-12-05.");
        assert_eq!(told(Language::German).words, "Prüfen Sie die Daten.");
        assert_eq!(told(Language::German).title, "Danach lässt sich nicht suchen");
    }
}
