/** Ids that were asked for one by one and are wanted together, a moment later. */

export class Queue<Kind extends string> {
  #wanted = new Map<Kind, Set<string>>();
  #planned = false;

  /** `handle` is given every id of a kind at once. */
  constructor(
    private readonly handle: (kind: Kind, ids: string[]) => void,
    private readonly later: (act: () => void) => void = (act) => void setTimeout(act),
  ) {}

  add(kind: Kind, id: string): void {
    if (id === '') return;
    this.#wanted.set(kind, (this.#wanted.get(kind) ?? new Set()).add(id));
    if (this.#planned) return;
    this.#planned = true;
    this.later(() => this.#flush());
  }

  #flush(): void {
    this.#planned = false;
    const wanted = this.#wanted;
    this.#wanted = new Map();
    for (const [kind, ids] of wanted) this.handle(kind, [...ids]);
  }
}
