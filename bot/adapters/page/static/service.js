// Talk to the service: its JSON, and an answer as it is made.

/** Something the service said no to, in words for people. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.status = problem.status;
    this.reference = problem.reference;
  }
}

const AWAY = "The service can’t be reached. Check your connection, then try again.";
const BROKEN = "The connection broke off before the answer was complete. Try again.";

async function send(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Refused({ detail: AWAY });
  }
  if (response.ok) return response;
  if (response.status === 401) {
    location.assign("/sign-in");
    throw new Refused({ detail: "You need to sign in.", status: 401 });
  }
  const problem = await response.json().catch(() => ({}));
  throw new Refused({ detail: "Something went wrong. Try again in a moment.", status: response.status, ...problem });
}

export const get = async (path) => (await send(path)).json();
export const put = (path) => send(path, { method: "PUT" });
export const remove = (path) => send(path, { method: "DELETE" });
export const post = (path, body) =>
  send(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const kept = new Map();

const FRESH = 60_000; // milliseconds; documents change by the day

/** What hardly changes while a page is open, asked for once in a while. */
export function once(path) {
  const before = kept.get(path);
  if (before && Date.now() - before.at < FRESH) return before.answer;
  const answer = get(path).catch((error) => { kept.delete(path); throw error; });
  kept.set(path, { answer, at: Date.now() });
  return answer;
}

/** A page of the service, as a document in which no script runs. */
export async function page(path, signal) {
  const response = await send(path, { headers: { Accept: "text/html" }, signal });
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** A name that nobody else has used. `crypto.randomUUID` is there only over HTTPS or on this machine. */
export function newName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Ask, and give the answer. `heard(name, data)` is called for each event on the way. The same `name` asked again, after
 * a broken connection, gets the same answer. Aborting `signal` stops the work.
 */
export async function ask({ question, conversationId, name, signal, heard }) {
  const response = await send("/v1/ask", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream", "Idempotency-Key": name },
    body: JSON.stringify({ question, conversation_id: conversationId }),
    signal,
  });
  try {
    for await (const event of events(response.body)) {
      if (event.name === "error") throw new Refused(event.data);
      heard(event.name, event.data);
      if (event.name === "answer") return event.data;
    }
  } catch (error) {
    if (error instanceof Refused || error.name === "AbortError") throw error;
  }
  throw new Refused({ detail: BROKEN });
}

/** Server-sent events: lines of `event:` and `data:`, and a blank line after each. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      buffer += value;
      const blocks = buffer.split(/\r?\n\r?\n/);
      buffer = blocks.pop();
      for (const block of blocks) {
        const event = eventOf(block);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function eventOf(block) {
  let name = "message";
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { name, data: JSON.parse(data.join("\n")) } : null;
}
