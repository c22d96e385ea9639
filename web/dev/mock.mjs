// A node that is none: serves built pages and answers the API from dev/fixtures/, so that pages can
// be made and looked at without the program. node dev/mock.mjs [PORT]; then http://127.0.0.1:8470
//
// Sign in as duty, analyst, legal, release, rights, admin, auditor or glass, with any password and
// any code but 000000. A set-up link is /setup#demo. It decides nothing and keeps nothing.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { agreementRoutes } from "./fixtures/agreements.mjs";
import { coverageRoutes } from "./fixtures/coverage.mjs";
import { exchangeRoutes } from "./fixtures/exchange.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(here, "../dist");
const fixture = (name) => JSON.parse(readFileSync(join(here, "fixtures", `${name}.json`), "utf8"));

// As the node sends them: what the pages do must be possible under these.
const security = {
  "Content-Security-Policy":
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

class Refusal extends Error {
  constructor(status, kind, detail) {
    super(detail);
    this.status = status;
    this.kind = kind;
  }
}

const sessions = new Map();
const csrf = "mock-csrf";
const state = {
  today: fixture("today"),
  changes: fixture("account-changes"),
  approvals: fixture("approvals"),
};

function sessionOf(account) {
  return {
    account: account.account,
    name: account.name,
    roles: account.roles,
    csrf,
    ends: new Date(Date.now() + 12 * 3_600_000).toISOString(),
    language: sessions.get(account.account) ?? "en",
    break_glass: account.break_glass,
  };
}

function page(rows, query) {
  const limit = Number(query.get("limit") ?? 50);
  const from = Number(query.get("cursor") ?? 0);
  const next = from + limit < rows.length ? String(from + limit) : null;
  return { items: rows.slice(from, from + limit), next, total: rows.length };
}

function check(code) {
  if (!/^\d{6}$/.test(code ?? "") || code === "000000") {
    throw new Refusal(403, "not-verified", "the code does not hold, or was used before");
  }
}

function signIn({ account, password, code }) {
  const found = fixture("accounts").items.find((one) => one.account === account);
  if (found?.state !== "active" || !password || code === "000000") {
    throw new Refusal(401, "unauthenticated", "account, password or code is not right");
  }
  return {
    headers: { "Set-Cookie": `comity_session=${account}; HttpOnly; SameSite=Strict; Path=/` },
    body: sessionOf(found),
  };
}

function parties() {
  const text = readFileSync(resolve(here, "../../register/parties.toml"), "utf8");
  return [...text.matchAll(/\[\[party\]\]\ncode = "(.*)"\nname = "(.*)"\nkind = "(.*)"/g)].map(
    ([, code, name, kind]) => ({ code, name, kind }),
  );
}

const setup = {
  account: "new",
  name: "مريم العلي",
  roles: ["analyst"],
  otpauth: "otpauth://totp/Comity:new?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
  secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
  expires: new Date(Date.now() + 900_000).toISOString(),
};

// Not a code that can be read: squares in the form in which the node draws one.
function qr() {
  let dark = "";
  for (let y = 4; y < 33; ++y) {
    for (let x = 4; x < 33; ++x) {
      if (createHash("sha256").update(`${x} ${y}`).digest()[0] % 2) dark += `M${x} ${y}h1v1h-1z`;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 37 37" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h37v37H0z"/><path fill="#000" d="${dark}"/></svg>`;
}

// [method, pattern, answer of (parts, query, body, account)]; undefined answers 204.
const routes = [
  ...exchangeRoutes,
  ...agreementRoutes,
  ...coverageRoutes,
  ["GET", "/node", () => ({ ...fixture("node"), now: new Date().toISOString() })],
  ["GET", "/parties", () => ({ items: parties() })],
  ["GET", "/vocabulary", () => fixture("vocabulary")],
  ["GET", "/today", () => state.today],
  [
    "PUT",
    "/today/items/*/owner",
    ([id], _, body, account) => {
      const lists = [state.today.late, state.today.fresh, state.today.unowned];
      const items = lists.flat().filter((item) => item.id === id);
      for (const item of items) item.owner = body.owner === "me" ? account.account : null;
      return items[0];
    },
  ],
  [
    "POST",
    "/alarms/*/acknowledgement",
    ([id], _, body) => {
      check(body.code);
      state.today.alarms = state.today.alarms.filter((item) => item.id !== id);
    },
  ],
  ["GET", "/peers", () => fixture("peers")],
  [
    "POST",
    "/invitations",
    (_, __, body) => ({
      invitation: JSON.stringify({
        type: "comity-invitation",
        format: 2,
        party: "CN",
        mode: "exercise",
        invited: body.party,
        endpoint: body.endpoint,
        root_key: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
      }),
    }),
  ],
  [
    "POST",
    "/pairings",
    (_, __, body) => {
      if (!body.invitation.trim().startsWith("{"))
        throw new Refusal(400, "invalid-input", "the invitation is no JSON object");
      return {
        party: "XA",
        endpoint: "https://node.xa.example:8443",
        digits: fixture("peers").items[0].digits,
        confirmed: body.confirmed,
      };
    },
  ],
  ["GET", "/ledger", (_, query) => page(fixture("ledger").reverse(), query)],
  ["GET", "/ledger/checkpoint", () => fixture("checkpoint")],
  ["GET", "/doctor", () => fixture("doctor")],
  ["GET", "/accounts", () => fixture("accounts")],
  ["GET", "/account-changes", () => state.changes],
  [
    "POST",
    "/account-changes",
    (_, __, body, account) => {
      const light = (body.roles ?? []).every((role) => ["duty-officer", "analyst"].includes(role));
      const change = {
        id: `c${state.changes.items.length + 1}`,
        change: body.change,
        account: body.account,
        name: body.name ?? "",
        roles: body.roles ?? [],
        proposed_by: account.account,
        proposed: new Date().toISOString(),
        state: light ? "done" : "waiting",
        link: light
          ? "http://127.0.0.1:8470/setup#mock-token-of-forty-three-characters-in-all-x"
          : null,
        link_expires: light ? setup.expires : null,
      };
      if (!light) state.changes.items.push(change);
      return change;
    },
  ],
  [
    "POST",
    "/account-changes/*/confirmation",
    ([id], _, body) => {
      check(body.code);
      const change = state.changes.items.find((one) => one.id === id);
      if (!change) throw new Refusal(404, "not-found", "there is nothing here");
      change.state = "done";
      return {
        ...change,
        link: "http://127.0.0.1:8470/setup#mock-token",
        link_expires: setup.expires,
      };
    },
  ],
  [
    "DELETE",
    "/account-changes/*",
    ([id]) => {
      state.changes.items = state.changes.items.filter((one) => one.id !== id);
    },
  ],
  ["GET", "/officers", () => fixture("officers")],
  ["GET", "/approvals", () => state.approvals],
  [
    "POST",
    "/approvals",
    (_, __, body) => {
      if (!/^[\w-]+\.\.[\w-]{86}$/.test(body.signature.signature))
        throw new Refusal(400, "invalid-input", "no detached signature");
      const approval = state.approvals.items[0];
      return { ...approval, state: "done", result: "verified" };
    },
  ],
  ["DELETE", "/approvals/*", () => {}],
  [
    "GET",
    "/records",
    (_, query) =>
      page(
        fixture("records").filter(
          (row) =>
            (!query.get("q") ||
              row.name.includes(query.get("q")) ||
              row.stix_id.startsWith(query.get("q"))) &&
            (!query.get("type") || row.type === query.get("type")) &&
            (!query.get("state") || row.state === query.get("state")),
        ),
        query,
      ),
  ],
  ["GET", "/inbox", (_, query) => page(fixture("inbox"), query)],
  [
    "GET",
    "/outbox",
    (_, query) =>
      page(
        fixture("outbox").filter((row) => !query.get("state") || row.state === query.get("state")),
        query,
      ),
  ],
  [
    "GET",
    "/disclosures/*",
    ([id]) => ({
      ...(fixture("outbox").find((row) => row.disclosure === id) ?? fixture("outbox")[0]),
      record_ids: fixture("records")
        .slice(0, 5)
        .map((row) => row.id),
      statement: { type: "comity-disclosure", format: 1 },
      receipt: null,
    }),
  ],
  [
    "POST",
    "/imports",
    () => ({
      import: "comity-import--1",
      objects: 12,
      added: 9,
      existed: 2,
      refused: 1,
      warnings: 1,
      losses: [
        {
          severity: "refused",
          where: "$.objects[4]",
          id: "x-unknown--1",
          why: "no type that this node knows",
        },
        { severity: "warning", where: "$.objects[7]", id: "note--1", why: "long free text" },
      ],
    }),
  ],
];

function matched(method, path) {
  for (const [wanted, pattern, answer] of routes) {
    if (wanted !== method) continue;
    const expression = new RegExp(`^${pattern.replaceAll("*", "([^/]+)")}$`);
    const match = expression.exec(path);
    if (match) return { answer, parts: match.slice(1).map(decodeURIComponent) };
  }
  throw new Refusal(404, "not-found", "there is nothing here");
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return text ? JSON.parse(text) : {};
}

async function api(request, response, path, query) {
  const cookie = /comity_session=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
  const account = fixture("accounts").items.find((one) => one.account === cookie);
  const body = ["POST", "PUT"].includes(request.method) ? await bodyOf(request) : {};
  if (path === "/session" && request.method === "POST") return signIn(body);
  if (path === "/setup") return { body: { ...setup, qr_svg: qr() } };
  if (path === "/setup/complete") {
    check(body.code);
    return {};
  }
  // What a node says of itself to whoever asks: no page is shown before it is known.
  if (path === "/mode") {
    const { mode, exercise } = fixture("node");
    return { body: { mode, exercise } };
  }
  if (!account) throw new Refusal(401, "unauthenticated", "nobody is signed in");
  if (request.method !== "GET" && request.headers["x-comity-csrf"] !== csrf) {
    throw new Refusal(403, "not-permitted", "the token of the session is missing");
  }
  if (path === "/session/preferences") {
    sessions.set(account.account, body.language);
    return { body: sessionOf(account) };
  }
  if (path === "/session") {
    if (request.method === "DELETE")
      return { headers: { "Set-Cookie": "comity_session=; Max-Age=0; Path=/" } };
    return { body: sessionOf(account) };
  }
  if (path === "/events") {
    response.writeHead(200, {
      ...security,
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
    });
    response.write(": here\n\n");
    return null;
  }
  const { answer, parts } = matched(request.method, path);
  return { body: answer(parts, query, body, account) };
}

function send(response, status, body, headers = {}) {
  response.writeHead(status, { ...security, "Cache-Control": "no-store", ...headers });
  response.end(body);
}

function sendPage(response, path) {
  const wanted = normalize(path).replace(/^\/+/, "");
  for (const name of [wanted, ...(extname(wanted) ? [] : ["index.html"])]) {
    try {
      const bytes = readFileSync(join(dist, name));
      return send(response, 200, bytes, {
        "Content-Type": types[extname(name)] ?? "application/octet-stream",
      });
    } catch {
      // The next name.
    }
  }
  return send(response, 404, "there is nothing here; was `npm run build` run?");
}

export function start(port) {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://mock");
    if (!url.pathname.startsWith("/api/v1/")) return sendPage(response, url.pathname);
    try {
      const answer = await api(
        request,
        response,
        url.pathname.slice("/api/v1".length),
        url.searchParams,
      );
      if (answer === null) return;
      if (answer.body === undefined) return send(response, 204, undefined, answer.headers);
      // A drawing is a text, everything else JSON.
      const drawn = typeof answer.body === "string";
      const text = drawn ? answer.body : JSON.stringify(answer.body);
      const etag = `"${createHash("sha256").update(text).digest("hex")}"`;
      if (request.method === "GET" && request.headers["if-none-match"] === etag) {
        return send(response, 304, undefined, { ETag: etag });
      }
      send(response, 200, text, {
        "Content-Type": drawn ? types[".svg"] : "application/json",
        ETag: etag,
        ...answer.headers,
      });
    } catch (error) {
      const status = error.status ?? 500;
      const kind = error.kind ?? "internal";
      if (status === 500) console.error(error);
      const problem = { type: `comity:${kind}`, title: kind, status, detail: error.message, kind };
      if (error.where) problem.where = error.where;
      send(response, status, JSON.stringify(problem), {
        "Content-Type": "application/problem+json",
      });
    }
  });
  return new Promise((done) => server.listen(port, "127.0.0.1", () => done(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await start(Number(process.argv[2] ?? 8470));
  console.log(`http://127.0.0.1:${server.address().port}`);
}
