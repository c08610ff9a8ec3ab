import { base, credentials, unreachable } from "../nodes.js";

/** Follows a performance's changes by server-sent events, and says whether the picture is live. */

/**
 * @param path the stream's path
 * @param hall what the events change
 * @param onState called with "live", "waiting" or "reset" (the map itself changed: load it again)
 * @returns what to call to stop
 */
export function follow(path, hall, onState) {
  let source;
  let stopped = false;
  const stop = () => {
    stopped = true;
    source.close();
  };
  const open = () => {
    const from = base();
    const ours = (source = new EventSource(from + path, { withCredentials: credentials() === "include" }));
    listen(ours, hall, onState, stop);
    ours.addEventListener("error", async () => {
      onState("waiting");
      await unreachable();
      // The browser connects again by itself, but only to the node that it was connected to.
      if (stopped || source !== ours || base() === from) return;
      ours.close();
      open();
    });
  };
  open();
  return stop;
}

function listen(source, hall, onState, stop) {
  source.addEventListener("open", () => onState("live"));
  source.addEventListener("snapshot", (event) => {
    const { seq, seats, areas } = JSON.parse(event.data);
    // A snapshot older than what was loaded cannot tell anything.
    if (seq < hall.seq) return;
    hall.change(seq, Array.from(seats, (letter, seat) => [seat, letter]), (areas ?? []).map((free, index) => [index, free]));
  });
  source.addEventListener("seats", (event) => {
    const { seq, seats, areas } = JSON.parse(event.data);
    if (seq > hall.seq) hall.change(seq, seats ?? [], areas ?? []);
  });
  source.addEventListener("reset", () => {
    stop();
    onState("reset");
  });
}
