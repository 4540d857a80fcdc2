/** Short words about what was just done; they go by themselves. */

export type Notice = { id: number; text: string; kind: 'done' | 'problem' };

/** How long a notice is shown, ms. */
const SHOWN_MS = 5000;

/** Notices that are shown at once. */
const SHOWN_MAX = 4;

let notices = $state.raw<Notice[]>([]);
let last = 0;

export function shown(): Notice[] {
  return notices;
}

export function say(text: string, kind: Notice['kind'] = 'done'): void {
  last += 1;
  const id = last;
  notices = [...notices, { id, text, kind }].slice(-SHOWN_MAX);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function dismiss(id: number): void {
  notices = notices.filter((notice) => notice.id !== id);
}
