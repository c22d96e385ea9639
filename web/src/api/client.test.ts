import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ApiError,
  forget,
  get,
  importTimeoutMs,
  keptAnswersMax,
  lastUsed,
  noteAct,
  onSessionEnded,
  path,
  pathOf,
  post,
  remove,
  request,
  setCsrf,
  unattendedAfterMs,
} from "./client.ts";

type Answer = {
  status?: number;
  body?: unknown;
  text?: string;
  headers?: { [name: string]: string };
};

let answers: Answer[] = [];
let calls: { url: string; init: RequestInit & { headers: { [name: string]: string } } }[] = [];

beforeEach(() => {
  answers = [];
  calls = [];
  forget();
  vi.stubGlobal(
    "fetch",
    vi.fn(async (url: string, init: (typeof calls)[number]["init"]) => {
      calls.push({ url, init });
      const answer = answers.shift();
      if (!answer) throw new TypeError("Failed to fetch");
      const status = answer.status ?? 200;
      const body = answer.text ?? (answer.body === undefined ? null : JSON.stringify(answer.body));
      return new Response(status === 204 || status === 304 ? null : body, {
        status,
        headers: answer.headers ?? {},
      });
    }),
  );
});

afterEach(() => vi.unstubAllGlobals());

async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof ApiError)) throw new Error(`no ApiError: ${String(error)}`);
  return error;
}

describe("addresses", () => {
  it("have their parts encoded", () => {
    expect(path`/records/${"a/b?c"}/recipients`).toBe("/records/a%2Fb%3Fc/recipients");
    expect(
      pathOf("/records", { q: "a&b", cursor: null, limit: 50, state: undefined, type: "" }),
    ).toBe("/api/v1/records?q=a%26b&limit=50");
  });
});

describe("a request", () => {
  it("carries the token of the session when it changes something, and only then", async () => {
    setCsrf("token");
    answers = [{ body: {} }, { body: {} }, { status: 204 }];
    await get("/node");
    await post("/session", { a: 1 });
    await remove("/session");
    expect(calls.map((call) => call.init.headers["X-Comity-CSRF"])).toEqual([
      undefined,
      "token",
      "token",
    ]);
    expect(calls[1]?.init.body).toBe('{"a":1}');
    expect(calls.every((call) => call.init.credentials === "same-origin")).toBe(true);
  });

  it("asks with the tag of an answer that is kept, and takes that when nothing changed", async () => {
    answers = [
      { body: { n: 1 }, headers: { ETag: '"x"' } },
      { status: 304 },
      { body: { n: 2 }, headers: { ETag: '"y"' } },
    ];
    expect(await get("/today")).toEqual({ n: 1 });
    expect(await get("/today")).toEqual({ n: 1 });
    expect(await get("/today")).toEqual({ n: 2 });
    expect(calls.map((call) => call.init.headers["If-None-Match"])).toEqual([
      undefined,
      '"x"',
      '"x"',
    ]);
  });

  it("keeps nothing over the end of a session", async () => {
    answers = [{ body: { n: 1 }, headers: { ETag: '"x"' } }, { body: { n: 2 } }];
    await get("/today");
    forget();
    await get("/today");
    expect(calls[1]?.init.headers["If-None-Match"]).toBeUndefined();
  });

  it("keeps a bounded number of answers, the oldest go first", async () => {
    for (let i = 0; i <= keptAnswersMax; ++i) {
      answers.push({ body: i, headers: { ETag: `"${i}"` } });
      await get("/records", { cursor: String(i) });
    }
    answers = [{ body: 0 }, { body: 0 }];
    await get("/records", { cursor: "1" });
    await get("/records", { cursor: "0" });
    expect(calls.at(-2)?.init.headers["If-None-Match"]).toBe('"1"');
    expect(calls.at(-1)?.init.headers["If-None-Match"]).toBeUndefined();
  });
});

describe("an error", () => {
  it("is what the node says", async () => {
    answers = [
      {
        status: 409,
        body: {
          type: "comity:conflict",
          title: "Conflict",
          status: 409,
          detail: "somebody else",
          kind: "conflict",
          where: "$.a",
        },
      },
    ];
    const error = await errorOf(post("/release-requests"));
    expect(error).toMatchObject({
      status: 409,
      kind: "conflict",
      detail: "somebody else",
      where: "$.a",
    });
    expect(error.message).toBe("somebody else");
  });

  it.each([
    [401, "unauthenticated"],
    [403, "not-permitted"],
    [404, "not-found"],
    [429, "too-many"],
    [500, "internal"],
    [418, "invalid-input"],
  ])("without a body has a kind by its status %d", async (status, kind) => {
    answers = [{ status, text: "<html>" }];
    expect((await errorOf(get("/node"))).kind).toBe(kind);
  });

  it("is 'unreachable' when nothing answers, 'unreadable' when it is no JSON", async () => {
    expect(await errorOf(get("/node"))).toMatchObject({ status: 0, kind: "unreachable" });
    answers = [{ text: "<html>" }];
    expect((await errorOf(get("/node"))).kind).toBe("unreadable");
  });

  it("that says nobody is signed in is told to whoever listens, but not by sign-in itself", async () => {
    const told = vi.fn();
    const stop = onSessionEnded(told);
    answers = [{ status: 401 }, { status: 401 }, { status: 401 }];
    await errorOf(post("/session", {}));
    expect(told).not.toHaveBeenCalled();
    await errorOf(get("/today"));
    expect(told).toHaveBeenCalledOnce();
    stop();
    await errorOf(get("/today"));
    expect(told).toHaveBeenCalledOnce();
  });

  it("of whoever took the request back is theirs", async () => {
    const own = new AbortController();
    own.abort();
    vi.stubGlobal(
      "fetch",
      vi.fn(async (_: string, init: RequestInit) => {
        init.signal?.throwIfAborted();
      }),
    );
    const error = await get("/node", undefined, own.signal).catch((caught: unknown) => caught);
    expect(error).not.toBeInstanceOf(ApiError);
  });
});

describe("a page that is left open", () => {
  afterEach(() => vi.useRealTimers());

  it("says that it reads by itself, which is no use of the session", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const begun = new Date("2026-11-24T08:00:00Z").getTime();
    vi.setSystemTime(begun);
    noteAct();
    answers = [{ body: {} }, { body: {} }, { body: {} }, { body: {} }];
    const said = () => calls[calls.length - 1]?.init.headers["X-Comity-Unattended"];
    vi.setSystemTime(begun + unattendedAfterMs - 1);
    await get("/today");
    expect(said()).toBeUndefined();
    expect(lastUsed()).toBe(begun + unattendedAfterMs - 1);
    vi.setSystemTime(begun + unattendedAfterMs);
    await get("/today");
    expect(said()).toBe("1");
    expect(lastUsed()).toBe(begun + unattendedAfterMs - 1);
    // What changes the node is an act.
    await post("/release-requests");
    expect(said()).toBeUndefined();
    expect(lastUsed()).toBe(begun + unattendedAfterMs);
    noteAct();
    await get("/today");
    expect(said()).toBeUndefined();
  });
});

describe("waiting for an answer", () => {
  it("has a bound, a longer one where it is asked for, and can be ended", async () => {
    const limits: number[] = [];
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      limits.push(ms);
      return new AbortController().signal;
    });
    answers = [{ body: {} }, { body: {} }];
    await get("/today");
    await request("POST", "/imports", { raw: "{}", timeoutMs: importTimeoutMs });
    timeout.mockRestore();
    expect(limits).toEqual([30_000, 600_000]);

    vi.stubGlobal(
      "fetch",
      (_: string, init: RequestInit) =>
        new Promise((_resolve, reject) =>
          init.signal?.addEventListener("abort", () => reject(init.signal?.reason)),
        ),
    );
    const stop = new AbortController();
    const ended = request("POST", "/imports", { raw: "{}", signal: stop.signal });
    stop.abort();
    await expect(ended).rejects.toThrow(/abort/i);
    const late = await errorOf(request("POST", "/imports", { raw: "{}", timeoutMs: 1 }));
    expect([late.status, late.kind]).toEqual([0, "timeout"]);
  });
});
