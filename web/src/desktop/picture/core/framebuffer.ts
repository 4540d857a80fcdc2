/**
 * The screen in memory: what the node has drawn so far. Opaque RGBA, as
 * `ImageData` wants it. Callers check rectangles; nothing here allocates.
 *
 * Pixels are written as 32-bit words, four of RGB24 out of three words at a
 * time: half the time of byte by byte. Every machine that runs a browser is
 * little-endian.
 */

import type { Rect } from './rect';

const OPAQUE = 0xff000000;

/** RGB24 somewhere in memory: the same bytes twice, as bytes and as words. */
export type Rgb24 = {
  readonly bytes: Uint8Array;
  /** Begins where `bytes` does; whole words only. */
  readonly words: Uint32Array;
  /** Where the first pixel is, in bytes. */
  readonly start: number;
};

/** A view of RGB24 in an array of its own; copies when it is not aligned. */
export function rgb24(data: Uint8Array): Rgb24 {
  const bytes = data.byteOffset % 4 === 0 ? data : data.slice();
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  return { bytes, words, start: 0 };
}

export class Framebuffer {
  readonly width: number;
  readonly height: number;
  /** R, G, B and 255 for each pixel, row by row. */
  readonly bytes: Uint8ClampedArray<ArrayBuffer>;
  /** `bytes`, and another row below that is never shown: for writers that count whole strides. */
  readonly room: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array;

  /** Black. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.room = new Uint8Array(width * (height + 1) * 4);
    this.bytes = new Uint8ClampedArray(this.room.buffer, 0, width * height * 4);
    this.#words = new Uint32Array(this.room.buffer, 0, width * height);
    this.#words.fill(OPAQUE);
  }

  /** Puts RGB24 rows into `rect`; gives where the next rectangle's begin. */
  put(rect: Rect, source: Rgb24, from: number): number {
    const stride = rect.width * 3;
    let byte = from;
    for (let row = 0; row < rect.height; row += 1) {
      putRow(this.#words, this.#index(rect.x, rect.y + row), rect.width, source, byte);
      byte += stride;
    }
    return byte;
  }

  /** Like `put`, with what is there XORed with it. */
  xor(rect: Rect, source: Rgb24, from: number): number {
    const stride = rect.width * 3;
    let byte = from;
    for (let row = 0; row < rect.height; row += 1) {
      xorRow(this.#words, this.#index(rect.x, rect.y + row), rect.width, source.bytes, byte);
      byte += stride;
    }
    return byte;
  }

  /** `rgb` is 0xRRGGBB. */
  fill(rect: Rect, rgb: number): void {
    const word = OPAQUE | ((rgb & 0xff) << 16) | (rgb & 0xff00) | ((rgb >>> 16) & 0xff);
    for (let row = rect.y; row < rect.y + rect.height; row += 1) {
      const start = this.#index(rect.x, row);
      this.#words.fill(word, start, start + rect.width);
    }
  }

  /** Moves what is in `source`; the two places may overlap. */
  copy(source: Rect, x: number, y: number): void {
    const down = y > source.y;
    for (let step = 0; step < source.height; step += 1) {
      const row = down ? source.height - 1 - step : step;
      const from = this.#index(source.x, source.y + row);
      this.#words.copyWithin(this.#index(x, y + row), from, from + source.width);
    }
  }

  /** Puts RGBA rows without gaps into `rect`, as opaque. */
  putRgba(rect: Rect, rgba: Uint8ClampedArray | Uint8Array): void {
    const source = new Uint32Array(rgba.buffer, rgba.byteOffset, rect.width * rect.height);
    for (let row = 0; row < rect.height; row += 1) {
      const pixels = source.subarray(row * rect.width, (row + 1) * rect.width);
      this.#words.set(pixels, this.#index(rect.x, rect.y + row));
    }
  }

  #index(x: number, y: number): number {
    return y * this.width + x;
  }
}

// The casts below: an index within a typed array gives a number, and asking
// again for each of two million pixels costs a millisecond.

function putRow(into: Uint32Array, at: number, width: number, { bytes, words }: Rgb24, from: number): void {
  const end = at + width;
  let pixel = at;
  let byte = from;
  for (; pixel < end && (byte & 3) !== 0; pixel += 1, byte += 3) into[pixel] = OPAQUE | pixelAt(bytes, byte);
  let word = byte >>> 2;
  for (; pixel + 4 <= end; pixel += 4, word += 3) {
    const first = words[word] as number;
    const second = words[word + 1] as number;
    const third = words[word + 2] as number;
    into[pixel] = OPAQUE | first;
    into[pixel + 1] = OPAQUE | (first >>> 24) | (second << 8);
    into[pixel + 2] = OPAQUE | (second >>> 16) | (third << 16);
    into[pixel + 3] = OPAQUE | (third >>> 8);
  }
  byte = from + (pixel - at) * 3;
  for (; pixel < end; pixel += 1, byte += 3) into[pixel] = OPAQUE | pixelAt(bytes, byte);
}

function xorRow(into: Uint32Array, at: number, width: number, bytes: Uint8Array, from: number): void {
  let byte = from;
  for (let pixel = at; pixel < at + width; pixel += 1, byte += 3) {
    into[pixel] = (into[pixel] as number) ^ pixelAt(bytes, byte);
  }
}

function pixelAt(bytes: Uint8Array, byte: number): number {
  return (bytes[byte] as number) | ((bytes[byte + 1] as number) << 8) | ((bytes[byte + 2] as number) << 16);
}
