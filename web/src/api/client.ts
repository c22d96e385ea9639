// One way to the node: JSON over fetch, same origin. Knows the CSRF token, keeps answers by their
// ETag, and turns everything that goes wrong into an ApiError.

const base = "/api/v1";
const timeoutMs = 30_000;
// A bundle of many thousand objects is read and checked one by one.
export const importTimeoutMs = 600_000;
// When nobody has touched the page for so long, what it reads it reads by itself.
export const unattendedAfterMs = 60_000;
export const keptAnswersMax = 200;

export type QueryValue = string | number | boolean | null | undefined;
export type Query = { readonly [name: string]: QueryValue };

// What a node answers when something is refused (RFC 9457), and what we say when it does not
// answer at all: status 0, kind "unreachable" (or "timeout").
export class ApiError extends Error {
  readonly status: number;
  readonly kind: string;
  readonly title: string;
  readonly detail: string;
  readonly where: string | null;

  constructor(status: number, kind: string, title: string, detail: string, where: string | null) {
    super(detail || title);
    this.name = "ApiError";
    this.status = status;
    this.kind = kind;
    this.title = title;
    this.detail = detail;
    this.where = where;
  }
}

let csrf = "";
let used = Date.now();
let acted = Date.now();
const kept = new Map<string, { etag: string; body: unknown }>();
const endedListeners = new Set<() => void>();

export function setCsrf(token: string): void {
  csrf = token;
}

// Somebody has touched the page (main.tsx).
export function noteAct(): void {
  acted = Date.now();
}

// When the node was last asked for anything by a person, in milliseconds: a session that is not used
// ends, and what a page reads by itself is no use.
export function lastUsed(): number {
  return used;
}

// Forgets everything that belonged to a session.
export function forget(): void {
  csrf = "";
  kept.clear();
}

// Called when the node no longer knows our session.
export function onSessionEnded(listener: () => void): () => void {
  endedListeners.add(listener);
  return () => endedListeners.delete(listener);
}

export function pathOf(path: string, query?: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return `${base}${path}${text ? `?${text}` : ""}`;
}

// Builds a path of encoded parts: path`/records/${id}/recipients`.
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce(
    (out, part, i) => out + part + (i < values.length ? encodeURIComponent(values[i] ?? "") : ""),
    "",
  );
}

async function problem(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const string = (name: string) => (typeof body[name] === "string" ? (body[name] as string) : "");
    return new ApiError(
      response.status,
      string("kind") || kindOfStatus(response.status),
      string("title"),
      string("detail"),
      string("where") || null,
    );
  } catch {
    return new ApiError(
      response.status,
      kindOfStatus(response.status),
      response.statusText,
      "",
      null,
    );
  }
}

function kindOfStatus(status: number): string {
  if (status === 401) return "unauthenticated";
  if (status === 403) return "not-permitted";
  if (status === 404) return "not-found";
  if (status === 429) return "too-many";
  return status >= 500 ? "internal" : "invalid-input";
}

export interface RequestOptions {
  query?: Query;
  // A JSON body; `raw` is sent as it is instead.
  body?: unknown;
  raw?: Blob | string;
  signal?: AbortSignal;
  timeoutMs?: number;
  // The answer is no JSON but a text of this type, and given as it is.
  text?: string;
}

export async function request<T>(
  method: "GET" | "POST" | "PUT" | "DELETE",
  route: string,
  options: RequestOptions = {},
): Promise<T> {
  const url = pathOf(route, options.query);
  const headers: Record<string, string> = { Accept: options.text ?? "application/json" };
  const before = method === "GET" ? kept.get(url) : undefined;
  if (before) headers["If-None-Match"] = before.etag;
  if (method !== "GET" && csrf) headers["X-Comity-CSRF"] = csrf;
  const unattended = method === "GET" && Date.now() - acted >= unattendedAfterMs;
  if (unattended) headers["X-Comity-Unattended"] = "1";
  const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (options.raw !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = options.raw;
  } else if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(options.body);
  }
  const limit = AbortSignal.timeout(options.timeoutMs ?? timeoutMs);
  init.signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;

  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, limit.aborted ? "timeout" : "unreachable", "", "", null);
  }
  if (!unattended) used = Date.now();
  if (response.status === 304 && before) return before.body as T;
  if (!response.ok) {
    const error = await problem(response);
    if (error.status === 401 && route !== "/session") {
      for (const listener of endedListeners) listener();
    }
    throw error;
  }
  if (response.status === 204) return undefined as T;
  let body: T;
  try {
    body = (await (options.text ? response.text() : response.json())) as T;
  } catch {
    throw new ApiError(response.status, "unreadable", "", "", null);
  }
  const etag = response.headers.get("ETag");
  if (method === "GET" && etag) keep(url, etag, body);
  return body;
}

function keep(url: string, etag: string, body: unknown): void {
  kept.delete(url);
  kept.set(url, { etag, body });
  if (kept.size > keptAnswersMax) {
    const oldest = kept.keys().next();
    if (!oldest.done) kept.delete(oldest.value);
  }
}

export const get = <T>(route: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  request<T>("GET", route, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) });
export const getText = (
  route: string,
  type: string,
  query: Query,
  signal: AbortSignal,
): Promise<string> => request<string>("GET", route, { text: type, query, signal });
export const post = <T>(route: string, body: unknown = {}): Promise<T> =>
  request<T>("POST", route, { body });
export const put = <T>(route: string, body: unknown): Promise<T> =>
  request<T>("PUT", route, { body });
export const remove = (route: string): Promise<void> => request<void>("DELETE", route);
