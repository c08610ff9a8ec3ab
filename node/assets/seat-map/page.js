/** The page on which seats are picked: loads the hall, follows its changes, and holds what is chosen. */

import { call, Refused, visit } from "../api.js";
import { announcer, make } from "../elements.js";
import { t } from "../texts.js";
import { money, tickets } from "../words.js";
import { Basket } from "./basket.js";
import { Chart } from "./chart.js";
import { Choice } from "./choice.js";
import { bindFilter, bindLegend, Filter } from "./filter.js";
import { Finder } from "./finder.js";
import { FREE, Hall } from "./hall.js";
import { Hints } from "./hints.js";
import { Line } from "./line.js";
import { Neighbours } from "./neighbours.js";
import { remember, remind } from "./reminder.js";
import { SeatList } from "./seat-list.js";
import { bindSheet } from "./sheet.js";

const root = document.querySelector("[data-testid=seat-page]");
const api = `/v1/performances/${root.dataset.performance}`;
const say = announcer(part("announcements"));
const notices = part("notices");

function part(name) {
  return root.querySelector(`[data-testid=${name}]`);
}

/** Shows a sentence with what can be done until it is dismissed, and reads it out. */
function notice(kind, words, ...actions) {
  const element = make("div", { class: `notice ${kind}` }, make("p", {}, words));
  const dismiss = make("button", { type: "button", class: "link-button", onclick: () => element.remove() }, t("dismiss"));
  for (const action of actions) action.addEventListener("click", () => element.remove());
  element.append(actions.length > 0 ? make("div", { class: "row" }, ...actions, dismiss) : dismiss);
  notices.append(element);
  while (notices.children.length > 3) notices.firstElementChild.remove();
  say(words);
}

async function start() {
  let hall;
  try {
    hall = new Hall(await call("GET", `${api}/seats`));
  } catch (error) {
    failed(error);
    return;
  }
  const choice = new Choice(hall, Number(root.dataset.ticketLimit) || 100);
  const filter = new Filter(hall);
  const neighbours = new Neighbours(hall);
  const basket = new Basket(root, hall, choice, (words) => notice("warn", words));
  const pick = picker(hall, choice);
  const chart = new Chart(root.querySelector(".map-frame"), hall, describer(hall, choice), (seat) => filter.fits(seat), {
    pick,
    say,
    // Without a line there is no sketch, and nothing else is missing.
    look: (seat) => sight().then((sight) => sight.show(seat), () => {}),
    area: (area) => {
      const input = root.querySelector(`#area-${area.index} input`);
      input?.focus();
      input?.scrollIntoView({ block: "center", behavior: "smooth" });
    },
  });
  let loaded;
  /** The sketch is drawn by a module that is loaded when somebody looks at a seat first. */
  const sight = () => (loaded ??= import("./sight.js").then(({ Sight }) => new Sight(part("sight"), hall, chart.grid)));
  const go = () => hold(hall, choice, basket, finder);
  const finder = new Finder(hall, neighbours, choice, filter, { tell: notice, show: (seats) => chart.show(seats), hold: go, say });
  choice.onChange(() => chart.choose(choice.seats.keys()));
  filter.onChange(() => chart.filterChanged());
  new SeatList(part("seat-list"), part("seat-search"), hall, choice, filter, pick);
  new Hints(part("hints"), hall, neighbours, choice, () => finder.together());
  finder.bind(part("best-available"));
  bindLegend(part("legend"), filter);
  if (part("filter")) bindFilter(part("filter"), filter, say);
  bindSheet(root);
  bindTools(chart, hall, sight);
  watch(hall, choice, basket, finder);
  for (const button of root.querySelectorAll("[data-continue]")) button.addEventListener("click", go);
  root.querySelector("[data-clear]").addEventListener("click", () => choice.clear());
  remind(root, choice, say);
  root.querySelector(".map-loading").remove();
  root.dataset.ready = "true";
}

/** There is no map: says why, and what works without. */
function failed(error) {
  const words = error instanceof Refused ? error.message : t("map-not-shown");
  const again = make("button", { type: "button", class: "button quiet compact", onclick: () => location.reload() }, t("try-again"));
  root.querySelector(".map-loading").replaceChildren(make("p", { class: "strong" }, t("map-did-not-arrive")), make("p", { class: "soft small" }, words), again);
  say(words);
  if (!(error instanceof Refused)) throw error;
}

/** The lines of the tip beside a seat, and from afar beside a section. */
function describer(hall, choice) {
  const seat = (seat) => {
    const category = hall.category[seat];
    const [first] = hall.concessionsOf(category);
    const concession = choice.seats.get(seat) ?? first;
    const isTaken = !hall.isFree(seat) && !choice.seats.has(seat);
    const price = isTaken ? "" : concession === undefined ? t("seat-not-sold-online") : `${hall.categories[category].name}, ${money(hall.price(category, concession), hall.currency)}`;
    const state = choice.seats.has(seat) ? t("seat-selected") : isTaken ? t("seat-taken") : "";
    const row = hall.row(seat);
    return [t("seat-name", { row: row.label, seat: hall.numbers[seat] }), hall.sections[row.section].name, price, hall.particular(seat), state].filter(Boolean);
  };
  const section = (seat) => {
    const index = hall.row(seat).section;
    const free = hall.freeOfSection[index];
    const least = hall.leastPrice(hall.sections[index]);
    const price = free > 0 && least !== undefined ? t("from-amount", { price: money(least, hall.currency) }) : "";
    return [hall.sections[index].name, free > 0 ? t("seats-free", { count: free }) : t("section-sold-out"), price].filter(Boolean);
  };
  return { seat, section };
}

/** Chooses a seat or lets it go, and says so. */
function picker(hall, choice) {
  return (seat) => {
    // The tip shows that it is taken; there is nothing to explain.
    if (!hall.isFree(seat) && !choice.seats.has(seat)) return say(t("is-taken", { place: hall.place(seat) }));
    const why = choice.toggle(seat);
    if (why) notice("warn", why);
    else {
      const told = { place: hall.place(seat), tickets: tickets(choice.quantity()), total: money(choice.total(), hall.currency) };
      say(choice.seats.has(seat) ? t("now-selected", told) : t("now-removed", told));
    }
  };
}

function bindTools(chart, hall, sight) {
  const tool = (name) => root.querySelector(`[data-tool=${name}]`);
  for (const [name, act] of [["zoom-in", () => chart.zoomIn()], ["zoom-out", () => chart.zoomOut()], ["fit", () => chart.fit()]]) {
    tool(name).addEventListener("click", act);
  }
  tool("sight").hidden = !hall.stage;
  tool("sight").addEventListener("click", async () => tool("sight").setAttribute("aria-pressed", String((await sight()).toggle())));
}

/** Follows the stream; lets go, with words, of chosen seats that somebody else took. */
function watch(hall, choice, basket, finder) {
  hall.onChange((seats, areas) => {
    root.dataset.seq = hall.seq;
    // What we are holding ourselves just now changes too.
    if (basket.isBusy) return;
    const lost = choice.dropTaken(seats);
    if (lost.length > 0) {
      notice("warn", t("just-taken", { count: lost.length, places: finder.places(lost) }), nearest(finder, lost));
    }
    for (const area of choice.dropFull(areas)) notice("warn", t("area-shrank", { area: area.name, count: area.free }));
  });
  const line = new Line(part("live"), part("line"), `${api}/seats/stream`, hall, say);
  addEventListener("pagehide", () => line.stop());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

function nearest(finder, lost) {
  const words = t("find-nearest", { count: lost.length });
  return make("button", { type: "button", class: "button quiet compact", "data-testid": "find-nearest", onclick: () => finder.nearest(lost) }, words);
}

/** Holds what is chosen and goes on to pay; or says why not. */
async function hold(hall, choice, basket, finder) {
  basket.busy(true);
  const chosen = [...choice.seats.keys()];
  try {
    const held = await call("POST", `${api}/holds`, choice.request());
    remember(root.dataset.performance, held);
    visit(`/checkout/${held.id}`);
  } catch (error) {
    basket.busy(false);
    if (!(error instanceof Refused)) throw error;
    const lost = choice.dropTaken(chosen);
    const seats = error.code === "seats-taken" ? taken(error, hall, chosen) : [];
    for (const seat of seats) if (choice.seats.has(seat)) choice.toggle(seat);
    const gone = [...new Set([...lost, ...seats])];
    if (gone.length > 0) {
      const rest = choice.quantity() > 0 ? t("continue-with-rest") : t("choose-others");
      notice("warn", `${t("taken-before-hold", { count: gone.length, places: finder.places(gone) })} ${rest}`, nearest(finder, gone));
    } else {
      notice("bad", `${error.title}. ${error.message}`);
    }
  }
}

/** The chosen seats that a refusal names: by id, or else by what the map shows. */
function taken(error, hall, chosen) {
  const named = new Set((error.problem.seats ?? []).map(String));
  return chosen.filter((seat) => named.has(hall.ids[seat]) || named.has(String(seat)) || hall.status[seat] !== FREE);
}

start();
