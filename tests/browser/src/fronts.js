/**
 * Two addresses of one node, each of which can die by itself: what pages see of a cluster. What a node of a cluster says of
 * its siblings (in `/v1/nearest`, its pages and its headers) is written here as the node's own tests expect it.
 */

import { createServer, request } from "node:http";

/** Starts a front for the node at `url`; `others` returns the origins of the other fronts. */
export async function startFront(url, others) {
  const sockets = new Set();
  const server = createServer((asked, answer) => {
    const origin = others().find((other) => other === asked.headers.origin);
    const shared = origin
      ? { "access-control-allow-origin": origin, "access-control-allow-credentials": "true", vary: "origin" }
      : {};
    if (origin && asked.method === "OPTIONS") {
      const allowed = "content-type, idempotency-key, x-csrf-token";
      answer.writeHead(204, { ...shared, "access-control-allow-methods": "GET, POST", "access-control-allow-headers": allowed });
      return answer.end();
    }
    if (asked.url === "/v1/nearest") {
      const node = (origin) => ({ name: origin, region: "here", zone: "a", url: origin, distance_km: null });
      answer.writeHead(200, { ...shared, "content-type": "application/json" });
      return answer.end(JSON.stringify({ node: node(front.url), alternatives: others().map(node) }));
    }
    const headers = { ...asked.headers, "accept-encoding": "identity" };
    const passed = request(url + asked.url, { method: asked.method, headers }, (answered) => {
      const told = { ...answered.headers, ...shared };
      if (!told["content-type"]?.startsWith("text/html")) {
        answer.writeHead(answered.statusCode, told);
        return answered.pipe(answer);
      }
      told["content-security-policy"] = `${told["content-security-policy"]} ${others().join(" ")}`;
      delete told["content-length"];
      const parts = [];
      answered.on("data", (part) => parts.push(part));
      answered.on("end", () => {
        const page = Buffer.concat(parts).toString();
        const assets = /href="(\/assets\/\w+)\/icon.svg"/.exec(page)[1];
        answer.writeHead(answered.statusCode, told);
        answer.end(
          page
            .replace("<title>", '<meta name="other-nodes" content="true"><title>')
            .replace("</body>", `<script type="module" src="${assets}/nodes.js"></script></body>`),
        );
      });
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise((settle) => server.listen(0, "127.0.0.1", settle));
  const front = {
    url: `http://127.0.0.1:${server.address().port}`,
    /** As if the node were killed: its connections break, and there are no others. */
    async die() {
      const closed = new Promise((settle) => server.close(settle));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return front;
}
