/** Follows a performance's changes by server-sent events, and says whether the picture is live. */

/**
 * @param url the stream's address
 * @param hall what the events change
 * @param onState called with "live", "waiting" or "reset" (the map itself changed: load it again)
 * @returns what to call to stop
 */
export function follow(url, hall, onState) {
  const source = new EventSource(url);
  source.addEventListener("open", () => onState("live"));
  source.addEventListener("error", () => onState("waiting"));
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
    source.close();
    onState("reset");
  });
  return () => source.close();
}
