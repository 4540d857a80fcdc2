/**
 * The way to the node: a ticket, a socket, the next try after a loss, and
 * when to give up. It knows nothing of what is said over the socket.
 */

import { Backoff } from './backoff';
import {
  CONNECT_GIVE_UP_MS,
  MOVES_MAX,
  OPEN_TIMEOUT_MS,
  RECONNECT_SLACK_MS,
  TICKET_TIMEOUT_MS,
  WELCOME_TIMEOUT_MS,
} from './limits';
import { deadlineOf, socketOf, type Phase } from './phase';
import type { Effect, Passage, SessionEnding, SessionFailure } from './state';

export class Way {
  #phase: Phase = { is: 'idle' };
  #serial = 0;
  #giveUpAt = Infinity;
  #moves = 0;
  readonly #backoff: Backoff;
  readonly #emit: (effect: Effect) => void;

  /** `random` gives numbers in [0, 1), for jitter. */
  constructor(random: () => number, emit: (effect: Effect) => void) {
    this.#backoff = new Backoff(random);
    this.#emit = emit;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get isOpen(): boolean {
    return this.#phase.is === 'open';
  }

  /** The socket that is in use, if one is. */
  get socket(): number | undefined {
    return socketOf(this.#phase);
  }

  /** Tries since the last success. */
  get attempts(): number {
    return this.#backoff.attempts;
  }

  /** When the phase is over by itself, if it is. */
  get deadline(): number | undefined {
    return deadlineOf(this.#phase);
  }

  /** A first try, or one that the person asked for. */
  begin(passage: Passage | undefined, now: number): void {
    this.#backoff.reset();
    this.#moves = 0;
    this.#giveUpAt = now + CONNECT_GIVE_UP_MS;
    if (passage) this.#openSocket(passage, now);
    else this.fetchTicket(now);
  }

  fetchTicket(now: number): void {
    this.#serial += 1;
    this.#phase = { is: 'ticket', request: this.#serial, deadline: now + TICKET_TIMEOUT_MS };
    this.#emit({ do: 'fetch_ticket', request: this.#serial });
  }

  awaitsTicket(request: number): boolean {
    return this.#phase.is === 'ticket' && this.#phase.request === request;
  }

  handleTicket(request: number, passage: Passage, now: number): void {
    if (this.awaitsTicket(request)) this.#openSocket(passage, now);
  }

  /** The socket is there: true when it is the one that was waited for, to be greeted now. */
  handleSocketOpen(socket: number, now: number): boolean {
    if (this.#phase.is !== 'opening' || this.#phase.socket !== socket) return false;
    this.#phase = { is: 'greeting', socket, deadline: now + WELCOME_TIMEOUT_MS };
    return true;
  }

  /** The node has answered the greeting. */
  handleWelcome(): void {
    if (this.#phase.is !== 'greeting') return;
    this.#phase = { is: 'open', socket: this.#phase.socket };
    this.#backoff.reset();
  }

  /** The socket of an open session is gone: the node keeps the session for `graceMs`. */
  handleLost(graceMs: number, now: number): void {
    if (this.isOpen) this.#giveUpAt = now + graceMs + RECONNECT_SLACK_MS;
  }

  /** Takes the way to another node; false when the connection was handed on too often. */
  move(now: number): boolean {
    this.closeSocket();
    this.#moves += 1;
    if (this.#moves > MOVES_MAX) return false;
    this.fetchTicket(now);
    return true;
  }

  /** Waits for the next try; false when it is time to give up. */
  wait(now: number): boolean {
    if (now >= this.#giveUpAt) return false;
    this.#phase = { is: 'waiting', until: now + this.#backoff.next() };
    return true;
  }

  /** Closes the socket, if there is one. */
  closeSocket(): void {
    const socket = this.socket;
    if (socket !== undefined) this.#emit({ do: 'close_socket', socket });
  }

  fail(failure: SessionFailure): void {
    this.closeSocket();
    this.#phase = { is: 'failed', failure };
  }

  end(ending: SessionEnding): void {
    this.closeSocket();
    this.#phase = { is: 'ended', ending };
  }

  #openSocket(passage: Passage, now: number): void {
    this.#serial += 1;
    this.#phase = { is: 'opening', socket: this.#serial, deadline: now + OPEN_TIMEOUT_MS };
    this.#emit({ do: 'open_socket', socket: this.#serial, passage });
  }
}
