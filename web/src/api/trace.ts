/**
 * The traces that this browser begins: one for each launch, and only while the
 * server says that traces are kept. What is sent is a `traceparent` of W3C Trace
 * Context, drawn at random: it says nothing about the person or the browser.
 *
 * The answers to a flow and the first tickets belong to the same launch, also
 * when another tab asks for them, so it is remembered for a while by what the
 * launch led to.
 */

/** Under this name the browser remembers which launch is in which trace. */
const STORAGE_KEY = 'causeway.traces';

/** Launches whose trace is remembered. */
const REMEMBERED_MAX = 20;

/** For how long; a flow waits no longer for its answers, ms. */
const REMEMBERED_MS = 10 * 60_000;

/** The bit of the flags that says that the caller wants the trace recorded. */
const SAMPLED = '01';

let kept = false;

/** What the server says: whether traces are kept. */
export function traces(on: boolean): void {
  kept = on;
}

/** The `traceparent` of a new launch; undefined while no traces are kept. */
export function begin(): string | undefined {
  return kept ? `00-${random(16)}-${random(8)}-${SAMPLED}` : undefined;
}

/** The launch of `traceparent` led to `id`: an execution or a connection. */
export function remember(id: string, traceparent: string | undefined): void {
  if (traceparent === undefined) return;
  const entries: Remembered = [[id, traceparent, Date.now()], ...remembered()];
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(entries.slice(0, REMEMBERED_MAX)));
  } catch {
    // No storage here: the next request begins a trace of its own.
  }
}

/** The `traceparent` of the launch that led to `id`, not long ago. */
export function traceOf(id: string): string | undefined {
  return kept ? remembered().find(([known]) => known === id)?.[1] : undefined;
}

type Remembered = [id: string, traceparent: string, at: number][];

function remembered(): Remembered {
  try {
    const entries: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]');
    if (!Array.isArray(entries)) return [];
    return (entries as Remembered).filter(([, , at]) => Math.abs(Date.now() - at) < REMEMBERED_MS);
  } catch {
    return [];
  }
}

/** So many random bytes as hexadecimal digits. */
function random(bytes: number): string {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
