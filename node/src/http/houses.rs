//! The groups of this node, each with the router that answers from it.
//!
//! A *house* is a group's replica with everything that sells on top of it. One of them is the *front*: the node's own
//! group, from which is answered what anyone can answer. Houses run the errands that other nodes send.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use marquee_ledger::PerformanceId;
use marquee_ledger::read::Availability;
use marquee_replication::transport::{FrameReceiver, TransportError};
use marquee_replication::{GroupId, HomeView, NodeId};
use parking_lot::RwLock;
use tokio::sync::watch;
use tower::ServiceExt;

use super::App;
use super::dispatch::{self, Fate};
use super::front::Peer;
use super::routing::{self, Looked};
use crate::cluster::courier::{Carried, Local};
use crate::cluster::errand::{self, Errand, HttpReply, HttpRequest, Reply, SeatNews};
use crate::cluster::homes;
use crate::directory::DIRECTORY;
use crate::home::Home;
use crate::selling::live::{News, SeatWatch};

/// An answer up to this length travels with its head.
const BODY_AT_ONCE_MAX: u64 = 256 << 10;

/// A group's replica with the router that answers from it.
#[derive(Clone)]
pub struct House {
    /// What its handlers reach.
    pub app: App,
    /// Finds a request's handler.
    pub router: Router,
}

/// The houses of a node.
#[derive(Default)]
pub struct Houses {
    houses: RwLock<BTreeMap<GroupId, House>>,
}

impl Houses {
    /// Adds a house.
    pub fn add(&self, house: House) {
        self.houses.write().insert(house.app.home.id(), house);
    }

    /// Takes a house away.
    pub fn remove(&self, group: GroupId) -> Option<House> {
        self.houses.write().remove(&group)
    }

    /// The house of a group.
    #[must_use]
    pub fn house(&self, group: GroupId) -> Option<House> {
        self.houses.read().get(&group).cloned()
    }

    /// All houses.
    #[must_use]
    pub fn all(&self) -> Vec<House> {
        self.houses.read().values().cloned().collect()
    }

    fn home(&self, group: GroupId) -> Option<Home> {
        self.houses.read().get(&group).map(|house| house.app.home.clone())
    }

    async fn http(&self, group: GroupId, request: HttpRequest) -> Carried {
        let Some(house) = self.house(group) else { return homes::not_home(None).into() };
        let venue = venue_of(&house, &request);
        let Some(request) = to_request(request) else {
            return Reply::Failed("a request that is none".to_owned()).into();
        };
        match answer_at_home(&house, venue, request).await {
            Ok(response) => to_reply(response).await,
            Err(Fate::Unknown) => Reply::Unknown.into(),
            Err(Fate::Moved) => Reply::Moved.into(),
            Err(Fate::Sealed | Fate::NotHome(_)) => homes::not_home(Some(&house.app.home)).into(),
        }
    }
}

impl Local for Houses {
    fn is_home(&self, group: GroupId) -> bool {
        self.houses.read().get(&group).is_some_and(|house| house.app.home.is_home())
    }

    fn run(&self, group: GroupId, errand: Errand) -> BoxFuture<'_, Carried> {
        async move {
            match errand {
                Errand::Command(command) => homes::command(self.home(group).as_ref(), command).await.into(),
                Errand::Query(query) => homes::query(self.home(group).as_ref(), query).await.into(),
                Errand::Http(request) => self.http(group, request).await,
                Errand::WhoIsHome => homes::not_home(self.home(group).as_ref()).into(),
                Errand::WatchSeats { performance, after } => {
                    let Some(house) = self.house(group) else { return homes::not_home(None).into() };
                    subscribe(&house, performance, after).await
                }
            }
        }
        .boxed()
    }
}

/// Tells another node of a performance's seats, for as long as this one is home.
async fn subscribe(house: &House, performance: PerformanceId, after: Option<u64>) -> Carried {
    let (app, home) = (&house.app, &house.app.home);
    let mut view = home.watch();
    let HomeView { term, is_home, .. } = *view.borrow_and_update();
    if !is_home || home.read_barrier().await.is_err() {
        return homes::not_home(Some(home)).into();
    }
    let venue = performance.owner();
    if home.sells(venue).is_ok_and(|sells| !sells) || is_elsewhere(home, venue) {
        return Reply::Moved.into();
    }
    let Some(mut watch) = app.selling.watch_seats(performance, app.settings.limits.streams as usize) else {
        return Reply::Overloaded.into();
    };
    // Read after the watch began, so that nothing falls between.
    let current = match app.selling.sold(performance) {
        Ok(Some(sold)) => sold.seq,
        Ok(None) => return Reply::Nothing.into(),
        Err(failure) => return homes::failed(home, &failure).into(),
    };
    let mut first = None;
    if !after.is_some_and(|after| watch.resume(after, current)) {
        match app.selling.begin_watch(performance, &mut watch).await {
            Ok(Some(base)) => first = Some(all_seats(&base.availability)),
            Ok(None) => return Reply::Nothing.into(),
            Err(failure) => return homes::failed(home, &failure).into(),
        }
    }
    let rest = SeatFrames { first, watch, view, term };
    Carried { reply: Reply::Seats, rest: Some(Box::new(rest)) }
}

fn all_seats(now: &Availability) -> SeatNews {
    let statuses = now.statuses.iter().map(|status| *status as u8).collect();
    SeatNews::All { seq: now.seq, statuses, areas: now.areas.clone() }
}

/// News of seats, a frame each, until this node is not home any more.
struct SeatFrames {
    first: Option<SeatNews>,
    watch: SeatWatch,
    view: watch::Receiver<HomeView>,
    term: u64,
}

impl FrameReceiver for SeatFrames {
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        async move {
            if let Some(first) = self.first.take() {
                return Ok(Some(errand::write(&first)));
            }
            let (watch, term) = (&mut self.watch, self.term);
            let is_over = self.view.wait_for(|view| !view.is_home || view.term != term);
            tokio::select! {
                biased;
                // Another home tells, or none at all.
                _over = is_over => Ok(None),
                news = watch.next() => Ok(match news {
                    Some(News::Seats(event)) => Some(errand::write(&SeatNews::Changed {
                        first_seq: event.first_seq,
                        seq: event.seq,
                        seats: event.seats.iter().map(|(seat, status)| (*seat, *status as u8)).collect(),
                        areas: event.areas.clone(),
                    })),
                    // Who listens subscribes again, and gets all seats.
                    Some(News::Reset) | None => None,
                }),
            }
        }
        .boxed()
    }
}

/// What a house answers to a request about a venue (0 for none), if it was home to the end and the venue is sold here.
///
/// # Errors
/// When it was not, or when it is not known what became of what was asked.
pub(super) async fn answer_at_home(house: &House, venue: u32, request: Request) -> Result<Response, Fate> {
    let home = &house.app.home;
    let HomeView { term, is_home, .. } = *home.watch().borrow();
    // A home that was just elected has not taken over yet.
    if !is_home {
        return Err(Fate::NotHome(home.id()));
    }
    if request.method().is_safe() && home.read_barrier().await.is_err() {
        return Err(Fate::NotHome(home.id()));
    }
    // A venue that is frozen may be sold elsewhere already: what stands here may be overtaken.
    let is_moved =
        || venue != 0 && (home.sells(venue).is_ok_and(|sells| !sells) || is_elsewhere(home, venue));
    if is_moved() {
        return Err(Fate::Moved);
    }
    let (response, fate) = dispatch::watched(house.router.clone().oneshot(request)).await;
    let response = match response {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let is_home_still = {
        let view = home.watch();
        let view = view.borrow();
        view.is_home && view.term == term
    };
    match fate {
        Fate::Unknown => Err(Fate::Unknown),
        Fate::Moved => Err(Fate::Moved),
        // It was looked for when it had gone already.
        Fate::Sealed | Fate::NotHome(_) if response.status().is_client_error() && is_moved() => {
            Err(Fate::Moved)
        }
        Fate::NotHome(group) if group == home.id() => Err(fate),
        Fate::Sealed | Fate::NotHome(_) if is_home_still => Ok(response),
        // What it says may rest on what another home has overtaken.
        Fate::Sealed | Fate::NotHome(_) => Err(Fate::NotHome(home.id())),
    }
}

/// Whether the directory has placed a venue elsewhere, at the directory's home: who knows no placements yet asks there.
fn is_elsewhere(home: &Home, venue: u32) -> bool {
    let view = home.commons().views.now();
    home.id() == DIRECTORY && view.group_of_venue(venue) != DIRECTORY
}

/// The number of the venue that a request is about; 0 for none.
fn venue_of(house: &House, request: &HttpRequest) -> u32 {
    let (Ok(method), Ok(target)) =
        (Method::from_bytes(request.method.as_bytes()), request.target.parse::<Uri>())
    else {
        return 0;
    };
    let (body, tokens) = (request.body.as_ref(), &house.app.tokens);
    // Whose session it is does not name a venue.
    let headers = HeaderMap::new();
    let looked = Looked { method: &method, path: target.path(), headers: &headers, body, tokens };
    routing::place(&looked).venue()
}

/// The request that travelled; none if it cannot be one.
fn to_request(request: HttpRequest) -> Option<Request> {
    let mut built = Request::new(Body::from(request.body));
    *built.method_mut() = Method::from_bytes(request.method.as_bytes()).ok()?;
    *built.uri_mut() = request.target.parse::<Uri>().ok()?;
    for (name, value) in request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        built.headers_mut().append(name, HeaderValue::from_maybe_shared(value).ok()?);
    }
    built.extensions_mut().insert(Peer(request.client));
    Some(built)
}

async fn to_reply(response: Response) -> Carried {
    let (parts, body) = response.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes())));
    let mut reply = HttpReply {
        status: parts.status.as_u16(),
        headers: headers.collect(),
        body: Bytes::new(),
        is_open: false,
    };
    let length = http_body::Body::size_hint(&body).exact();
    if length.is_some_and(|length| length <= BODY_AT_ONCE_MAX) {
        return match body.collect().await {
            Ok(body) => {
                reply.body = body.to_bytes();
                Reply::Http(reply).into()
            }
            Err(error) => Reply::Failed(error.to_string()).into(),
        };
    }
    reply.is_open = true;
    Carried { reply: Reply::Http(reply), rest: Some(Box::new(BodyFrames(body))) }
}

/// What a client is answered with, from what travelled.
pub(super) fn to_response(reply: HttpReply, rest: Option<Box<dyn FrameReceiver>>) -> Response {
    let body = match rest {
        Some(rest) if reply.is_open => {
            Body::from_stream(futures_util::stream::unfold(Some(rest), |rest| async move {
                let mut rest = rest?;
                match rest.receive().await {
                    Ok(Some(frame)) => Some((Ok(frame), Some(rest))),
                    Ok(None) => None,
                    Err(error) => Some((Err(error), None)),
                }
            }))
        }
        Some(_) | None => Body::from(reply.body),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in reply.headers {
        let header =
            HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_maybe_shared(value).ok());
        if let Some((name, value)) = header {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A body, frame by frame.
struct BodyFrames(Body);

impl FrameReceiver for BodyFrames {
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        async move {
            loop {
                match self.0.frame().await {
                    None => return Ok(None),
                    Some(Ok(frame)) => {
                        if let Ok(data) = frame.into_data() {
                            return Ok(Some(data));
                        }
                    }
                    Some(Err(error)) => {
                        let reason = error.to_string();
                        return Err(TransportError::Broken { peer: NodeId(0), reason });
                    }
                }
            }
        }
        .boxed()
    }
}
