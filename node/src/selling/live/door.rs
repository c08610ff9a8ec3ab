//! Where the thread that commits leaves what a task picks up.

use parking_lot::Mutex;
use tokio::sync::Notify;

/// A bounded pile of news. Leaving something costs a short lock, and a wake-up only when the pile was empty; it never
/// waits for who takes it. What does not fit is dropped, and who takes the pile is told so.
pub(super) struct Door<T> {
    pile: Mutex<Pile<T>>,
    bell: Notify,
    weight_max: usize,
}

struct Pile<T> {
    news: Vec<T>,
    weight: usize,
    lost: bool,
}

/// What was left since the last time.
pub(super) struct Taken<T> {
    pub(super) news: Vec<T>,
    /// Whether something did not fit.
    pub(super) lost: bool,
}

impl<T> Door<T> {
    pub(super) fn new(weight_max: usize) -> Self {
        let pile = Pile { news: Vec::new(), weight: 0, lost: false };
        Self { pile: Mutex::new(pile), bell: Notify::new(), weight_max }
    }

    /// Leaves news, each with its weight.
    pub(super) fn leave(&self, news: impl Iterator<Item = (T, usize)>) {
        let mut news = news.peekable();
        if news.peek().is_none() {
            return;
        }
        let was_empty = {
            let mut pile = self.pile.lock();
            let was_empty = pile.news.is_empty() && !pile.lost;
            for (item, weight) in news {
                if pile.weight + weight > self.weight_max {
                    pile.lost = true;
                    break;
                }
                pile.weight += weight;
                pile.news.push(item);
            }
            was_empty
        };
        if was_empty {
            self.bell.notify_one();
        }
    }

    /// Waits until there is something, and takes all of it. Nothing is lost when the future is dropped early.
    pub(super) async fn take(&self) -> Taken<T> {
        loop {
            {
                let mut pile = self.pile.lock();
                if !pile.news.is_empty() || pile.lost {
                    pile.weight = 0;
                    let lost = std::mem::take(&mut pile.lost);
                    return Taken { news: std::mem::take(&mut pile.news), lost };
                }
            }
            self.bell.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_not_fit_is_told() {
        let door = Door::new(3);
        door.leave([("a", 1), ("b", 2), ("c", 1)].into_iter());
        let taken = door.take().await;
        assert_eq!((taken.news, taken.lost), (vec!["a", "b"], true));
        door.leave(std::iter::once(("d", 3)));
        let taken = door.take().await;
        assert_eq!((taken.news, taken.lost), (vec!["d"], false));
    }

    #[tokio::test]
    async fn a_bell_that_rings_before_anyone_waits_is_heard() {
        let door = std::sync::Arc::new(Door::new(10));
        for round in 0..100 {
            let other = std::sync::Arc::clone(&door);
            let waiting = tokio::spawn(async move { other.take().await.news });
            if round % 2 == 0 {
                tokio::task::yield_now().await;
            }
            door.leave(std::iter::once((round, 1)));
            assert_eq!(waiting.await.unwrap(), [round]);
        }
    }
}
