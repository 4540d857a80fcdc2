/**
 * From the mark of a frame to its presentation. A frame is put as soon as it
 * is whole; the browser shows what was put last at its next refresh. Frames
 * that come faster than that merge: all that were put are answered together.
 */

import { STATISTICS_FRAMES } from './limits';
import { MedianWindow, RateWindow } from './statistics';

/** No message takes longer from page to worker, ms. */
const TRANSIT_MS_MAX = 2_000;

/** What an acknowledgement can say; a tab may be out of sight for days. */
const PRESENT_US_MAX = 2 ** 32 - 1;

/** A frame that was put. */
export type PutFrame = {
  readonly frame: bigint;
  /** When its mark reached the page, in ms of the worker's clock. */
  readonly receivedAtMs: number;
  /** Time spent decoding and drawing it, in ms. */
  readonly decodeMs: number;
};

/** A frame that was shown, or was overtaken by a newer one that was. */
export type PresentedFrame = {
  readonly frame: bigint;
  /** From receipt of the mark to presentation. */
  readonly presentUs: number;
};

export type PresentationFigures = {
  /** Pictures that the browser showed; merged frames count once. */
  readonly framesPresented: number;
  readonly framesPerSecond: number;
  /** Median of late frames; undefined before the first. */
  readonly decodeMs: number | undefined;
};

/**
 * When a message reached the page, in ms of the worker's clock: as the page
 * says, unless that cannot be. The two clocks are one in most browsers, but
 * none promises it.
 */
export function receiptOf(toldMs: number, now: number): number {
  return toldMs <= now && toldMs >= now - TRANSIT_MS_MAX ? toldMs : now;
}

export class Presentation {
  #waiting: PutFrame[] = [];
  #framesPresented = 0;
  readonly #decode = new MedianWindow(STATISTICS_FRAMES);
  readonly #rate = new RateWindow();

  /** The frame was put; true when it is the first since the last refresh. */
  handlePut(put: PutFrame): boolean {
    this.#waiting.push(put);
    this.#decode.add(put.decodeMs);
    return this.#waiting.length === 1;
  }

  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The browser shows what was put; gives every frame that is answered by it, in order. */
  handleDisplay(now: number): PresentedFrame[] {
    if (this.#waiting.length === 0) return [];
    this.#framesPresented += 1;
    this.#rate.add(now);
    const shown = this.#waiting.map(({ frame, receivedAtMs }) => ({
      frame,
      presentUs: Math.min(PRESENT_US_MAX, Math.round((now - receivedAtMs) * 1000)),
    }));
    this.#waiting = [];
    return shown;
  }

  figures(now: number): PresentationFigures {
    return {
      framesPresented: this.#framesPresented,
      framesPerSecond: this.#rate.perSecond(now),
      decodeMs: this.#decode.median,
    };
  }
}
