/**
 * Zstandard (RFC 8878) in WebAssembly, with its memory used in place: the
 * compressed bytes are copied in, the pixels are read where they were
 * written. The module is the one of the package `zstddec`.
 */

import type { Rgb24 } from './core/framebuffer';

type Exports = {
  readonly memory: WebAssembly.Memory;
  malloc(bytes: number): number;
  free(pointer: number): void;
  /** How many bytes were written, or an error code above every size. */
  ZSTD_decompress(into: number, capacity: number, from: number, bytes: number): number;
};

/** Room that is kept between calls grows by whole pieces of this, in bytes. */
const ROOM_STEP_BYTES = 256 * 1024;

/** A place in the module's memory that grows when more is asked of it. */
class Room {
  readonly #exports: Exports;
  #pointer = 0;
  #capacity = 0;

  constructor(exports: Exports) {
    this.#exports = exports;
  }

  /** Where `bytes` bytes fit, on a word's boundary; 0 when there is no memory for them. */
  of(bytes: number): number {
    if (this.#pointer !== 0 && bytes <= this.#capacity) return this.#pointer;
    if (this.#pointer !== 0) this.#exports.free(this.#pointer);
    this.#capacity = Math.ceil(bytes / ROOM_STEP_BYTES) * ROOM_STEP_BYTES;
    this.#pointer = this.#exports.malloc(this.#capacity);
    return this.#pointer;
  }
}

export class Zstd {
  readonly #exports: Exports;
  readonly #from: Room;
  readonly #into: Room;
  #bytes: Uint8Array;
  #words: Uint32Array;

  private constructor(exports: Exports) {
    this.#exports = exports;
    this.#from = new Room(exports);
    this.#into = new Room(exports);
    this.#bytes = new Uint8Array(exports.memory.buffer);
    this.#words = new Uint32Array(exports.memory.buffer);
  }

  static async instantiate(module: WebAssembly.Module): Promise<Zstd> {
    const imports = { env: { emscripten_notify_memory_growth: () => undefined } };
    const instance = await WebAssembly.instantiate(module, imports);
    return new Zstd(instance.exports as unknown as Exports);
  }

  /** One frame of exactly `size` bytes, good until the next call; undefined when it is none. */
  decompress(data: Uint8Array, size: number): Rgb24 | undefined {
    const from = this.#from.of(data.length);
    const into = this.#into.of(size);
    if (from === 0 || into === 0) return undefined;
    this.#look();
    this.#bytes.set(data, from);
    const written = this.#exports.ZSTD_decompress(into, size, from, data.length);
    this.#look();
    return written === size ? { bytes: this.#bytes, words: this.#words, start: into } : undefined;
  }

  /** Memory that has grown is another buffer. */
  #look(): void {
    const { buffer } = this.#exports.memory;
    if (buffer === this.#bytes.buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
  }
}
