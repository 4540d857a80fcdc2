/** The target's pointer as an image file of the size that it is shown at; in the worker. */

import { cursorLook, type Cursor } from './core/cursor';
import type { CursorToShow } from './worker-messages';

export class CursorImage {
  readonly #show: (cursor: CursorToShow) => void;
  #cursor: Cursor = { kind: 'default' };
  #zoom = 1;
  #scale = 1;
  /** Counts what was asked for, so that an older image never follows a newer one. */
  #turn = 0;

  constructor(show: (cursor: CursorToShow) => void) {
    this.#show = show;
  }

  setCursor(cursor: Cursor): void {
    this.#cursor = cursor;
    this.#draw();
  }

  setZoom(zoom: number, scale: number): void {
    if (zoom === this.#zoom && scale === this.#scale) return;
    this.#zoom = zoom;
    this.#scale = scale;
    if (this.#cursor.kind === 'shape') this.#draw();
  }

  #draw(): void {
    this.#turn += 1;
    const turn = this.#turn;
    const cursor = this.#cursor;
    if (cursor.kind !== 'shape') {
      this.#show(cursor);
      return;
    }
    const look = cursorLook(cursor, this.#zoom, this.#scale);
    void imageOf(cursor, look.image).then((image) => {
      if (turn === this.#turn) this.#show(image ? { kind: 'shape', look, image } : { kind: 'default' });
    });
  }
}

type Shape = Extract<Cursor, { kind: 'shape' }>;

async function imageOf({ size, rgba }: Shape, drawn: Shape['size']): Promise<Blob | undefined> {
  try {
    const pixels = new ImageData(new Uint8ClampedArray(rgba), size.width, size.height);
    const own = new OffscreenCanvas(size.width, size.height);
    own.getContext('2d')?.putImageData(pixels, 0, 0);
    if (drawn.width === size.width && drawn.height === size.height) return await own.convertToBlob();
    const scaled = new OffscreenCanvas(drawn.width, drawn.height);
    const context = scaled.getContext('2d');
    if (context) context.imageSmoothingQuality = 'high';
    context?.drawImage(own, 0, 0, drawn.width, drawn.height);
    return await scaled.convertToBlob();
  } catch {
    // No memory for a canvas: the viewer's own arrow will do.
    return undefined;
  }
}
