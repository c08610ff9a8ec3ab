/** A node for the pages to come from: the binary, in a process of its own, over a folder that is removed afterwards. */

import { spawn } from "node:child_process";
import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const HOUSE = resolve(import.meta.dirname, "../../..");

/** The binary: MARQUEE_BIN, or the debug build. */
function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(HOUSE, "target");
  const path = process.env.MARQUEE_BIN ?? join(target, "debug", "marquee");
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`cargo build -p marquee-node\``);
  return path;
}

/** Starts a demo node; resolves when it is ready. `empty` leaves its catalog empty. */
export async function startMarquee({ empty = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "marquee-browser-"));
  const log = join(folder, "node.log");
  const options = ["demo", "--single", ...(empty ? ["--empty"] : []), "--json", "--listen", "127.0.0.1:0", "--data", join(folder, "data")];
  const child = spawn(binary(), options, { stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.pipe(createWriteStream(log));
  const ended = new Promise((settle) => child.once("exit", (code, signal) => settle({ code, signal })));
  const line = await Promise.race([
    new Promise((settle) => createInterface({ input: child.stdout }).once("line", settle)),
    ended.then(({ code, signal }) => {
      throw new Error(`the node ended with ${code ?? signal}:\n${readFileSync(log, "utf8")}`);
    }),
  ]);
  const told = JSON.parse(line);
  return {
    url: told.nodes[0].http,
    login: (role) => told.accounts.find((account) => account.role === role),
    async stop() {
      child.kill("SIGTERM");
      const { code, signal } = await ended;
      const words = readFileSync(log, "utf8");
      await rm(folder, { recursive: true, force: true });
      if (code !== 0) throw new Error(`the node ended with ${code ?? signal}:\n${words}`);
    },
  };
}

/** Calls the API; throws unless it is answered with success. */
export function api(url, token) {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return text === "" ? null : JSON.parse(text);
  };
}

/** The API for somebody who is signed in. */
export async function signedIn(node, role) {
  const { email, password } = node.login(role);
  const session = await api(node.url)("POST", "/v1/sessions", { email, password });
  return api(node.url, session.access_token);
}

/** Puts a performance in a small theatre on sale; returns its ids. */
export async function putOnSale(organizer) {
  const venue = await organizer("POST", "/v1/venues", {
    name: "Playhouse", kind: "theater", address: "1 Side Street", city: "Chicago", region: "IL", country: "US",
    zip: "60601", time_zone: "America/Chicago",
  });
  const hall = await organizer("POST", `/v1/venues/${venue.id}/halls`, {
    name: "Main stage",
    seat_map: {
      stage: { shape: "stage", label: "Stage", outline: [[-8, 0], [8, 0], [8, 2], [-8, 2]] },
      price_categories: [
        { key: "front", name: "Front", color: "#8e5bd0" },
        { key: "rear", name: "Rear", color: "#2f7d4f" },
      ],
      sections: [
        {
          key: "stalls", name: "Stalls", price_category: "front",
          blocks: [{ rows: "A-F", seats: 14, at: [0, 5], curve: 22, aisle_after: [7] }],
        },
        {
          key: "circle", name: "Circle", rank: 100, price_category: "rear",
          blocks: [{ rows: "A-D", seats: 18, at: [0, 15], curve: 32, aisle_after: [9] }],
        },
      ],
    },
  });
  const event = await organizer("POST", "/v1/events", {
    kind: "theatre", title: "The Understudy", description: "Somebody has to go on.", performers: ["The House Company"],
  });
  const performance = await organizer("POST", "/v1/performances", {
    event_id: event.id, hall_id: hall.id, starts_at: "2099-05-01T19:30", currency: "USD",
    prices: [{ category: "front", amount: 6200 }, { category: "rear", amount: 3800 }],
  });
  return { event: event.id, performance: performance.id };
}
