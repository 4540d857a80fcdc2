/**
 * The buffer between sound that comes as the network lets it and a device
 * that takes it at its own pace. It waits until it has its target, plays a
 * little faster or slower to stay near it, leaves the oldest out when it is
 * far behind, and fades instead of clicking when nothing is left.
 *
 * The target grows when sound came too late to be played, and shrinks slowly
 * when it does not. Sound that merely ended is not late.
 */

import { BUFFER_MS, LATE_MS, RATE_MAX, TARGET_FIRST_MS, TARGET_MAX_MS, TARGET_MIN_MS } from './limits';
import type { Sound } from './pcm';
import { Ring } from './ring';

export type PlayoutFigures = {
  readonly bufferedMs: number;
  readonly targetMs: number;
  /** How often sound came too late to go on without a gap. */
  readonly underruns: number;
  /** Sound that was left out because it was behind, in ms. */
  readonly droppedMs: number;
};

/** A gap or a jump is faded over this time, in ms. */
const FADE_MS = 4;

/** Sound that goes on this soon after the buffer ran dry was late, in ms. */
const LATE_AFTER_MS = 300;

/** What one late arrival adds to the target, in ms. */
const TARGET_STEP_MS = 40;

/** What the target loses in a second without one, in ms. */
const TARGET_DECAY_MS_PER_S = 1;

/** The pace is changed by no more than this, which nobody hears as a pitch. */
const PACE_CHANGE_MAX = 0.01;

/** Within this share of the target the pace is the sound's own. */
const CALM_SHARE = 0.35;

/** How slowly the filling is followed: chunks come in bursts; seconds. */
const FOLLOW_S = 1.5;

export class Playout {
  readonly #outputRate: number;
  readonly #ring = new Ring(Math.ceil((RATE_MAX * BUFFER_MS) / 1000));
  #rate = 0;
  #playing = false;
  #gain = 0;
  /** Set when the position jumps as soon as the gain is zero. */
  #jumping = false;
  #targetMs = TARGET_FIRST_MS;
  #followedMs = 0;
  /** Time that the sound in the buffer has waited to begin; ms. */
  #waitedMs = 0;
  /** Time since the buffer ran dry; ms. */
  #dryMs = Infinity;
  #underruns = 0;
  #droppedMs = 0;
  /** The last frame that was played, to fade out from. */
  #last: [number, number] = [0, 0];

  /** `outputRate` is the device's, in Hz. */
  constructor(outputRate: number) {
    this.#outputRate = outputRate;
  }

  get figures(): PlayoutFigures {
    return {
      bufferedMs: this.#bufferedMs,
      targetMs: this.#targetMs,
      underruns: this.#underruns,
      droppedMs: this.#droppedMs,
    };
  }

  push({ rate, left, right }: Sound): void {
    if (left.length === 0) return;
    if (rate !== this.#rate) this.#begin(rate);
    if (!this.#playing && this.#ring.frames === 0) this.#waitedMs = 0;
    if (this.#dryMs < LATE_AFTER_MS) {
      this.#underruns += 1;
      this.#targetMs = Math.min(TARGET_MAX_MS, this.#targetMs + TARGET_STEP_MS);
    }
    this.#dryMs = Infinity;
    const room = Math.floor((rate * BUFFER_MS) / 1000);
    const lost = this.#ring.push(left, right, room);
    this.#droppedMs += (lost / rate) * 1000;
  }

  /** Fills the two arrays, of the same length, with what is to be heard next. */
  pull(left: Float32Array, right: Float32Array): void {
    const ms = (left.length / this.#outputRate) * 1000;
    this.#decideToPlay(ms);
    const pace = this.#pace(ms);
    const step = this.#rate === 0 ? 0 : (this.#rate / this.#outputRate) * pace;
    const fade = 1 / ((FADE_MS / 1000) * this.#outputRate);
    for (let index = 0; index < left.length; index += 1) {
      if (this.#playing && this.#ring.readable) this.#last = this.#ring.next(step);
      else if (this.#playing) this.#runDry();
      const rising = this.#playing && !this.#jumping;
      this.#gain = Math.max(0, Math.min(1, this.#gain + (rising ? fade : -fade)));
      if (this.#jumping && this.#gain === 0) this.#jump();
      left[index] = this.#last[0] * this.#gain;
      right[index] = this.#last[1] * this.#gain;
    }
    if (!this.#playing) this.#dryMs += ms;
  }

  get #bufferedMs(): number {
    return this.#rate === 0 ? 0 : (this.#ring.frames / this.#rate) * 1000;
  }

  #begin(rate: number): void {
    this.#rate = rate;
    this.#ring.clear();
    this.#playing = false;
    this.#dryMs = Infinity;
  }

  /** Begins at the target, and soon enough with a sound that is shorter. */
  #decideToPlay(ms: number): void {
    if (this.#playing || this.#ring.frames === 0) return;
    this.#waitedMs += ms;
    if (this.#bufferedMs < this.#targetMs && this.#waitedMs < this.#targetMs) return;
    this.#playing = true;
    this.#followedMs = this.#bufferedMs;
  }

  #runDry(): void {
    this.#playing = false;
    this.#jumping = false;
    this.#dryMs = 0;
    this.#ring.clear();
  }

  /** How fast the sound is played; 1 is its own pace. */
  #pace(ms: number): number {
    if (!this.#playing) return 1;
    const seconds = ms / 1000;
    this.#targetMs = Math.max(TARGET_MIN_MS, this.#targetMs - TARGET_DECAY_MS_PER_S * seconds);
    this.#followedMs += (this.#bufferedMs - this.#followedMs) * Math.min(1, seconds / FOLLOW_S);
    if (this.#bufferedMs > this.#targetMs + LATE_MS) this.#jumping = true;
    const off = (this.#followedMs - this.#targetMs) / this.#targetMs;
    if (Math.abs(off) < CALM_SHARE) return 1;
    return 1 + Math.max(-PACE_CHANGE_MAX, Math.min(PACE_CHANGE_MAX, off * PACE_CHANGE_MAX));
  }

  /** Leaves out what is too old to be heard, in the silence of a fade. */
  #jump(): void {
    this.#jumping = false;
    const late = Math.floor(((this.#bufferedMs - this.#targetMs) / 1000) * this.#rate);
    if (late <= 0) return;
    this.#ring.skip(late);
    this.#droppedMs += (late / this.#rate) * 1000;
    this.#followedMs = this.#bufferedMs;
  }
}
