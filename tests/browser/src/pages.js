/**
 * Every kind of page, for audits and pictures: where it is, and who looks at it.
 *
 * A kind has a `name`, a `path(world)` which may prepare something, the role `as` whose session it needs (none: a guest),
 * `unlisted` if search engines are told to leave it alone, `status` if it is not 200, `ready`, a selector to wait for, and
 * `heavy` for the tools that may weigh more than a page.
 */

import { api, signedIn } from "./marquee.js";

/** @typedef {{name: string, path: (world: World) => Promise<string> | string, as?: string, unlisted?: boolean, status?: number, ready?: string, heavy?: boolean}} PageKind */

const EDITOR_READY = "[data-testid=editor][data-ready=true]";
const SEATS_READY = "[data-testid=seat-page][data-ready=true]";

/** @type {PageKind[]} */
export const CUSTOMER_PAGES = [
  { name: "home", path: () => "/" },
  { name: "home-empty", path: () => "/?place=Nowhere" },
  { name: "search", path: () => "/search?q=jazz" },
  { name: "search-empty", path: () => "/search?q=zzzyzx" },
  { name: "event", path: ({ event }) => `/events/${event}` },
  { name: "venue", path: ({ venue }) => `/venues/${venue}` },
  { name: "performance", path: ({ performance }) => `/performances/${performance}`, unlisted: true, ready: SEATS_READY },
  { name: "sign-in", path: () => "/sign-in" },
  { name: "sign-up", path: () => "/sign-up" },
  { name: "help", path: () => "/help" },
  { name: "style-guide", path: () => "/styleguide", unlisted: true },
  { name: "not-found", path: () => "/no/such/page", status: 404 },
  { name: "checkout", path: (world) => world.checkout(), as: "customer", unlisted: true },
  { name: "booking", path: (world) => world.booking(), as: "customer", unlisted: true },
  { name: "cancel", path: async (world) => `${await world.booking()}/cancel`, as: "customer", unlisted: true },
  { name: "cancel-review", path: async (world) => `${await world.booking()}/cancel?${await world.tickets()}&review=yes`, as: "customer", unlisted: true },
  { name: "booking-given", path: (world) => world.giving(), as: "customer", unlisted: true },
  { name: "ticket-offer", path: (world) => world.offer(), as: "customer", unlisted: true },
  { name: "ticket", path: (world) => world.given(), as: "customer", unlisted: true },
  { name: "ticket-over", path: () => "/tickets/tkt_01kc0000000000000000000001?key=spent", unlisted: true, status: 410 },
  { name: "bookings", path: () => "/bookings", as: "customer", unlisted: true },
  { name: "account", path: () => "/account", as: "customer", unlisted: true },
  { name: "cluster", path: () => "/operator/cluster", as: "operator", unlisted: true },
];

/** The organizer's pages. @type {PageKind[]} */
export const ORGANIZER_PAGES = [
  { name: "organizer", path: () => "/organizer" },
  { name: "organizer-venues", path: () => "/organizer/venues" },
  { name: "organizer-venue-new", path: () => "/organizer/venues/new" },
  { name: "organizer-venue", path: ({ venue }) => `/organizer/venues/${venue}` },
  { name: "organizer-hall", path: ({ hall }) => `/organizer/halls/${hall}`, ready: EDITOR_READY, heavy: true },
  { name: "organizer-event-new", path: () => "/organizer/events/new" },
  { name: "organizer-event", path: ({ event }) => `/organizer/events/${event}` },
  { name: "organizer-event-edit", path: ({ event }) => `/organizer/events/${event}/edit` },
  { name: "organizer-series", path: ({ event }) => `/organizer/events/${event}/series` },
  { name: "organizer-performance-new", path: ({ event }) => `/organizer/events/${event}/performances/new` },
  { name: "organizer-live", path: ({ performance }) => `/organizer/performances/${performance}` },
  { name: "organizer-terms", path: ({ performance }) => `/organizer/performances/${performance}/edit` },
  { name: "organizer-kills", path: ({ performance }) => `/organizer/performances/${performance}/kills`, heavy: true },
  { name: "organizer-orders", path: ({ performance }) => `/organizer/performances/${performance}/orders` },
  { name: "organizer-call-off", path: ({ performance }) => `/organizer/performances/${performance}/cancellation` },
  { name: "organizer-reschedule", path: ({ performance }) => `/organizer/performances/${performance}/reschedule?review=yes&starts_at=2099-01-01T20:00` },
  { name: "organizer-order", path: async (world) => `/organizer/orders/${await world.order()}` },
  { name: "organizer-refund", path: async (world) => `/organizer/orders/${await world.order()}/refund` },
].map((kind) => ({ ...kind, as: "organizer", unlisted: true }));

/** All kinds, those of one role together. */
export const PAGES = [...CUSTOMER_PAGES, ...ORGANIZER_PAGES].sort((one, other) => (one.as ?? "").localeCompare(other.as ?? ""));

/**
 * What the pages show: things of the demo's catalog, and a booking of the demo's customer.
 * @typedef {Awaited<ReturnType<typeof furnish>>} World
 */
export async function furnish(node) {
  const guest = api(node.url);
  const customer = await signedIn(node, "customer");
  const picturesque = await mostPicturesque(guest);
  const performance = await guest("GET", `/v1/performances/${picturesque.performance}`);
  const best = { best_available: { quantity: 2 } };
  let booked, hold, giving, offer, given;
  /** A ticket that a guest bought and offers; gives it with the offer's token. */
  const offered = async () => {
    const order = await book(guest, picturesque.performance, { best_available: { quantity: 1 } }, { email: "ada@example.org", name: "Ada" });
    return pass(guest, order.tickets[0].id, "Dana", { "x-order-token": order.token });
  };
  const order = async () => {
    booked ??= await book(customer, picturesque.performance, best);
    return booked;
  };
  return {
    ...picturesque,
    venue: performance.venue.id,
    hall: performance.hall.id,
    /** Seats kept for the customer: a hold is short, so another one is made in time. */
    async checkout() {
      if (!hold || Date.parse(hold.expires_at) - Date.now() < 2 * 60_000) {
        hold = await customer("POST", `/v1/performances/${picturesque.performance}/holds`, best);
      }
      return `/checkout/${hold.id}`;
    },
    async booking() {
      return `/bookings/${(await order()).id}`;
    },
    /** A booking with a ticket on offer and one that was given away. */
    async giving() {
      giving ??= (async () => {
        const order = await book(customer, picturesque.performance, { best_available: { quantity: 3 } });
        await pass(customer, order.tickets[1].id, "Grace");
        const { id, offer: { token } } = await pass(customer, order.tickets[2].id, "Gus");
        await guest("POST", `/v1/tickets/${id}/acceptance`, { token, email: "gus@example.org", name: "Gus" });
        return `/bookings/${order.id}`;
      })();
      return giving;
    },
    /** The link of a ticket on offer. */
    async offer() {
      offer ??= offered();
      return (await offer).offer.link;
    },
    /** A ticket that the customer was given. */
    async given() {
      given ??= (async () => {
        const { id, offer: { token } } = await offered();
        await customer("POST", `/v1/tickets/${id}/acceptance`, { token });
        return `/tickets/${id}`;
      })();
      return given;
    },
    async order() {
      return (await order()).id;
    },
    async tickets() {
      return (await order()).tickets.map((ticket) => `ticket=${ticket.id}`).join("&");
    },
  };
}

/** Offers a ticket to somebody; gives the ticket after it. */
function pass(call, ticket, name, headers = {}) {
  return call("POST", `/v1/tickets/${ticket}/transfer`, { email: `${name.toLowerCase()}@example.org`, name }, headers);
}

/** Books seats; a guest says who they are. */
async function book(customer, performance, choice, person = {}) {
  const hold = await customer("POST", `/v1/performances/${performance}/holds`, choice);
  const order = { hold_id: hold.id, hold_token: hold.token, payment: { method: "card_ok" }, ...person };
  const placed = await customer("POST", "/v1/bookings", order);
  const mine = placed.token ? { "x-order-token": placed.token } : {};
  for (const deadline = Date.now() + 20_000; ; ) {
    const booking = await customer("GET", `/v1/bookings/${placed.id}`, undefined, mine);
    if (booking.status === "booked") return { ...booking, token: placed.token };
    if (Date.now() > deadline) throw new Error(`the booking stayed ${booking.status}`);
    await new Promise((settle) => setTimeout(settle, 50));
  }
}

/** So long before a performance of the demo's catalog its tickets can be cancelled. */
const CANCELLABLE_MS = 8 * 86_400_000;

/** A performance with a few hundred to a few thousand seats and several prices, some while ahead. */
export async function mostPicturesque(call) {
  const { items } = await call("GET", "/v1/events?limit=100");
  const offers = items.filter((event) => event.next_performance);
  let best;
  for (const event of offers) {
    const performance = await call("GET", `/v1/performances/${event.next_performance.id}`);
    const { capacity } = performance.availability;
    const score = performance.price_categories.length * 10 - Math.abs(Math.log10(capacity / 1_500)) * 8;
    const isAhead = Date.parse(performance.starts_at) > Date.now() + CANCELLABLE_MS;
    if (isAhead && capacity > 300 && capacity < 5_000 && (!best || score > best.score)) {
      best = { score, performance: performance.id ?? event.next_performance.id, event: event.id };
    }
  }
  if (!best) throw new Error("the demo catalog has no hall that makes a picture");
  return { performance: best.performance, event: best.event };
}

/** Signs a page's browser in by the form. */
export async function signInAs(page, node, role) {
  const { email, password } = node.login(role);
  await page.goto(`${node.url}/sign-in`);
  await page.getByTestId("sign-in").locator("[name=email]").fill(email);
  await page.getByTestId("sign-in").locator("[name=password]").fill(password);
  await Promise.all([page.waitForURL(`${node.url}/`), page.getByTestId("sign-in").locator("button").click()]);
}
