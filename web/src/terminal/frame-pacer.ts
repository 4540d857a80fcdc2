/**
 * Fewer pictures during a flood. A picture costs more than the output that it
 * shows, and of sixty in a second of `seq 1 2000000` nobody reads one; the
 * time is better spent on the output itself. What is not a flood is shown at
 * the browser's own pace.
 */

/** More output than this since the last picture is a flood, bytes. */
const FLOOD_BYTES = 64 * 1024;

/** Time between two pictures of a flood, ms. */
const FLOOD_FRAME_MS = 100;

/** A flood that is still for this long is over, ms. */
const STILL_MS = 15;

/** How often a held picture is looked after, ms. */
const LOOK_MS = 20;

export type PacerPorts = {
  hold: () => void;
  release: () => void;
  /** Runs `next` after `ms`. */
  later: (next: () => void, ms: number) => void;
  now: () => number;
};

export class FramePacer {
  /** Bytes since the last picture. */
  #bytes = 0;
  #heldAt: number | undefined;
  #writtenAt = 0;
  /** Released, but the browser has not drawn yet: holding again would starve it. */
  #awaiting = false;
  readonly #ports: PacerPorts;

  constructor(ports: PacerPorts) {
    this.#ports = ports;
  }

  /** `bytes` more were parsed. */
  handleWritten(bytes: number): void {
    this.#writtenAt = this.#ports.now();
    this.#bytes += bytes;
    if (this.#heldAt !== undefined || this.#awaiting || this.#bytes <= FLOOD_BYTES) return;
    this.#heldAt = this.#writtenAt;
    this.#ports.hold();
    this.#ports.later(() => this.#look(), LOOK_MS);
  }

  /** A picture was drawn. */
  handleFrame(): void {
    this.#awaiting = false;
    this.#bytes = 0;
  }

  #look(): void {
    if (this.#heldAt === undefined) return;
    const now = this.#ports.now();
    if (now - this.#heldAt < FLOOD_FRAME_MS && now - this.#writtenAt < STILL_MS) {
      this.#ports.later(() => this.#look(), LOOK_MS);
      return;
    }
    this.#heldAt = undefined;
    this.#awaiting = true;
    this.#ports.release();
  }
}
