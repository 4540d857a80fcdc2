/** The decoder of tiles, against what an encoder of another build makes. */

import { compress, init } from '@bokuweb/zstd-wasm';
import { describe, expect, it } from 'vitest';

import { zstdModule } from '../dev/zstd-wasm';
import { Zstd } from '../src/desktop/picture/zstd';

await init();
const zstd = await Zstd.instantiate(new WebAssembly.Module(zstdModule()));

/** Text-like bytes: runs, and some that look random. */
function sample(length: number): Uint8Array {
  let state = length;
  return Uint8Array.from({ length }, (_, index) => {
    if (index % 97 === 0) state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return index % 7 === 0 ? state >>> 24 : 0xf0;
  });
}

function decompressed(data: Uint8Array, size: number): Uint8Array | undefined {
  const pixels = zstd.decompress(data, size);
  return pixels?.bytes.slice(pixels.start, pixels.start + size);
}

describe('a tile', () => {
  it.each([1, 3, 64 * 64 * 3, 1920 * 1080 * 3, 12])('of %i bytes is what was compressed', (length) => {
    const bytes = sample(length);
    expect(Buffer.compare(decompressed(compress(bytes, 1), length) ?? new Uint8Array(), bytes)).toBe(0);
  });

  it('is read as words too', () => {
    const pixels = zstd.decompress(compress(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 1), 8);
    expect(pixels?.words[pixels.start / 4]).toBe(0x04030201);
  });
});

describe('nothing', () => {
  const good = compress(sample(5000), 1);
  it.each([
    ['no data', new Uint8Array(), 10],
    ['no frame', Uint8Array.from({ length: 100 }, (_, index) => index), 100],
    ['a frame cut off', good.slice(0, -3), 5000],
    ['less than expected', good, 5001],
    ['more than expected', good, 4999],
    ['more memory than there is', good, 2 ** 32 - 2 ** 20],
  ])('comes of %s', (_name, data, size) => {
    expect(zstd.decompress(data, size)).toBeUndefined();
    expect(decompressed(good, 5000)).toEqual(sample(5000));
  });

  it('but an error or other bytes comes of damaged ones', () => {
    for (let index = 0; index < good.length; index += 1) {
      const damaged = good.slice();
      damaged[index] = (damaged[index] ?? 0) ^ 0x55;
      expect(() => zstd.decompress(damaged, 5000)).not.toThrow();
    }
    expect(decompressed(good, 5000)).toEqual(sample(5000));
  });
});
