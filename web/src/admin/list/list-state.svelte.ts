/** The rows of a list: one page at a time, by the API's cursors. */

import { sentenceOf } from '../../api/problem';
import * as api from '../api/client';
import type { Kind, ObjectOf } from '../api/objects';
import { gather } from '../core/gather';

/** Rows of a page; the API may answer with more. */
const ROWS = 50;

export class ListState<K extends Kind> {
  rows = $state.raw<ObjectOf[K][]>([]);
  status = $state<'first' | 'ready' | 'loading' | 'failed'>('first');
  problem = $state('');
  /** Pages before this one. */
  page = $state(0);
  /** Nothing was found in what could be looked through so far. */
  cut = $state(false);

  #next = $state<string>();
  #query: api.Query = {};
  /** Where each page began, the first at undefined. */
  #starts: (string | undefined)[] = [undefined];
  /** Rows before this page. */
  #before = $state<number[]>([0]);
  #asked = 0;

  constructor(private readonly kind: K) {}

  /** Shows the first page of what `query` asks for. */
  load(query: api.Query): Promise<void> {
    this.#query = query;
    this.#starts = [undefined];
    this.#before = [0];
    return this.#read(0);
  }

  /** Reads the page that is shown once more; `quietly` for a page that follows by itself. */
  reload(quietly = false): Promise<void> {
    return this.#read(this.page, quietly);
  }

  forward(): Promise<void> {
    this.#starts[this.page + 1] = this.#next;
    this.#before[this.page + 1] = this.first + this.rows.length;
    return this.#read(this.page + 1);
  }

  back(): Promise<void> {
    return this.#read(Math.max(0, this.page - 1));
  }

  /** What the rows were narrowed to. */
  get asked(): api.Query {
    return this.#query;
  }

  get hasNext(): boolean {
    return this.#next !== undefined;
  }

  /** Rows of the list before the first that is shown. */
  get first(): number {
    return this.#before[this.page] ?? 0;
  }

  /** Drops a row that is known to be gone. */
  drop(id: string): void {
    this.rows = this.rows.filter((row) => row.id !== id);
  }

  async #read(page: number, quietly = false): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    if (this.status !== 'first' && !quietly) this.status = 'loading';
    try {
      const read = (cursor: string | undefined) => api.list(this.kind, this.#asking(cursor));
      const { items, next, cut } = await gather(read, this.#starts[page], ROWS);
      if (asked !== this.#asked) return;
      this.rows = items;
      this.cut = cut;
      this.#next = next;
      this.page = page;
      this.problem = '';
      this.status = 'ready';
    } catch (error) {
      if (asked !== this.#asked) return;
      this.problem = sentenceOf(error);
      this.status = 'failed';
    }
  }

  #asking(cursor: string | undefined): api.Query {
    return { limit: String(ROWS), ...this.#query, ...(cursor === undefined ? {} : { cursor }) };
  }
}
