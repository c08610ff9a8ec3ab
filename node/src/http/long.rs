//! Long answers: what grows with the data is written while it is sent.
//!
//! An answer is a head, rows, and a foot. The head goes out at once. Rows are read in batches and each batch becomes a piece
//! of text when the connection has room for it, on a thread where that may take a while. A slow reader so costs one piece,
//! neither a thread nor a lock, and who leaves ends the work.
//!
//! Rows that are in memory are taken as references of one moment; those of a home come page by page, each of a moment.
//! Whatever can be refused is refused before the head. What fails later breaks the connection off without the end that its
//! protocol asks for, so that nobody takes a part for the whole.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};

use super::problem::Problem;

/// What is around the rows.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    pub(crate) head: String,
    pub(crate) foot: String,
}

impl Ends {
    /// A text with the rows in place of `gap`; without it, they come last.
    pub(crate) fn around(gap: &str, text: &str) -> Self {
        let (head, foot) = text.split_once(gap).unwrap_or((text, ""));
        Self { head: head.to_owned(), foot: foot.to_owned() }
    }
}

/// Rows that are known, some at a time.
pub(crate) fn known<R: Send + 'static>(
    rows: Vec<R>,
    at_a_time: usize,
) -> impl Stream<Item = Result<Vec<R>, Problem>> + Send + 'static {
    let mut rows = rows.into_iter();
    stream::iter(std::iter::from_fn(move || {
        let batch: Vec<R> = rows.by_ref().take(at_a_time).collect();
        (!batch.is_empty()).then_some(Ok(batch))
    }))
}

/// The body of a long answer. `write` makes a piece of a batch of rows, and may read what it needs of the storage.
pub(crate) fn body<R, W>(
    ends: Ends,
    batches: impl Stream<Item = Result<Vec<R>, Problem>> + Send + 'static,
    write: W,
) -> Body
where
    R: Send + 'static,
    W: Fn(Vec<R>) -> Result<String, Problem> + Send + Sync + 'static,
{
    let write = Arc::new(write);
    let rows = batches.and_then(move |batch| {
        let write = Arc::clone(&write);
        async move {
            let piece = tokio::task::spawn_blocking(move || write(batch)).await;
            piece.map_err(|panicked| Problem::internal(&panicked))?
        }
    });
    let end = |text: String| stream::iter([Ok(text)]);
    let pieces = end(ends.head).chain(rows).chain(end(ends.foot));
    // Over HTTP/1.1, a piece without a letter would be the mark of the end.
    let pieces = pieces.try_filter(|piece| std::future::ready(!piece.is_empty()));
    Body::from_stream(pieces.map(|piece| match piece {
        Ok(piece) => Ok(Bytes::from(piece)),
        Err(problem) => {
            tracing::warn!(code = problem.code(), "a long answer was broken off");
            Err(io::Error::other("the answer was broken off"))
        }
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::http::kinds;

    fn numbers(batch: Vec<usize>) -> Result<String, Problem> {
        Ok(batch.into_iter().map(|number| format!("{number},")).collect())
    }

    fn text(pieces: &[Bytes]) -> Vec<&str> {
        pieces.iter().map(|piece| std::str::from_utf8(piece).unwrap()).collect()
    }

    #[tokio::test]
    async fn rows_stand_between_the_ends_in_their_order() {
        let ends = Ends::around("GAP", "<ul>GAP</ul>");
        let body = body(ends, known((0..5).collect(), 2), numbers);
        let pieces: Vec<Bytes> = body.into_data_stream().try_collect().await.unwrap();
        assert_eq!(text(&pieces), ["<ul>", "0,1,", "2,3,", "4,", "</ul>"]);
        let none = super::body(Ends::around("GAP", "<ul>"), known(Vec::new(), 2), numbers);
        let pieces: Vec<Bytes> = none.into_data_stream().try_collect().await.unwrap();
        assert_eq!(text(&pieces), ["<ul>"]);
    }

    #[tokio::test]
    async fn nothing_is_written_before_somebody_takes_it() {
        static WRITTEN: AtomicUsize = AtomicUsize::new(0);
        let write = |batch: Vec<usize>| {
            WRITTEN.fetch_add(batch.len(), Ordering::Relaxed);
            numbers(batch)
        };
        let body = body(Ends { head: "head".to_owned(), ..Ends::default() }, known(vec![0; 900], 3), write);
        let mut pieces = body.into_data_stream();
        assert_eq!(pieces.next().await.unwrap().unwrap(), "head");
        assert_eq!(WRITTEN.load(Ordering::Relaxed), 0, "the head does not wait for rows");
        pieces.next().await.unwrap().unwrap();
        assert_eq!(WRITTEN.load(Ordering::Relaxed), 3);
        drop(pieces);
        assert_eq!(WRITTEN.load(Ordering::Relaxed), 3, "nobody is there to read more");
    }

    #[tokio::test]
    async fn what_fails_ends_the_answer_without_its_foot() {
        let batches = stream::iter([Ok(vec![1]), Err(Problem::new(kinds::OVERLOADED)), Ok(vec![2])]);
        let body = body(Ends::around("GAP", "aGAPb"), batches, numbers);
        let collected = axum::body::to_bytes(body, usize::MAX).await;
        assert!(collected.unwrap_err().to_string().contains("broken off"));
    }
}
