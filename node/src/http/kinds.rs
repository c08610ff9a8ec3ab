//! Every kind of problem that the API reports: the one list from which answers and documentation are made.

/// A kind of problem.
#[derive(Debug)]
pub struct Kind {
    /// The stable word that programs look at.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What it is, the same for every occurrence.
    pub title: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $status:literal $code:literal, $title:literal, $advice:literal;)*) => {
        $(pub(crate) const $name: &Kind = &Kind { code: $code, status: $status, title: $title, advice: $advice };)*

        /// All of them, in the order of the documentation.
        pub const ALL: &[&Kind] = &[$($name),*];
    };
}

kinds! {
    // The request as such.
    MALFORMED_JSON = 400 "malformed-json", "The body is not JSON",
        "Correct the body at the line and column named.";
    INVALID_QUERY = 400 "invalid-query", "The query string cannot be understood",
        "Correct the parameter named; /docs lists what each request takes.";
    INVALID_HEADER = 400 "invalid-header", "A header cannot be understood",
        "Correct the header named.";
    INVALID_CURSOR = 400 "invalid-cursor", "The cursor is none of ours",
        "Use the text of \"next\" unchanged, with the filters of the request that gave it, or begin without a cursor.";
    NOT_FOUND = 404 "not-found", "There is nothing at this address",
        "Check the path; /docs lists every one.";
    METHOD_NOT_ALLOWED = 405 "method-not-allowed", "The resource does not take this method",
        "Use one of the methods in the Allow header.";
    REQUEST_TIMEOUT = 408 "request-timeout", "The body did not arrive in time",
        "Send the request again.";
    BODY_TOO_LARGE = 413 "body-too-large", "The body is too large",
        "Send at most as many bytes as the answer says.";
    UNSUPPORTED_MEDIA_TYPE = 415 "unsupported-media-type", "The body has another content type than expected",
        "Set the Content-Type header to the type named.";
    INVALID_BODY = 422 "invalid-body", "The body does not have the right shape",
        "Correct what the pointers name; /docs shows the schema.";
    INVALID = 422 "invalid", "The request cannot be carried out as it is",
        "Correct what the answer names.";
    KEY_REUSED = 422 "key-reused", "The idempotency key was used for another request",
        "Use a fresh key for every request that is not a repetition.";
    PRECONDITION_REQUIRED = 428 "precondition-required", "The change must name the version that it changes",
        "Read the resource and send its ETag in the If-Match header.";
    PRECONDITION_FAILED = 412 "precondition-failed", "The resource was changed meanwhile",
        "Read it again, look at what changed, and repeat with its ETag.";
    RATE_LIMITED = 429 "rate-limited", "Too many requests",
        "Wait as long as the Retry-After header says.";

    // Who asks.
    UNAUTHENTICATED = 401 "unauthenticated", "This takes signing in",
        "Sign in with POST /v1/sessions and send the access token as \"Authorization: Bearer ...\".";
    TOKEN_INVALID = 401 "token-invalid", "The access token is not valid",
        "Sign in again with POST /v1/sessions.";
    TOKEN_EXPIRED = 401 "token-expired", "The access token has expired",
        "Exchange the refresh token with POST /v1/sessions/refresh.";
    SESSION_ENDED = 401 "session-ended", "The session has ended",
        "Sign in again with POST /v1/sessions.";
    REFRESH_INVALID = 401 "refresh-invalid", "The refresh token is not valid any more",
        "Sign in again with POST /v1/sessions.";
    CREDENTIALS_WRONG = 401 "credentials-wrong", "The e-mail address or the password is wrong",
        "Check both and try again.";
    FORBIDDEN = 403 "forbidden", "You may not do this",
        "Sign in with an account that may.";
    CSRF_TOKEN_WRONG = 403 "csrf-token-wrong", "The form was not ours, or is too old",
        "Reload the page and send the form again.";

    // Accounts.
    UNKNOWN_ACCOUNT = 404 "unknown-account", "There is no such account",
        "Check the id.";
    TOO_MANY_FOLLOWS = 409 "too-many-follows", "You follow as much as you may",
        "Follow something no more first.";
    EMAIL_TAKEN = 409 "email-taken", "There is an account with this e-mail address",
        "Sign in, or use another address.";
    PASSWORD_UNFIT = 422 "password-unfit", "The password cannot be used",
        "Choose one of 8 to 256 characters that is not your e-mail address.";
    PASSWORD_WRONG = 403 "password-wrong", "The current password is wrong",
        "Send the account's password as current_password.";

    // Catalog.
    UNKNOWN_VENUE = 404 "unknown-venue", "There is no such venue", "Check the id.";
    UNKNOWN_HALL = 404 "unknown-hall", "There is no such hall", "Check the id.";
    UNKNOWN_EVENT = 404 "unknown-event", "There is no such event", "Check the id.";
    UNKNOWN_ZIP = 422 "unknown-zip", "There is no such zip code",
        "Check it, take one of \"near\", or search by city.";
    UNKNOWN_REVIEW = 404 "unknown-review", "There is no such review",
        "Check the event's id and the review's number.";
    NO_TICKET = 403 "no-ticket", "Only who was there can review an event",
        "Come back after a performance that you had a ticket to.";
    UNKNOWN_PERFORMANCE = 404 "unknown-performance", "There is no such performance", "Check the id.";
    UNKNOWN_SEAT_MAP = 404 "unknown-seat-map", "There is no such seat map", "Check the hall and the version.";
    ALREADY_EXISTS = 409 "already-exists", "It exists already, with another content",
        "Read what is there and change that.";
    HAS_PERFORMANCES = 409 "has-performances", "It has performances",
        "Remove or cancel its performances first.";
    SEATS_IN_USE = 409 "seats-in-use", "Seats that are in use would be lost",
        "Keep these seats as they are, or cancel what uses them first.";
    HAS_ORDERS = 409 "has-orders", "The performance has orders",
        "Cancel it instead: everyone gets their money back.";

    // Selling.
    SEATS_TAKEN = 409 "seats-taken", "Somebody else has some of the seats",
        "Choose others than those in \"seats\"; a held seat may come back within minutes.";
    NONE_SIDE_BY_SIDE = 409 "none-side-by-side", "No such seats are free side by side",
        "Ask for fewer seats, or leave out the section, the price category or accessible.";
    AREA_FULL = 409 "area-full", "Not that many places are free in the area",
        "Ask for at most as many as \"free\" says, or choose another area.";
    TOO_MANY_HOLDS = 409 "too-many-holds", "That would be more holds than one customer may have at a time",
        "Order or release one of the holds that you have, or wait until one lapses.";
    TICKET_LIMIT = 409 "ticket-limit", "That would be more tickets than one customer may have",
        "Ask for fewer; \"limit\" counts the tickets that you have and hold.";
    NOT_ON_SALE_YET = 409 "not-on-sale-yet", "The sale has not begun",
        "Come back at the instant in \"from\".";
    SALE_OVER = 409 "sale-over", "The sale is over", "Choose another performance.";
    PERFORMANCE_CANCELLED = 409 "performance-cancelled", "The performance was cancelled",
        "Choose another performance; who has tickets is refunded without asking.";
    EMPTY_SELECTION = 422 "empty-selection", "Nothing was chosen, or a seat twice",
        "Choose at least one place, and none of them twice.";
    TOO_MANY_PLACES = 422 "too-many-places", "Too many places at once", "Make several holds.";
    UNKNOWN_SEAT = 422 "unknown-seat", "The hall has no such seat",
        "Take seat ids from GET /v1/performances/{id}/seats.";
    UNKNOWN_AREA = 422 "unknown-area", "The hall has no such area",
        "Take area ids from GET /v1/performances/{id}/seats.";
    UNKNOWN_SECTION = 422 "unknown-section", "The hall has no such section",
        "Take section names from GET /v1/performances/{id}/seats.";
    UNKNOWN_PRICE = 422 "unknown-price", "There is no price for this",
        "Take categories and concessions from \"prices\" of the performance.";
    HOLD_TOKEN_NEEDED = 401 "hold-token-needed", "This takes the hold's token",
        "Send the token from the answer that made the hold in the X-Hold-Token header.";
    HOLD_LAPSED = 410 "hold-lapsed", "There is no such hold, or it has lapsed", "Make another hold.";
    NOT_EXTENDABLE = 409 "not-extendable", "The hold cannot be extended",
        "Order within its time: a hold is extended once, and not after it was ordered.";
    HOLD_ORDERED = 409 "hold-ordered", "The hold has been ordered",
        "Look at the order in \"order\".";
    UNKNOWN_ORDER = 404 "unknown-order", "There is no such order, or it is not yours",
        "Check the id, and sign in as the buyer or send the order's token.";
    UNKNOWN_TICKET = 404 "unknown-ticket", "There is no such ticket, or it is not valid any more",
        "Look at the order's tickets.";
    UNKNOWN_REFUND = 404 "unknown-refund", "There is no such refund", "Look at the order's refunds.";
    NOT_BOOKED = 409 "not-booked", "The order is not booked",
        "Wait until it is paid; an order that was not paid costs nothing and needs no cancelling.";
    TOO_LATE_TO_CANCEL = 409 "too-late-to-cancel", "The time to cancel is over",
        "Give the tickets on to somebody else, or ask the organizer.";
    REFUND_TOO_HIGH = 422 "refund-too-high", "That is more than can be refunded",
        "Refund at most \"max\" minor units.";
    AMOUNT_MISMATCH = 409 "amount-mismatch", "The amount is not what the order costs",
        "Compare the gateway's records with the order.";
    PAYMENT_METHOD_UNKNOWN = 422 "payment-method-unknown", "There is no such way to pay",
        "Choose one of those that the answer names.";
    WEBHOOK_NOT_BELIEVED = 400 "webhook-not-believed", "The delivery does not carry the gateway's signature",
        "Sign it with the secret that was agreed, and set this machine's clock.";

    // The cluster.
    NO_CLUSTER = 409 "no-cluster", "This node is alone",
        "Begin a cluster with `marquee cluster init`, in a data folder of its own, and let nodes join it.";
    UNKNOWN_NODE = 404 "unknown-node", "There is no such node", "Take its number or name from GET /v1/cluster.";
    UNKNOWN_GROUP = 404 "unknown-group", "There is no such group", "Take its number from GET /v1/cluster.";
    NODE_REMOVED = 409 "node-removed", "The node was removed for good",
        "Let the machine join anew, with an empty data folder: it gets another number.";
    NODE_ALIVE = 409 "node-alive", "The node is alive",
        "Drain and stop it first, or ask with force=true if it cannot be stopped.";
    LAST_NODE = 409 "last-node", "No other node could do its work",
        "Let another node join, or let a drained one rejoin, and try again.";
    ONLY_REPLICA = 409 "only-replica", "Nobody else has what the node has",
        "Give the groups in \"groups\" other replicas first, with PUT /v1/cluster/groups/{id}/replicas.";
    UNFIT_REPLICAS = 422 "unfit-replicas", "A group cannot have these replicas",
        "Name one to seven different nodes that were not removed.";
    VENUE_MOVING = 409 "venue-moving", "The venue is moving already", "Wait until it has moved.";
    NOT_SOLO = 409 "not-solo", "The venue's group is not a solo one",
        "Another replica takes over from its home by itself; move the venue with POST /v1/cluster/venues/{id}/move.";
    HOME_ALIVE = 409 "home-alive", "The venue's home is there",
        "Nothing needs to be lost: move the venue with POST /v1/cluster/venues/{id}/move.";
    UNFIT_SUCCESSOR = 422 "unfit-successor", "The node cannot take the venue over",
        "Name a node that answers, has a replica of the venue's group, and has a shared group of its own.";
    LOSS_NOT_ACCEPTED = 409 "loss-not-accepted", "What was sold since the copy was made would be in conflict",
        "Wait until its home is back if you can; else ask again with \"accept_loss\": true.";
    IN_CONFLICT = 409 "in-conflict", "Orders of the venue are in conflict since it was taken over",
        "Settle them first: GET /v1/cluster/venues/{id}/conflicts.";
    UNKNOWN_CONFLICT = 404 "unknown-conflict", "The order is not in conflict",
        "Take its id from GET /v1/cluster/venues/{id}/conflicts.";
    CONFLICT_DECIDED = 409 "conflict-decided", "Something else was decided about the order before",
        "Look at GET /v1/cluster/venues/{id}/conflicts.";
    CLUSTER_REFUSES = 409 "cluster-refuses", "The cluster refuses that", "Look at GET /v1/cluster and try again.";

    // The node.
    INTERNAL = 500 "internal", "Something broke on our side",
        "Try again; if it happens again, report the X-Request-Id of this answer.";
    OVERLOADED = 503 "overloaded", "The node has too much to do just now",
        "Nothing was done. Try again after the time in the Retry-After header.";
    STOPPING = 503 "stopping", "The node is stopping",
        "Nothing was done. Try again; another node, or this one, will answer.";
    NOT_HOME = 503 "not-home", "Nobody can answer this for a moment",
        "Nothing was done. Try again after the time in the Retry-After header: a node that was lost is being replaced.";
    OUTCOME_UNKNOWN = 503 "outcome-unknown", "It is not known whether this was carried out",
        "Send the same request with the same Idempotency-Key again, or look whether it was.";
    TIMED_OUT = 503 "timed-out", "The answer took too long",
        "It may have been carried out: send the same request with the same Idempotency-Key again.";
}

/// The kind with this code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| kind.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_kebab_case_and_say_what_to_do() {
        let mut codes: Vec<_> = ALL.iter().map(|kind| kind.code).collect();
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] != pair[1]), "{codes:?}");
        for kind in ALL {
            assert!(kind.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", kind.code);
            assert!(kind.advice.ends_with('.') && !kind.title.ends_with('.'), "{}", kind.code);
            assert!((400..600).contains(&kind.status), "{}", kind.code);
        }
    }
}
