// The server that a page came from: requests with its token, and a stream of events that is taken up again when it breaks.

const KEPT = "keisei.token";
const AGAIN_MS = 1000;
const SILENT_MS = 30000; // the server says something every few seconds

/** The server took a request for none of its own: it was started anew, and its token is another one. */
export class RefusedError extends Error {}

/**
 * Takes the token out of the address, where a shoulder could be looked over, and keeps it for all tabs of this server. A
 * tab left open finds the token of a server that was started anew once any other tab was opened with it.
 */
export function takeToken() {
  const words = new URLSearchParams(location.hash.slice(1));
  const token = words.get("token");
  if (!token) return;
  localStorage.setItem(KEPT, token);
  words.delete("token");
  history.replaceState(null, "", location.pathname + location.search + (words.size ? `#${words}` : ""));
}

async function asked(path, options = {}) {
  const headers = { Authorization: `Bearer ${localStorage.getItem(KEPT)}`, ...options.headers };
  const found = await fetch(path, { ...options, headers });
  if (found.status === 403) throw new RefusedError(await found.text());
  if (!found.ok) throw new Error(await found.text());
  return found;
}

/** Reads something: returns what the JSON says. */
export async function read(path) {
  return (await asked(path)).json();
}

/** Reads a file. */
export async function bytes(path) {
  return (await asked(path)).blob();
}

/** Has something done with a value that goes as JSON; returns what the JSON of the answer says. */
export async function act(path, value = {}) {
  return (await asked(path, { method: "POST", body: JSON.stringify(value), headers: { "Content-Type": "application/json" } })).json();
}

/**
 * Follows a stream of events for good. `onEvent` gets what the JSON of each says; `onState` is told "open", "lost" while
 * nobody answers, and "refused" while the server does not know the token. The stream is taken up again by itself.
 */
export async function follow(path, onEvent, onState) {
  for (;;) {
    try {
      await followed(path, onEvent, () => onState("open"));
      onState("lost");
    } catch (error) {
      onState(error instanceof RefusedError ? "refused" : "lost");
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Follows a stream until it ends; one that falls silent, or never begins, has ended. */
async function followed(path, onEvent, onOpen) {
  const silence = new AbortController();
  const unlessSilent = (promise) => {
    const timer = setTimeout(() => silence.abort(), SILENT_MS);
    return promise.finally(() => clearTimeout(timer));
  };
  const found = await unlessSilent(asked(path, { signal: silence.signal }));
  onOpen();
  const reader = found.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await unlessSilent(reader.read());
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
      if (data.length) onEvent(JSON.parse(data.join("\n")));
    }
  }
}
