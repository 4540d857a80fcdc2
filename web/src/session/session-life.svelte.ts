/**
 * What every session on the page has, whatever it shows: its driver, its
 * state, its notices, and how it is retried and ended. What there is to see
 * it passes on to its owner.
 */

import * as api from '../api/client';
import { ApiError } from '../api/problem';
import type { Passage as ApiPassage } from '../api/types';
import type { ViewerSize } from '../protocol/messages';
import type { Passage, SessionFacts, SessionView, ViewEffect } from '../protocol/state';
import { Step } from '../wire/generated/causeway/session/v1/session_pb';
import { SessionDriver } from './driver';
import { Notices } from './notices.svelte';

/** How long the bell shows, ms. */
const BELL_MS = 900;

/** Time for the node to end a session that it was told to, ms. */
const LEAVE_MS = 2_000;

/** Until the owner has something to measure. */
const SIZE_UNKNOWN = { columns: 80, rows: 24, widthPx: 0, heightPx: 0, scalePercent: 100 };

export type LifePorts = {
  /** What the owner shows; `welcome` comes after the facts are known here. */
  take: (effect: ViewEffect) => void;
  /** The session became usable, for the first time or again. */
  active: () => void;
  /** What is done at the session goes nowhere any more, for now or for good. */
  inactive?: () => void;
};

export class SessionLife {
  readonly connection: string;
  readonly notices = new Notices();
  readonly driver: SessionDriver;
  view = $state.raw<SessionView>({ status: 'connecting', step: Step.UNSPECIFIED, attempts: 0 });
  facts = $state.raw<SessionFacts>();
  ringing = $state(false);
  /** True once there was something to see. */
  wasActive = $state(false);

  readonly #ports: LifePorts;

  /** `passage` is one that the launch already gave. */
  constructor(connection: string, passage: ApiPassage | undefined, ports: LifePorts) {
    this.connection = connection;
    this.#ports = ports;
    this.driver = new SessionDriver(
      {
        size: SIZE_UNKNOWN,
        locale: {
          language: navigator.language,
          timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        },
        random: () => Math.random(),
        passage: passage && passageOf(passage),
      },
      {
        ticket: () => this.#passage(),
        changed: (view) => this.#changed(view),
        take: (effect) => this.#take(effect),
      },
    );
  }

  /** `size` is what there is room for. */
  start(size: ViewerSize): void {
    this.driver.resize(size);
    this.driver.start();
  }

  retry(): void {
    this.driver.retry();
  }

  answer(id: number, answers: readonly string[] | undefined): void {
    this.driver.answer(id, answers);
  }

  /** Ends the session for good: over its own way, and by the API if that is silent. */
  async terminate(): Promise<void> {
    const told = this.driver.leave();
    if (told) await new Promise((resolve) => setTimeout(resolve, LEAVE_MS));
    if (this.view.status === 'ended' || this.view.status === 'failed') return;
    await api.terminate(this.connection);
  }

  /** The target wants to be heard. */
  ring(): void {
    if (this.ringing) return;
    this.ringing = true;
    setTimeout(() => (this.ringing = false), BELL_MS);
  }

  dispose(): void {
    this.driver.dispose();
  }

  #take(effect: ViewEffect): void {
    if (effect.do === 'notice') this.notices.show(effect.message);
    else if (effect.do === 'bell') this.ring();
    else {
      if (effect.do === 'welcome') this.facts = effect.facts;
      this.#ports.take(effect);
    }
  }

  #changed(view: SessionView): void {
    const before = this.view;
    this.view = view;
    if (takesInput(before) && !takesInput(view)) this.#ports.inactive?.();
    if (view.status === 'active' && before.status !== 'active') {
      this.wasActive = true;
      this.#ports.active();
    }
  }

  /** A passage to the node; of a connection that has ended, why it did. */
  async #passage(): Promise<Passage | { ended: string; code: string }> {
    try {
      return passageOf(await api.ticket(this.connection));
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'connection_ended') throw error;
      const { end_reason: reason, end_code: code } = await api.connection(this.connection);
      return { ended: reason ?? error.code, code: code ?? '' };
    }
  }
}

function takesInput(view: SessionView): boolean {
  return view.status === 'active' || (view.status === 'reconnecting' && view.typesAhead);
}

function passageOf({ edge_url: edgeUrl, ticket }: ApiPassage): Passage {
  return { edgeUrl, ticket };
}
