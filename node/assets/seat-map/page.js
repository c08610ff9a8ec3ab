/** The page on which seats are picked: loads the hall, follows its changes, and holds what is chosen. */

import { call, Refused, sendForm, visit } from "../api.js";
import { announcer, make } from "../elements.js";
import { clock, count, list, money, title } from "../words.js";
import { Basket } from "./basket.js";
import { Chart } from "./chart.js";
import { Choice } from "./choice.js";
import { FREE, Hall } from "./hall.js";
import { SeatList } from "./seat-list.js";
import { follow } from "./stream.js";

const root = document.querySelector("[data-testid=seat-page]");
const performanceId = root.dataset.performance;
const api = `/v1/performances/${performanceId}`;
const say = announcer(root.querySelector("[data-testid=announcements]"));
const notices = root.querySelector("[data-testid=notices]");
/** Where this tab remembers what it holds, for who comes back from the checkout. */
const HELD = `marquee.hold.${performanceId}`;

/** Shows a sentence until it is dismissed, and reads it out. */
function notice(kind, words, ...more) {
  const element = make("div", { class: `notice ${kind}` }, make("p", {}, words, ...more));
  element.append(make("button", { type: "button", class: "link-button", onclick: () => element.remove() }, "Dismiss"));
  notices.append(element);
  while (notices.children.length > 4) notices.firstElementChild.remove();
  say(words);
}

async function start() {
  let hall;
  try {
    hall = new Hall(await call("GET", `${api}/seats`));
  } catch (error) {
    root.querySelector(".map-loading").replaceChildren(make("p", {}, error instanceof Refused ? error.message : "The seat map cannot be shown here. Use “Best available” below."));
    return;
  }
  const limit = Number(root.dataset.ticketLimit) || 100;
  const choice = new Choice(hall, limit);
  const complain = (words) => notice("warn", words);
  const basket = new Basket(root, hall, choice, complain);

  const describe = (seat) => {
    const category = hall.category[seat];
    const [first] = hall.concessionsOf(category);
    const concession = choice.seats.get(seat) ?? first;
    const isTaken = !hall.isFree(seat) && !choice.seats.has(seat);
    const price = isTaken ? "" : concession === undefined ? "not sold online" : `${hall.categories[category].name}, ${money(hall.price(category, concession), hall.currency)}`;
    const state = choice.seats.has(seat) ? "selected" : isTaken ? "taken" : "";
    const row = hall.row(seat);
    return [`Row ${row.label}, seat ${hall.numbers[seat]}`, hall.sections[row.section].name, price, hall.particular(seat), state].filter(Boolean);
  };

  const pick = (seat) => {
    // The tip shows that it is taken; there is nothing to explain.
    if (!hall.isFree(seat) && !choice.seats.has(seat)) return say(`${hall.place(seat)} is taken.`);
    const why = choice.toggle(seat);
    if (why) complain(why);
    else say(`${hall.place(seat)} ${choice.seats.has(seat) ? "selected" : "removed"}. ${count(choice.quantity(), "ticket")}, ${money(choice.total(), hall.currency)}.`);
  };

  const chart = new Chart(root.querySelector(".map-frame"), hall, describe, {
    pick,
    say,
    area: (area) => {
      const input = root.querySelector(`#area-${area.index} input`);
      input?.focus();
      input?.scrollIntoView({ block: "center", behavior: "smooth" });
    },
  });
  choice.onChange(() => chart.choose(choice.seats.keys()));
  new SeatList(root.querySelector("[data-testid=seat-list]"), hall, choice, pick);

  for (const [tool, act] of [["zoom-in", () => chart.zoomIn()], ["zoom-out", () => chart.zoomOut()], ["fit", () => chart.fit()]]) {
    root.querySelector(`[data-tool=${tool}]`).addEventListener("click", act);
  }

  watch(hall, choice, basket);
  for (const button of root.querySelectorAll("[data-continue]")) {
    button.addEventListener("click", () => hold(hall, choice, basket));
  }
  root.querySelector("[data-clear]").addEventListener("click", () => choice.clear());
  remind(choice);
  root.querySelector(".map-loading").remove();
  root.dataset.ready = "true";
}

/** Follows the stream; lets go, with words, of chosen seats that somebody else took. */
function watch(hall, choice, basket) {
  const live = root.querySelector("[data-testid=live]");
  hall.onChange((seats, areas) => {
    root.dataset.seq = hall.seq;
    // What we are holding ourselves just now changes too.
    if (basket.isBusy) return;
    const lost = choice.dropTaken(seats);
    if (lost.length > 0) {
      const places = list(lost.map((seat) => hall.place(seat)));
      const [was, it] = lost.length === 1 ? ["was", "it"] : ["were", "they"];
      notice("warn", `${places} ${was} just taken by somebody else. ${title(it)} ${was} removed from your selection.`);
    }
    for (const area of choice.dropFull(areas)) notice("warn", `${area.name} has only ${area.free} places left. Your selection was reduced.`);
  });
  const words = { live: "Live", waiting: "Reconnecting…", reset: "Changed" };
  const stop = follow(`${api}/seats/stream`, hall, (state) => {
    live.dataset.state = state;
    live.textContent = words[state];
    if (state === "reset") notice("warn", "The seat map was changed by the organizer. ", make("a", { href: location.href }, "Load it again"));
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

/** Holds what is chosen and goes on to pay; or says why not. */
async function hold(hall, choice, basket) {
  basket.busy(true);
  const chosen = [...choice.seats.keys()];
  try {
    const held = await call("POST", `${api}/holds`, choice.request());
    try {
      sessionStorage.setItem(HELD, JSON.stringify({ id: held.id, expires: held.expires_at }));
    } catch {
      // Without storage nobody is reminded; the hold is the same.
    }
    visit(`/checkout/${held.id}`);
  } catch (error) {
    basket.busy(false);
    if (!(error instanceof Refused)) throw error;
    const lost = choice.dropTaken(chosen);
    const seats = error.code === "seats-taken" ? taken(error, hall, chosen) : [];
    for (const seat of seats) if (choice.seats.has(seat)) choice.toggle(seat);
    const gone = [...new Set([...lost, ...seats])];
    if (gone.length > 0) {
      notice("warn", `${list(gone.map((seat) => hall.place(seat)))} ${gone.length === 1 ? "was" : "were"} taken by somebody else a moment ago, so nothing was held. ${choice.quantity() > 0 ? "Continue with the rest, or choose others." : "Choose others."}`);
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

/** Who comes back from the checkout still holds seats: offers the way on, and to let them go. */
function remind(choice) {
  let held;
  try {
    held = JSON.parse(sessionStorage.getItem(HELD));
  } catch {
    return;
  }
  if (!held || Date.parse(held.expires) <= Date.now()) return;
  const left = clock(Date.parse(held.expires) - Date.now());
  const element = make(
    "div",
    { class: "notice good", "data-testid": "held-reminder" },
    make("p", {}, `You still hold seats for this performance, for ${left} minutes.`),
    make(
      "div",
      { class: "row" },
      make("a", { class: "button compact", href: `/checkout/${held.id}` }, "Go to checkout"),
      make("button", { type: "button", class: "button quiet compact", onclick: release }, "Give them back"),
    ),
  );
  root.querySelector("[data-testid=seat-map]").prepend(element);

  async function release() {
    sessionStorage.removeItem(HELD);
    element.remove();
    await sendForm(`/checkout/${held.id}/release`);
    say("Your seats were given back.");
    choice.clear();
  }
}

start();
