//! Every path that the node serves, in one place.

/// The OpenAPI document.
pub(crate) const OPENAPI: &str = "/openapi.json";
/// The readable documentation.
pub(crate) const DOCS: &str = "/docs";
/// Its style sheet.
pub(crate) const DOCS_STYLE: &str = "/docs/style.css";
/// Whether the node answers, for load balancers.
pub(crate) const HEALTH: &str = "/health";

/// The nodes that are nearest to whoever asks.
pub(crate) const NEAREST: &str = "/v1/nearest";

/// The cluster, for operators.
pub(crate) const CLUSTER: &str = "/v1/cluster";
/// Tokens that let nodes join.
pub(crate) const CLUSTER_TOKENS: &str = "/v1/cluster/tokens";
/// Taking a node out of work.
pub(crate) const NODE_DRAIN: &str = "/v1/cluster/nodes/{id}/drain";
/// Taking a node back into work.
pub(crate) const NODE_REJOIN: &str = "/v1/cluster/nodes/{id}/rejoin";
/// Removing a node for good.
pub(crate) const NODE_REMOVAL: &str = "/v1/cluster/nodes/{id}/removal";
/// Who holds a group's replicas.
pub(crate) const GROUP_REPLICAS: &str = "/v1/cluster/groups/{id}/replicas";
/// To which group a venue moves, and how far it is.
pub(crate) const VENUE_MOVE: &str = "/v1/cluster/venues/{id}/move";
/// Taking a venue over from a box office that is lost or cut off.
pub(crate) const VENUE_PROMOTION: &str = "/v1/cluster/venues/{id}/promotion";
/// Taking all venues of a box office over.
pub(crate) const NODE_PROMOTION: &str = "/v1/cluster/nodes/{id}/promotion";
/// What a box office sold after a venue was taken over from it.
pub(crate) const VENUE_CONFLICTS: &str = "/v1/cluster/venues/{id}/conflicts";
/// That all of it was seen.
pub(crate) const VENUE_SETTLEMENT: &str = "/v1/cluster/venues/{id}/conflicts/settlement";
/// What becomes of an order in conflict.
pub(crate) const ORDER_VERDICT: &str = "/v1/cluster/conflicts/{id}/verdict";

/// Sign-up.
pub(crate) const ACCOUNTS: &str = "/v1/accounts";
/// An account: `me` or an id.
pub(crate) const ACCOUNT: &str = "/v1/accounts/{id}";
/// Everything that is kept about a person.
pub(crate) const ACCOUNT_EXPORT: &str = "/v1/accounts/me/export";
/// An account's roles.
pub(crate) const ACCOUNT_ROLES: &str = "/v1/accounts/{id}/roles";
/// Sign-in, and the end of all of one's sessions.
pub(crate) const SESSIONS: &str = "/v1/sessions";
/// Exchange of a refresh token.
pub(crate) const SESSION_REFRESH: &str = "/v1/sessions/refresh";
/// The session of the access token.
pub(crate) const SESSION_CURRENT: &str = "/v1/sessions/current";
/// One of one's sessions.
pub(crate) const SESSION: &str = "/v1/sessions/{id}";

/// Where gateways deliver webhooks.
pub(crate) const WEBHOOK: &str = "/v1/webhooks/{gateway}";

/// Search.
pub(crate) const SEARCH: &str = "/v1/search";
/// What may be meant, as one types.
pub(crate) const SUGGEST: &str = "/v1/suggest";
/// What somebody may like.
pub(crate) const WHATS_NEXT: &str = "/v1/feed";
/// The node's search index.
pub(crate) const SEARCH_INDEX: &str = "/v1/search/index";
/// Making it anew.
pub(crate) const SEARCH_REBUILD: &str = "/v1/search/index/rebuild";
/// What is on.
pub(crate) const EVENTS: &str = "/v1/events";
/// Several events at once.
pub(crate) const EVENTS_BATCH: &str = "/v1/events/batch";
/// An event.
pub(crate) const EVENT: &str = "/v1/events/{id}";
/// The same.
pub(crate) const EVENT_DETAILS: &str = "/v1/events/{id}/details";
/// Its showings.
pub(crate) const EVENT_PERFORMANCES: &str = "/v1/events/{id}/performances";
/// What people who were there think of it.
pub(crate) const EVENT_REVIEWS: &str = "/v1/events/{id}/reviews";
/// What who asks thinks of it.
pub(crate) const EVENT_REVIEW_OWN: &str = "/v1/events/{id}/reviews/mine";
/// What the organizer says to a review.
pub(crate) const EVENT_REVIEW_ANSWER: &str = "/v1/events/{id}/reviews/{number}/answer";
/// Hiding a review.
pub(crate) const EVENT_REVIEW_HIDDEN: &str = "/v1/events/{id}/reviews/{number}/hidden";
/// What an account follows.
pub(crate) const FOLLOWS: &str = "/v1/accounts/me/follows";
/// Something that an account follows.
pub(crate) const FOLLOW: &str = "/v1/accounts/me/follows/{kind}/{id}";
/// Events that are movies.
pub(crate) const MOVIES: &str = "/v1/movies";
/// A movie.
pub(crate) const MOVIE: &str = "/v1/movies/{id}";
/// The same.
pub(crate) const MOVIE_DETAILS: &str = "/v1/movies/{id}/details";
/// Its showings.
pub(crate) const MOVIE_PERFORMANCES: &str = "/v1/movies/{id}/performances";
/// Places where events take place.
pub(crate) const VENUES: &str = "/v1/venues";
/// A venue.
pub(crate) const VENUE: &str = "/v1/venues/{id}";
/// What is on there.
pub(crate) const VENUE_EVENTS: &str = "/v1/venues/{id}/events";
/// Its halls.
pub(crate) const VENUE_HALLS: &str = "/v1/venues/{id}/halls";
/// Venues by their other name.
pub(crate) const THEATERS: &str = "/v1/theaters";
/// A venue by its other name.
pub(crate) const THEATER: &str = "/v1/theaters/{id}";
/// The movies that are on there.
pub(crate) const THEATER_MOVIES: &str = "/v1/theaters/{id}/movies";
/// A hall.
pub(crate) const HALL: &str = "/v1/halls/{id}";
/// A hall as a seating plan of pretix.
pub(crate) const HALL_PLAN: &str = "/v1/halls/{id}/plan.json";
/// Making a hall of a seating plan of pretix.
pub(crate) const VENUE_HALL_PLANS: &str = "/v1/venues/{id}/halls/plans";
/// A hall's seat map.
pub(crate) const HALL_SEAT_MAP: &str = "/v1/halls/{id}/seat-map";
/// Showings.
pub(crate) const PERFORMANCES: &str = "/v1/performances";
/// A showing.
pub(crate) const PERFORMANCE: &str = "/v1/performances/{id}";
/// Calling a showing off.
pub(crate) const PERFORMANCE_CANCELLATION: &str = "/v1/performances/{id}/cancellation";
/// Giving a showing another time.
pub(crate) const PERFORMANCE_RESCHEDULE: &str = "/v1/performances/{id}/reschedule";
/// Seats that are taken out of sale.
pub(crate) const PERFORMANCE_KILLS: &str = "/v1/performances/{id}/kills";
/// A performance's seats.
pub(crate) const PERFORMANCE_SEATS: &str = "/v1/performances/{id}/seats";
/// Their changes, live.
pub(crate) const PERFORMANCE_SEATS_STREAM: &str = "/v1/performances/{id}/seats/stream";
/// What is free of an event's performances.
pub(crate) const EVENT_SEATS: &str = "/v1/events/{id}/seats";
/// What is free of a movie's performances.
pub(crate) const MOVIE_SEATS: &str = "/v1/movies/{id}/seats";
/// Holding seats of a performance.
pub(crate) const PERFORMANCE_HOLDS: &str = "/v1/performances/{id}/holds";
/// A hold.
pub(crate) const HOLD: &str = "/v1/holds/{id}";
/// Letting a hold last longer.
pub(crate) const HOLD_EXTENSION: &str = "/v1/holds/{id}/extension";
/// Ordering what a hold keeps.
pub(crate) const BOOKINGS: &str = "/v1/bookings";
/// An order.
pub(crate) const BOOKING: &str = "/v1/bookings/{id}";
/// Cancelling tickets of an order.
pub(crate) const BOOKING_CANCELLATION: &str = "/v1/bookings/{id}/cancellation";
/// An order's tickets as PDF.
pub(crate) const BOOKING_TICKETS: &str = "/v1/bookings/{id}/tickets.pdf";
/// Paying money of an order back.
pub(crate) const BOOKING_REFUNDS: &str = "/v1/bookings/{id}/refunds";
/// Holding and ordering in one step.
pub(crate) const EVENT_BOOKINGS: &str = "/v1/events/{id}/bookings";
/// The keys that doors check tickets with.
pub(crate) const TICKET_KEYS: &str = "/v1/tickets/keys";
/// A ticket.
pub(crate) const TICKET: &str = "/v1/tickets/{id}";
/// A ticket's code as a picture.
pub(crate) const TICKET_QR: &str = "/v1/tickets/{id}/qr.svg";
/// A ticket as PDF.
pub(crate) const TICKET_PDF: &str = "/v1/tickets/{id}/ticket.pdf";
/// Giving a ticket to somebody else.
pub(crate) const TICKET_TRANSFER: &str = "/v1/tickets/{id}/transfer";
/// Accepting a ticket that somebody gives.
pub(crate) const TICKET_ACCEPTANCE: &str = "/v1/tickets/{id}/acceptance";
/// The orders of the account that asks.
pub(crate) const MY_BOOKINGS: &str = "/v1/accounts/me/bookings";
/// The tickets that the account that asks was given.
pub(crate) const MY_TICKETS: &str = "/v1/accounts/me/tickets";

/// An asset of the pages.
pub(crate) const ASSET: &str = "/assets/{hash}/{*name}";
/// The service worker that leads pages to another node; it must stand above all of them.
pub(crate) const SWITCH_WORKER: &str = "/switch-worker.js";
/// What is on.
pub(crate) const PAGE_EVENTS: &str = "/";
/// What was found.
pub(crate) const PAGE_SEARCH: &str = "/search";
/// A venue and what is on there.
pub(crate) const PAGE_VENUE: &str = "/venues/{id}";
/// An event and its dates.
pub(crate) const PAGE_EVENT: &str = "/events/{id}";
/// Where the form goes that follows what an event's page shows.
pub(crate) const PAGE_FOLLOW: &str = "/events/{id}/follow";
/// Where the form goes that says how an event was.
pub(crate) const PAGE_REVIEW: &str = "/events/{id}/review";
/// A performance's seats.
pub(crate) const PAGE_PERFORMANCE: &str = "/performances/{id}";
/// Where the form for the best available places goes.
pub(crate) const PAGE_HOLD: &str = "/performances/{id}/hold";
/// Where a hold is paid.
pub(crate) const PAGE_CHECKOUT: &str = "/checkout/{id}";
/// Where more time is asked for.
pub(crate) const PAGE_EXTENSION: &str = "/checkout/{id}/extension";
/// Where a hold is given back.
pub(crate) const PAGE_RELEASE: &str = "/checkout/{id}/release";
/// The bookings of who is signed in.
pub(crate) const PAGE_BOOKINGS: &str = "/bookings";
/// A booking with its tickets.
pub(crate) const PAGE_BOOKING: &str = "/bookings/{id}";
/// A booking's tickets as PDF.
pub(crate) const PAGE_TICKETS: &str = "/bookings/{id}/tickets.pdf";
/// A booking's performance for calendars.
pub(crate) const PAGE_BOOKING_CALENDAR: &str = "/bookings/{id}/calendar.ics";
/// Where tickets are cancelled.
pub(crate) const PAGE_CANCEL: &str = "/bookings/{id}/cancel";
/// Where a ticket of a booking is offered to somebody else.
pub(crate) const PAGE_TRANSFER: &str = "/bookings/{id}/tickets/{index}/transfer";
/// Where that is taken back.
pub(crate) const PAGE_CALL_BACK: &str = "/bookings/{id}/tickets/{index}/call-back";
/// A ticket that somebody was given, or is offered.
pub(crate) const PAGE_TICKET: &str = "/tickets/{id}";
/// It as PDF.
pub(crate) const PAGE_TICKET_PDF: &str = "/tickets/{id}/ticket.pdf";
/// Its performance for calendars.
pub(crate) const PAGE_TICKET_CALENDAR: &str = "/tickets/{id}/calendar.ics";
/// Where it is accepted.
pub(crate) const PAGE_TICKET_ACCEPTANCE: &str = "/tickets/{id}/acceptance";
/// Where it is offered to somebody else.
pub(crate) const PAGE_TICKET_TRANSFER: &str = "/tickets/{id}/transfer";
/// Where that is taken back.
pub(crate) const PAGE_TICKET_CALL_BACK: &str = "/tickets/{id}/call-back";
/// Choosing the language of the pages.
pub(crate) const PAGE_LANGUAGE: &str = "/language";
/// Signing in.
pub(crate) const PAGE_SIGN_IN: &str = "/sign-in";
/// Making an account.
pub(crate) const PAGE_SIGN_UP: &str = "/sign-up";
/// Signing out.
pub(crate) const PAGE_SIGN_OUT: &str = "/sign-out";
/// One's account.
pub(crate) const PAGE_ACCOUNT: &str = "/account";
/// The form that ends sessions.
pub(crate) const PAGE_ACCOUNT_SESSIONS: &str = "/account/sessions";
/// Everything that is kept about who is signed in.
pub(crate) const PAGE_EXPORT: &str = "/account/export";
/// Where the password is changed.
pub(crate) const PAGE_PASSWORD: &str = "/account/password";
/// Where an account is deleted.
pub(crate) const PAGE_DELETION: &str = "/account/deletion";
/// How things work.
pub(crate) const PAGE_HELP: &str = "/help";
/// Where an organizer draws a hall.
pub(crate) const ORGANIZER_HALL: &str = "/organizer/halls/{id}";
/// Where an organizer draws a hall that is not there yet.
pub(crate) const ORGANIZER_HALL_NEW: &str = "/organizer/venues/{id}/halls/new";
/// Where an organizer takes seats of a performance out of sale.
pub(crate) const ORGANIZER_KILLS: &str = "/organizer/performances/{id}/kills";
/// The cluster, for operators.
pub(crate) const PAGE_CLUSTER: &str = "/operator/cluster";
/// An organizer's events, and what they brought.
pub(crate) const ORGANIZER: &str = "/organizer";
/// An organizer's venues.
pub(crate) const ORGANIZER_VENUES: &str = "/organizer/venues";
/// Where a venue is made.
pub(crate) const ORGANIZER_VENUE_NEW: &str = "/organizer/venues/new";
/// A venue with its halls, to be changed.
pub(crate) const ORGANIZER_VENUE: &str = "/organizer/venues/{id}";
/// Where a venue is removed.
pub(crate) const ORGANIZER_VENUE_DELETION: &str = "/organizer/venues/{id}/deletion";
/// Where an event is made.
pub(crate) const ORGANIZER_EVENT_NEW: &str = "/organizer/events/new";
/// An event with its dates.
pub(crate) const ORGANIZER_EVENT: &str = "/organizer/events/{id}";
/// What is told of an event, to be changed.
pub(crate) const ORGANIZER_EVENT_EDIT: &str = "/organizer/events/{id}/edit";
/// Where an event is removed.
pub(crate) const ORGANIZER_EVENT_DELETION: &str = "/organizer/events/{id}/deletion";
/// Who bought tickets of an event.
pub(crate) const ORGANIZER_EVENT_ORDERS: &str = "/organizer/events/{id}/orders";
/// Where a performance is made.
pub(crate) const ORGANIZER_PERFORMANCE_NEW: &str = "/organizer/events/{id}/performances/new";
/// Where many performances are made.
pub(crate) const ORGANIZER_SERIES: &str = "/organizer/events/{id}/series";
/// What a performance sells.
pub(crate) const ORGANIZER_PERFORMANCE: &str = "/organizer/performances/{id}";
/// A performance's times and terms, to be changed.
pub(crate) const ORGANIZER_PERFORMANCE_EDIT: &str = "/organizer/performances/{id}/edit";
/// Where a performance is removed.
pub(crate) const ORGANIZER_PERFORMANCE_DELETION: &str = "/organizer/performances/{id}/deletion";
/// Who bought tickets of a performance.
pub(crate) const ORGANIZER_PERFORMANCE_ORDERS: &str = "/organizer/performances/{id}/orders";
/// Where a performance is called off.
pub(crate) const ORGANIZER_PERFORMANCE_CANCELLATION: &str = "/organizer/performances/{id}/cancellation";
/// Where a performance gets another start.
pub(crate) const ORGANIZER_PERFORMANCE_RESCHEDULE: &str = "/organizer/performances/{id}/reschedule";
/// An event's dates as a table.
pub(crate) const ORGANIZER_EVENT_DATES_TABLE: &str = "/organizer/events/{id}/performances.csv";
/// Who bought tickets of an event, as a table.
pub(crate) const ORGANIZER_EVENT_ORDERS_TABLE: &str = "/organizer/events/{id}/orders.csv";
/// Who bought tickets of a performance, as a table.
pub(crate) const ORGANIZER_PERFORMANCE_ORDERS_TABLE: &str = "/organizer/performances/{id}/orders.csv";
/// Where an order is found by its number.
pub(crate) const ORGANIZER_ORDER_SEARCH: &str = "/organizer/orders";
/// An order, as its seller sees it.
pub(crate) const ORGANIZER_ORDER: &str = "/organizer/orders/{id}";
/// Where money of an order is paid back.
pub(crate) const ORGANIZER_ORDER_REFUND: &str = "/organizer/orders/{id}/refund";
/// Where a script keeps its page's session going.
pub(crate) const PAGE_SESSION: &str = "/session";
/// What pages are made of.
pub(crate) const PAGE_STYLE_GUIDE: &str = "/styleguide";
/// What the addresses of pages begin with that are somebody's own: no cache keeps them, no search engine shows them.
pub(crate) const PAGES_PERSONAL: [&str; 6] =
    ["/account", "/bookings", "/checkout", "/operator", "/organizer", "/tickets"];
/// The same of what anybody may see, but nobody searches for: an event's page stands for all its performances.
pub(crate) const PAGES_UNLISTED: [&str; 3] = ["/performances", "/styleguide", "/v1"];

/// What is on, for calendars.
pub(crate) const CALENDAR: &str = "/calendar.ics";
/// An event's performances, for calendars.
pub(crate) const EVENT_CALENDAR: &str = "/events/{id}/calendar.ics";
/// An event's picture, for whoever shows a link to it.
pub(crate) const EVENT_PICTURE: &str = "/events/{id}/picture.png";
/// The site's picture.
pub(crate) const SITE_PICTURE: &str = "/picture.png";
/// What is on, for feed readers.
pub(crate) const FEED: &str = "/feed.atom";
/// Every page, for search engines.
pub(crate) const SITEMAP: &str = "/sitemap.xml";
/// Some of the pages.
pub(crate) const SITEMAP_PART: &str = "/sitemap/{part}";
/// What search engines may look at.
pub(crate) const ROBOTS: &str = "/robots.txt";
