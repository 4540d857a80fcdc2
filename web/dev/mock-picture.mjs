/** A made-up desktop: a picture in memory, and its parts as messages of the session protocol. */

import { eachDot } from './mock-font.mjs';

/** A message is at most 1 MiB; a strip of the picture stays well below, bytes. */
const STRIP_BYTES = 700 * 1024;

/** A zstd block is at most this long, bytes (RFC 8878, 3.1.1.2.3). */
const BLOCK_BYTES = 128 * 1024;

export class MockPicture {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.rgb = Buffer.alloc(width * height * 3);
  }

  /** Fills with `paint(x, y)` -> [r, g, b] or one colour. */
  fill(left, top, width, height, paint) {
    const right = Math.min(this.width, left + width);
    const bottom = Math.min(this.height, top + height);
    for (let y = Math.max(0, top); y < bottom; y += 1) {
      for (let x = Math.max(0, left); x < right; x += 1) {
        const colour = typeof paint === 'function' ? paint(x, y) : paint;
        this.rgb.set(colour, (y * this.width + x) * 3);
      }
    }
  }

  text(left, top, words, colour, scale = 2) {
    eachDot(words, (column, row) => this.fill(left + column * scale, top + row * scale, scale, scale, colour));
  }

  /** The tiles that bring `rect` to a viewer. */
  tiles({ left, top, width, height }) {
    const rows = Math.max(1, Math.floor(STRIP_BYTES / (width * 3)));
    const tiles = [];
    for (let y = top; y < top + height; y += rows) {
      const strip = Math.min(rows, top + height - y);
      tiles.push({
        case: 'tile',
        value: {
          rects: [{ x: left, y, width, height: strip }],
          codec: 1,
          data: zstdStored(this.cut(left, y, width, strip)),
        },
      });
    }
    return tiles;
  }

  cut(left, top, width, height) {
    const rows = Array.from({ length: height }, (_, row) => {
      const start = ((top + row) * this.width + left) * 3;
      return this.rgb.subarray(start, start + width * 3);
    });
    return Buffer.concat(rows);
  }
}

/** One zstd frame whose blocks are stored as they are (RFC 8878, 3.1.1). */
function zstdStored(data) {
  const header = Buffer.alloc(9);
  header.writeUInt32LE(0xfd2fb528, 0);
  // A single segment, its size in four bytes.
  header[4] = 0xa0;
  header.writeUInt32LE(data.length, 5);
  const parts = [header];
  for (let start = 0; start < data.length || start === 0; start += BLOCK_BYTES) {
    const block = data.subarray(start, start + BLOCK_BYTES);
    const last = start + BLOCK_BYTES >= data.length ? 1 : 0;
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | last, 0, 3);
    parts.push(head, block);
  }
  return Buffer.concat(parts);
}

/** Wallpaper, a window with words, colour bars and a photo-like gradient. */
export function paintDesktop(picture, name) {
  const { width, height } = picture;
  picture.fill(0, 0, width, height, (x, y) => [24 + ((x * 40) / width), 60 + ((y * 50) / height), 96 + ((x * 30) / width)]);
  picture.fill(0, height - 34, width, 34, [22, 27, 34]);
  picture.text(12, height - 24, `START   ${name}`, [230, 237, 243]);
  const left = Math.round(width * 0.08);
  const top = Math.round(height * 0.1);
  const wide = Math.min(width - 2 * left, 640);
  const high = Math.min(height - top - 80, 420);
  picture.fill(left, top, wide, high, [246, 248, 250]);
  picture.fill(left, top, wide, 30, [208, 215, 222]);
  picture.text(left + 10, top + 8, 'Untitled - Notes', [36, 41, 47]);
  picture.text(left + 14, top + 46, 'The quick brown fox jumps over the lazy dog.', [36, 41, 47]);
  const bars = [[255, 255, 255], [255, 255, 0], [0, 255, 255], [0, 255, 0], [255, 0, 255], [255, 0, 0], [0, 0, 255], [0, 0, 0]];
  const bar = Math.floor((wide - 28) / bars.length);
  bars.forEach((colour, index) => picture.fill(left + 14 + index * bar, top + high - 90, bar, 34, colour));
  picture.fill(left + 14, top + high - 50, bar * bars.length, 34, (x) => {
    const part = ((x - left) / wide) * 255;
    return [part, part, part];
  });
  return { left: left + 14, top: top + 74, width: wide - 28, height: high - 170 };
}
