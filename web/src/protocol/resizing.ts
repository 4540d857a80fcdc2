/** The size of the viewer, and when the node is to be told of it. */

import { sameSize, type ViewerSize } from './messages';

export class Resizing {
  #size: ViewerSize;
  #told: ViewerSize | undefined;
  #dueAt: number | undefined;

  constructor(size: ViewerSize) {
    this.#size = size;
  }

  /** When something is to be told next. */
  get dueAt(): number | undefined {
    return this.#dueAt;
  }

  handleResize(size: ViewerSize): void {
    this.#size = size;
  }

  /** The size as it is now, for a message that tells it in any case. */
  tell(): ViewerSize {
    this.#told = this.#size;
    return this.#size;
  }

  /** Looks at `time` whether there is something to tell. */
  lookAt(time: number): void {
    this.#dueAt = time;
  }

  /** The same, unless that is going to happen anyway. */
  lookSoon(time: number): void {
    this.#dueAt ??= time;
  }

  /** The size, if it is time and the node knows another; `follows` says whether the target takes one. */
  poll(now: number, follows: boolean): ViewerSize | undefined {
    if (this.#dueAt === undefined || now < this.#dueAt) return undefined;
    this.#dueAt = undefined;
    if (!follows || (this.#told && sameSize(this.#told, this.#size))) return undefined;
    return this.tell();
  }

  /** Nobody can be told. */
  rest(): void {
    this.#dueAt = undefined;
  }
}
