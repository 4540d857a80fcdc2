/**
 * Moves a picture that is larger than its place when the mouse comes near an
 * edge: the wheel and the keys are the target's, so nothing else would.
 */

/** The edge's width, in CSS pixels. */
const EDGE_PX = 28;

/** Right at the edge, in CSS pixels a second. */
const SPEED_MAX = 1_600;

export class EdgePan {
  readonly #root: HTMLElement;
  readonly #listening = new AbortController();
  #speedX = 0;
  #speedY = 0;
  #frame: number | undefined;
  #lastMs = 0;

  constructor(root: HTMLElement) {
    this.#root = root;
    const { signal } = this.#listening;
    root.addEventListener('pointermove', (event) => this.#handleMove(event), { signal, passive: true });
    root.addEventListener('pointerleave', () => this.#stop(), { signal });
  }

  dispose(): void {
    this.#listening.abort();
    this.#stop();
  }

  #handleMove({ pointerType, clientX, clientY }: PointerEvent): void {
    const root = this.#root;
    const larger = root.scrollWidth > root.clientWidth || root.scrollHeight > root.clientHeight;
    if (pointerType !== 'mouse' || root.dataset.mode !== 'actual' || !larger) {
      this.#stop();
      return;
    }
    const { left, top } = root.getBoundingClientRect();
    this.#speedX = panSpeed(clientX - left, root.clientWidth);
    this.#speedY = panSpeed(clientY - top, root.clientHeight);
    if (this.#speedX === 0 && this.#speedY === 0) {
      this.#stop();
    } else if (this.#frame === undefined) {
      this.#lastMs = performance.now();
      this.#frame = requestAnimationFrame((now) => this.#step(now));
    }
  }

  #step(now: number): void {
    const seconds = Math.max(0, now - this.#lastMs) / 1000;
    this.#lastMs = now;
    this.#root.scrollBy(this.#speedX * seconds, this.#speedY * seconds);
    this.#frame = requestAnimationFrame((next) => this.#step(next));
  }

  #stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }
}

/** CSS pixels a second for a pointer at `position` of `length`. */
export function panSpeed(position: number, length: number): number {
  const near = Math.max(0, EDGE_PX - position);
  const far = Math.max(0, EDGE_PX - (length - position));
  return (Math.min(EDGE_PX, far) - Math.min(EDGE_PX, near)) * (SPEED_MAX / EDGE_PX);
}
