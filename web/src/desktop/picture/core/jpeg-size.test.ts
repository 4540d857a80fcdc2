import { expect, it } from 'vitest';

import { jpegSize } from './jpeg-size';

const START = [0xff, 0xd8];
const COMMENT = [0xff, 0xfe, 0x00, 0x04, 0xff, 0xc0];
const frame = (code: number) => [0xff, code, 0x00, 0x0b, 8, 0x02, 0xd0, 0x05, 0x00, 1, 1, 0x11, 0];
const SCAN = [0xff, 0xda, 0x00, 0x02];

it.each([
  ['baseline', [...START, ...frame(0xc0), ...SCAN]],
  ['progressive', [...START, ...COMMENT, ...frame(0xc2), ...SCAN]],
  ['with fill bytes', [...START, 0xff, 0xff, ...frame(0xc0)]],
  ['with Huffman tables first', [...START, 0xff, 0xc4, 0x00, 0x02, ...frame(0xc1)]],
])('finds the size: %s', (_name, bytes) => {
  expect(jpegSize(Uint8Array.from(bytes))).toEqual({ width: 1280, height: 720 });
});

it.each([
  ['nothing', []],
  ['another file', [0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]],
  ['a scan first', [...START, ...SCAN, ...frame(0xc0)]],
  ['cut off in the header', [...START, ...frame(0xc0).slice(0, 6)]],
  ['a length that leads nowhere', [...START, 0xff, 0xe0, 0xff, 0xff, 1]],
])('finds none: %s', (_name, bytes) => {
  expect(jpegSize(Uint8Array.from(bytes))).toBeUndefined();
});

it('reads any beginning of a file to its end', () => {
  const whole = Uint8Array.from([...START, ...COMMENT, ...frame(0xc2), ...SCAN]);
  for (let length = 0; length <= whole.length; length += 1) {
    for (let code = 0; code < 256; code += 1) {
      const bytes = whole.slice(0, length);
      if (length > 3) bytes[3] = code;
      expect(() => jpegSize(bytes)).not.toThrow();
    }
  }
});
