/** Short words that come, are read, and go. */

export type Notice = {
  id: number;
  text: string;
  action?: { name: string; run: () => void } | undefined;
};

/** How long a notice stays, ms; one that offers something stays longer. */
const STAY_MS = 6_000;
const STAY_WITH_ACTION_MS = 20_000;

/** Notices that are shown at once. */
const SHOWN_MAX = 3;

export class Notices {
  #serial = 0;
  items = $state.raw<Notice[]>([]);

  /** Shows a notice; the same words are not shown twice at once. */
  show(text: string, action?: Notice['action']): void {
    if (this.items.some((notice) => notice.text === text)) return;
    this.#serial += 1;
    const id = this.#serial;
    this.items = [...this.items, { id, text, action }].slice(-SHOWN_MAX);
    setTimeout(() => this.dismiss(id), action ? STAY_WITH_ACTION_MS : STAY_MS);
  }

  dismiss(id: number): void {
    this.items = this.items.filter((notice) => notice.id !== id);
  }
}
