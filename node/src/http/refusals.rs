//! The one mapping from what the parts refuse to problem documents. It has no `_`: a refusal that is added must be
//! thought about here.

use std::time::Duration;

use marquee_ledger::Refusal;

use super::instant::instant;
use super::kinds;
use super::problem::Problem;
use crate::accounts::passwords::PasswordError;
use crate::accounts::{self, service};
use crate::catalog;
use crate::catalog::service::WriteError;
use crate::cluster::planning::Objection;
use crate::directory;
use crate::home::Failure;

/// When a command that the node had no room for may be sent again.
const OVERLOADED_WAIT: Duration = Duration::from_secs(1);

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Invalid(faults) => Self::faulty(faults),
            WriteError::Refused(refusal) => refusal.into(),
            WriteError::Failed(failure) => failure.into(),
        }
    }
}

impl From<catalog::Refusal> for Problem {
    fn from(refusal: catalog::Refusal) -> Self {
        use catalog::Refusal as Of;
        let detail = refusal.to_string();
        match refusal {
            Of::UnknownVenue => Self::new(kinds::UNKNOWN_VENUE),
            Of::UnknownHall => Self::new(kinds::UNKNOWN_HALL),
            Of::UnknownSeatMap { .. } => Self::new(kinds::UNKNOWN_SEAT_MAP).detail(detail),
            Of::UnknownEvent => Self::new(kinds::UNKNOWN_EVENT),
            Of::UnknownPerformance => Self::new(kinds::UNKNOWN_PERFORMANCE),
            Of::NotYours => Self::new(kinds::FORBIDDEN).detail(detail),
            Of::Stale { version } => {
                Self::new(kinds::PRECONDITION_FAILED).detail(detail).with("version", version)
            }
            Of::HasPerformances => Self::new(kinds::HAS_PERFORMANCES),
            Of::KeyTaken { by, .. } => {
                Self::new(kinds::ALREADY_EXISTS).error("/key", detail).with("id", id_of(by))
            }
            Of::UnknownCategory { price, .. } => Self::invalid(&format!("/prices/{price}/category"), &detail),
            Of::UnknownConcession { price, .. } => {
                Self::invalid(&format!("/prices/{price}/concession"), &detail)
            }
            Of::Invalid(_) => Self::new(kinds::INVALID).detail(detail),
            Of::Sale(refusal) => refusal.into(),
        }
    }
}

fn id_of(created: catalog::Created) -> String {
    match created {
        catalog::Created::Venue(id) => id.to_string(),
        catalog::Created::Hall(id) => id.to_string(),
        catalog::Created::Event(id) => id.to_string(),
        catalog::Created::Performance(id) => id.to_string(),
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::KeyReused => Self::new(kinds::KEY_REUSED),
            Refusal::UnknownPerformance => Self::new(kinds::UNKNOWN_PERFORMANCE),
            Refusal::UnknownLayout => Self::new(kinds::UNKNOWN_SEAT_MAP),
            Refusal::AlreadyExists => Self::new(kinds::ALREADY_EXISTS),
            Refusal::Invalid(_) => Self::new(kinds::INVALID).detail(detail),
            Refusal::SeatsInUse { first, count } => {
                Self::new(kinds::SEATS_IN_USE).detail(detail).with("first", first).with("count", count)
            }
            Refusal::HasOrders => Self::new(kinds::HAS_ORDERS),
            Refusal::PerformanceCancelled => Self::new(kinds::PERFORMANCE_CANCELLED),
            Refusal::NotOnSaleYet { from_ms } => {
                Self::new(kinds::NOT_ON_SALE_YET).with("from", instant(from_ms))
            }
            Refusal::SaleOver => Self::new(kinds::SALE_OVER),
            Refusal::EmptySelection => Self::new(kinds::EMPTY_SELECTION),
            Refusal::TooManyPlaces { max } => {
                Self::new(kinds::TOO_MANY_PLACES).detail(detail).with("max", max)
            }
            Refusal::UnknownSeat(seat) => Self::new(kinds::UNKNOWN_SEAT).detail(detail).with("seat", seat),
            Refusal::UnknownArea(area) => Self::new(kinds::UNKNOWN_AREA).detail(detail).with("area", area),
            Refusal::UnknownSection(_) => Self::new(kinds::UNKNOWN_SECTION).detail(detail),
            Refusal::UnknownPrice => Self::new(kinds::UNKNOWN_PRICE),
            Refusal::SeatsTaken { seats } => {
                Self::new(kinds::SEATS_TAKEN).detail(detail).with("seats", seats)
            }
            Refusal::AreaFull { area, free } => {
                Self::new(kinds::AREA_FULL).detail(detail).with("area", area).with("free", free)
            }
            Refusal::NoneSideBySide { quantity, free } => Self::new(kinds::NONE_SIDE_BY_SIDE)
                .detail(detail)
                .with("quantity", quantity)
                .with("free", free),
            Refusal::TooManyHolds { max } => Self::new(kinds::TOO_MANY_HOLDS).detail(detail).with("max", max),
            Refusal::TicketLimit { limit } => {
                Self::new(kinds::TICKET_LIMIT).detail(detail).with("limit", limit)
            }
            Refusal::UnknownHold => Self::new(kinds::HOLD_LAPSED),
            Refusal::NotExtendable => Self::new(kinds::NOT_EXTENDABLE),
            Refusal::HoldOrdered { order } => Self::new(kinds::HOLD_ORDERED).with("order", order.to_string()),
            Refusal::UnknownOrder => Self::new(kinds::UNKNOWN_ORDER),
            Refusal::UnknownTicket => Self::new(kinds::UNKNOWN_TICKET),
            Refusal::NotOffered => Self::new(kinds::UNKNOWN_TICKET).detail(detail),
            Refusal::NotBooked => Self::new(kinds::NOT_BOOKED),
            Refusal::TooLateToCancel { until_ms } => {
                Self::new(kinds::TOO_LATE_TO_CANCEL).with("until", instant(until_ms))
            }
            Refusal::RefundTooHigh { max } => {
                Self::new(kinds::REFUND_TOO_HIGH).detail(detail).with("max", max)
            }
            Refusal::UnknownRefund => Self::new(kinds::UNKNOWN_REFUND),
            Refusal::AmountMismatch => Self::new(kinds::AMOUNT_MISMATCH),
            Refusal::Moved => Self::new(kinds::NOT_HOME).retry_after(OVERLOADED_WAIT),
            // Steps of a move are the coordinator's, and no client's.
            Refusal::StaleStep | Refusal::Incomplete | Refusal::LeftOver => {
                Self::new(kinds::INVALID).detail(detail)
            }
            Refusal::InConflict => Self::new(kinds::IN_CONFLICT).detail(detail),
            Refusal::NoConflict => Self::new(kinds::UNKNOWN_CONFLICT),
            Refusal::Judged => Self::new(kinds::CONFLICT_DECIDED),
        }
    }
}

impl From<accounts::Refusal> for Problem {
    fn from(refusal: accounts::Refusal) -> Self {
        match refusal {
            accounts::Refusal::UnknownAccount => Self::new(kinds::UNKNOWN_ACCOUNT),
            accounts::Refusal::UnknownSession => Self::new(kinds::SESSION_ENDED),
            accounts::Refusal::EmailTaken => Self::new(kinds::EMAIL_TAKEN),
            accounts::Refusal::Stale { version } => {
                Self::new(kinds::PRECONDITION_FAILED).detail(refusal.to_string()).with("version", version)
            }
            accounts::Refusal::CredentialChanged => Self::new(kinds::PASSWORD_WRONG),
            // Only the outbox names orders, and it keeps to the bound.
            accounts::Refusal::TooManyOrders => Self::internal(&refusal),
            accounts::Refusal::TooManyFollows => {
                Self::new(kinds::TOO_MANY_FOLLOWS).detail(refusal.to_string())
            }
        }
    }
}

impl From<directory::Refusal> for Problem {
    fn from(refusal: directory::Refusal) -> Self {
        use directory::Refusal as Of;
        let detail = refusal.to_string();
        match refusal {
            Of::UnknownNode => Self::new(kinds::UNKNOWN_NODE),
            Of::NodeRemoved => Self::new(kinds::NODE_REMOVED),
            Of::UnknownGroup => Self::new(kinds::UNKNOWN_GROUP),
            Of::UnfitReplicas => Self::new(kinds::UNFIT_REPLICAS),
            Of::UnknownVenue => Self::new(kinds::UNKNOWN_VENUE),
            Of::AlreadyMoving { to } => {
                Self::new(kinds::VENUE_MOVING).detail(detail).with("to", to.to_string())
            }
            Of::InConflict => Self::new(kinds::IN_CONFLICT).detail(detail),
            Of::HomeStays => Self::new(kinds::UNFIT_REPLICAS).detail(detail),
            Of::AlreadyFounded
            | Of::UnknownToken
            | Of::TokenExpired
            | Of::TokenUsed
            | Of::NameTaken { .. }
            | Of::AlreadyThere
            | Of::NotMoving { .. }
            | Of::NotSolo
            | Of::UnfitSuccessor
            | Of::OtherBase { .. } => Self::new(kinds::CLUSTER_REFUSES).detail(detail),
        }
    }
}

impl From<Objection> for Problem {
    fn from(objection: Objection) -> Self {
        let detail = objection.to_string();
        match objection {
            Objection::UnknownNode => Self::new(kinds::UNKNOWN_NODE),
            Objection::UnknownGroup => Self::new(kinds::UNKNOWN_GROUP),
            Objection::UnknownVenue => Self::new(kinds::UNKNOWN_VENUE),
            Objection::AlreadyMoving(to) => Self::new(kinds::VENUE_MOVING).with("to", to.to_string()),
            Objection::Removed(node) => Self::new(kinds::NODE_REMOVED).with("node", node.to_string()),
            Objection::LastNode(node) => {
                Self::new(kinds::LAST_NODE).detail(detail).with("node", node.to_string())
            }
            Objection::StillAlive(node) => Self::new(kinds::NODE_ALIVE).with("node", node.to_string()),
            Objection::OnlyReplica { groups, .. } => {
                let groups: Vec<_> = groups.iter().map(ToString::to_string).collect();
                Self::new(kinds::ONLY_REPLICA).detail(detail).with("groups", groups)
            }
            Objection::NotSolo(group) => {
                Self::new(kinds::NOT_SOLO).detail(detail).with("group", group.to_string())
            }
            Objection::HomeAlive { home, .. } => {
                Self::new(kinds::HOME_ALIVE).detail(detail).with("home", home.to_string())
            }
            Objection::InConflict(_) => Self::new(kinds::IN_CONFLICT).detail(detail),
            Objection::NoCopy(_) | Objection::UnfitSuccessor { .. } => {
                Self::new(kinds::UNFIT_SUCCESSOR).detail(detail)
            }
            Objection::HomeStays { .. } => Self::new(kinds::UNFIT_REPLICAS).detail(detail),
            Objection::Unfit => Self::new(kinds::UNFIT_REPLICAS),
        }
    }
}

impl From<service::Error> for Problem {
    fn from(error: service::Error) -> Self {
        use service::Error;
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::UnfitPassword(unfit) => {
                Self::new(kinds::PASSWORD_UNFIT).error("/password", unfit.to_string())
            }
            Error::CredentialsWrong => Self::new(kinds::CREDENTIALS_WRONG),
            Error::PasswordWrong => Self::new(kinds::PASSWORD_WRONG),
            Error::RefreshInvalid => Self::new(kinds::REFRESH_INVALID),
            Error::Forbidden(why) => Self::forbidden(why),
            Error::Passwords(PasswordError::Overloaded) => {
                Self::new(kinds::OVERLOADED).retry_after(OVERLOADED_WAIT)
            }
            Error::Passwords(error) => Self::internal(&error),
            Error::Home(failure) => failure.into(),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        super::dispatch::note(&failure);
        match failure {
            Failure::Overloaded => Self::new(kinds::OVERLOADED).retry_after(OVERLOADED_WAIT),
            Failure::Stopping => Self::new(kinds::STOPPING).retry_after(OVERLOADED_WAIT),
            Failure::NotHome { .. } | Failure::Moved { .. } => {
                Self::new(kinds::NOT_HOME).retry_after(OVERLOADED_WAIT)
            }
            Failure::OutcomeUnknown => Self::new(kinds::OUTCOME_UNKNOWN),
            Failure::KeyReused => Self::new(kinds::KEY_REUSED),
            Failure::TooLarge => Self::new(kinds::BODY_TOO_LARGE).detail(failure.to_string()),
            Failure::Broken(broken) => Self::internal(&broken),
            Failure::Store(error) => Self::internal(&error),
        }
    }
}
