/** What a picker offers: objects of a kind whose name holds what was typed. */

import { sentenceOf } from '../../api/problem';
import * as api from '../api/client';
import { titleOf } from '../api/kinds';
import type { Kind, ObjectOf } from '../api/objects';
import { remember } from '../names.svelte';

export type Offer = { id: string; title: string; more: string };

/** Offers at once; typing narrows them down. */
const OFFERS = 20;

/** How long typing rests before the server is asked, ms. */
const REST_MS = 180;

export class Choices {
  offers = $state.raw<Offer[]>([]);
  status = $state<'idle' | 'asking' | 'ready' | 'failed'>('idle');
  problem = $state('');
  /** There is more than is offered. */
  more = $state(false);

  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly kind: () => Kind,
    private readonly query: () => Record<string, string>,
  ) {}

  /** Asks at once. */
  open(typed: string): void {
    clearTimeout(this.#timer);
    void this.#ask(typed);
  }

  /** Asks when typing rests. */
  type(typed: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(typed), REST_MS);
  }

  async #ask(typed: string): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const kind = this.kind();
    this.status = 'asking';
    try {
      const search = typed.trim() === '' ? {} : { search: typed.trim() };
      const { items, next } = await api.list(kind, { limit: String(OFFERS), ...this.query(), ...search });
      if (asked !== this.#asked) return;
      for (const item of items) remember(kind, item);
      this.offers = items.slice(0, OFFERS).map((item) => offerOf(kind, item));
      this.more = typeof next === 'string' || items.length > OFFERS;
      this.status = 'ready';
    } catch (error) {
      if (asked !== this.#asked) return;
      this.problem = sentenceOf(error);
      this.status = 'failed';
    }
  }
}

function offerOf<K extends Kind>(kind: K, object: ObjectOf[K]): Offer {
  const fields = object as Record<string, unknown>;
  const more = { users: fields.name, applications: fields.slug, endpoints: fields.host, sources: fields.slug }[kind as string];
  return { id: object.id, title: titleOf(kind, object), more: typeof more === 'string' ? more : '' };
}
