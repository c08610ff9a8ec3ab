//! Query strings, and lists a page at a time.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use crate::http::App;
use crate::http::kinds;
use crate::http::problem::Problem;

const LIMIT_USUAL: usize = 50;
const LIMIT_MAX: usize = 200;

/// The query string.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => {
                // The source tells the parameter and what is wrong with it.
                let source = std::error::Error::source(&rejection).map(ToString::to_string);
                Err(Problem::new(kinds::INVALID_QUERY).detail(source.unwrap_or_default()))
            }
        }
    }
}

/// Which page of a list: `limit` (1 to 200, usually 50) and `cursor` in the query string.
#[derive(Debug)]
pub(crate) struct Page {
    /// At most so many items.
    pub(crate) limit: usize,
    /// After what: the bytes that were handed to [`List::new`].
    pub(crate) after: Option<Vec<u8>>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// At most so many items: 1 to 200, 50 unless it is said.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

impl IntoParams for Page {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        PageQuery::into_params(parameter_in)
    }
}

impl FromRequestParts<App> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Query(query) = Query::<PageQuery>::from_request_parts(parts, app).await?;
        let limit = query.limit.unwrap_or(LIMIT_USUAL);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::new(kinds::INVALID_QUERY)
                .detail(format!("limit: {limit} is not a number from 1 to {LIMIT_MAX}")));
        }
        let decode = |cursor: String| BASE64URL_NOPAD.decode(cursor.as_bytes());
        let after = query.cursor.map(decode).transpose().map_err(|_garbage| Self::strange_cursor())?;
        Ok(Self { limit, after })
    }
}

impl Page {
    /// What the cursor stands for, read back from its bytes.
    ///
    /// # Errors
    /// `invalid-cursor` when it is none of this list's.
    pub(crate) fn position<T: DeserializeOwned>(&self) -> Result<Option<T>, Problem> {
        let read = |bytes: &Vec<u8>| rmp_serde::from_slice(bytes).map_err(|_garbage| Self::strange_cursor());
        self.after.as_ref().map(read).transpose()
    }

    /// The problem of a cursor that is none of ours.
    pub(crate) fn strange_cursor() -> Problem {
        Problem::new(kinds::INVALID_CURSOR)
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The items of this page.
    pub(crate) items: Vec<T>,
    /// The `cursor` of the next page; null on the last.
    pub(crate) next: Option<String>,
}

impl<T> List<T> {
    /// A page, and the position of its last item if there are more after it.
    pub(crate) fn new(items: Vec<T>, last: Option<impl Serialize>) -> Self {
        Self { items, next: last.and_then(cursor_of) }
    }
}

/// A position as it stands in addresses.
pub(crate) fn cursor_of(position: impl Serialize) -> Option<String> {
    // Positions are ids and instants, which are always written.
    rmp_serde::to_vec(&position).ok().map(|bytes| BASE64URL_NOPAD.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_brings_its_position_back() {
        let list = List::new(vec![1], Some((7u64, "b")));
        let after = BASE64URL_NOPAD.decode(list.next.unwrap().as_bytes()).unwrap();
        let page = Page { limit: 1, after: Some(after) };
        assert_eq!(page.position::<(u64, String)>().unwrap(), Some((7, "b".to_owned())));
        assert_eq!(page.position::<Vec<bool>>().unwrap_err().code(), "invalid-cursor");
        assert_eq!(List::new(vec![1], None::<u8>).next, None);
    }
}
