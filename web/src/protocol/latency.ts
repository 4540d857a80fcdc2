/** Latency probes: when to send one, what it measured, and when the way is dead. */

import { LATE_TIMER_MS, PING_FIRST_MS, PING_INTERVAL_MS, PONG_TIMEOUT_MS } from './limits';

/** The median of so many measurements is told: one held up by a busy tab does not count. */
const MEASUREMENTS = 5;

type Probe = { nonce: number; sentAt: number };

export type LatencyVerdict = 'ok' | 'dead';

export class Latency {
  #nonce = 0;
  #outstanding: Probe | undefined;
  #nextAt: number | undefined;
  #measured: number[] = [];

  /** Median round trip of late in ms; undefined before the first answer. */
  get rttMs(): number | undefined {
    const sorted = [...this.#measured].sort((one, other) => one - other);
    return sorted[Math.floor((sorted.length - 1) / 2)];
  }

  /** A socket is ready: the first probe goes out at once. */
  start(now: number): void {
    this.#outstanding = undefined;
    this.#nextAt = now;
  }

  stop(): void {
    this.#outstanding = undefined;
    this.#nextAt = undefined;
  }

  nextTimeout(): number | undefined {
    if (this.#outstanding) return this.#outstanding.sentAt + PONG_TIMEOUT_MS;
    return this.#nextAt;
  }

  /** The nonce of a probe to send now, if one is due. */
  pollPing(now: number): number | undefined {
    if (this.#outstanding || this.#nextAt === undefined || now < this.#nextAt) return undefined;
    this.#nonce += 1;
    this.#outstanding = { nonce: this.#nonce, sentAt: now };
    this.#nextAt = undefined;
    return this.#nonce;
  }

  handlePong(nonce: number, now: number): void {
    if (this.#outstanding?.nonce !== nonce) return;
    const measured = Math.max(0, now - this.#outstanding.sentAt);
    this.#measured = [...this.#measured, measured].slice(-MEASUREMENTS);
    this.#outstanding = undefined;
    const few = this.#measured.length < MEASUREMENTS;
    this.#nextAt = now + (few ? PING_FIRST_MS : PING_INTERVAL_MS);
  }

  /**
   * Says whether the way is dead. A check that comes late tells of a tab that
   * slept, not of the network: the answer may be waiting behind it, so the
   * probe is sent anew.
   */
  check(now: number): LatencyVerdict {
    if (!this.#outstanding) return 'ok';
    const deadline = this.#outstanding.sentAt + PONG_TIMEOUT_MS;
    if (now < deadline) return 'ok';
    if (now < deadline + LATE_TIMER_MS) return 'dead';
    this.#outstanding = undefined;
    this.#nextAt = now;
    return 'ok';
  }
}
