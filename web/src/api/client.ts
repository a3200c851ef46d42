import createClient, { type Middleware } from "openapi-fetch";

import { noAnswer, problemOf } from "./problem";
import type { paths } from "./schema";

/** The session's token for everything but GET, empty while nobody is logged in. */
let csrf = "";
let onSessionLost: () => void = () => undefined;

export function setCsrf(token: string): void {
  csrf = token;
}

/** The token, for a request that this client doesn't make. */
export function csrfToken(): string {
  return csrf;
}

/** The server no longer knows the session: told once, while somebody is logged in. */
export function sessionLost(): void {
  if (csrf !== "") onSessionLost();
}

/** What happens when the server no longer knows the session (ended elsewhere, expired). */
export function whenSessionLost(listener: () => void): void {
  onSessionLost = listener;
}

const withToken: Middleware = {
  onRequest: ({ request }) => {
    if (request.method !== "GET" && csrf !== "") request.headers.set("X-CSRF", csrf);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: location.origin, credentials: "same-origin" });
api.use(withToken);

interface Answered<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * The answer's data.
 *
 * @throws Problem with the server's own words, or `no_answer` when none came.
 */
export async function answer<Data>(request: Promise<Answered<Data>>): Promise<Data> {
  let got: Answered<Data>;
  try {
    got = await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw noAnswer();
  }
  if (got.response.ok) return got.data as Data;
  const problem = problemOf(got.response.status, got.error);
  if (problem.status === 401) sessionLost();
  throw problem;
}

/** Sends the refusal of `attempt` in a way that outlives the page: for a tab that is closed in the middle of the hold. */
export function refuseWhileLeaving(attempt: string): void {
  sendWhileLeaving(`/api/agent/calls/${encodeURIComponent(attempt)}/refused`);
}

/** The same for somebody who rang us. */
export function refuseCallerWhileLeaving(inbound: string): void {
  sendWhileLeaving(`/api/agent/callers/${encodeURIComponent(inbound)}/refused`);
}

function sendWhileLeaving(path: string): void {
  void fetch(path, {
    method: "POST",
    credentials: "same-origin",
    keepalive: true,
    headers: { "X-CSRF": csrf },
  }).catch(() => undefined);
}
