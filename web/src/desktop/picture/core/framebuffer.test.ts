import { describe, expect, it } from 'vitest';

import { Damage } from './damage';
import { Framebuffer, rgb24 } from './framebuffer';
import { DAMAGE_RECTS_MAX } from './limits';
import { area, type Rect } from './rect';

/** Numbers that look random and are the same every time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The framebuffer as it would be written without a thought of speed. */
class Model {
  readonly pixels: [number, number, number][];
  readonly width: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.pixels = Array.from({ length: width * height }, () => [0, 0, 0]);
  }

  each(rect: Rect, change: (index: number, step: number) => void): void {
    for (let step = 0; step < area(rect); step += 1) {
      const y = rect.y + Math.floor(step / rect.width);
      change(y * this.width + rect.x + (step % rect.width), step);
    }
  }

  bytes(): number[] {
    return this.pixels.flatMap((pixel) => [...pixel, 255]);
  }
}

describe('a framebuffer', () => {
  it('is what a simple one is after anything was drawn anywhere', () => {
    const random = numbers(7);
    const [width, height] = [37, 23];
    const framebuffer = new Framebuffer(width, height);
    const model = new Model(width, height);
    for (let round = 0; round < 400; round += 1) {
      const rect = randomRect(random, width, height);
      // The pixels begin anywhere: those of one rectangle follow another's.
      const from = random(7);
      const data = Uint8Array.from({ length: from + area(rect) * 3 }, () => random(256));
      const at = (step: number): [number, number, number] =>
        [0, 1, 2].map((channel) => data[from + step * 3 + channel] ?? 0) as [number, number, number];
      switch (random(4)) {
        case 0: {
          expect(framebuffer.put(rect, rgb24(data), from)).toBe(data.length);
          model.each(rect, (index, step) => (model.pixels[index] = at(step)));
          break;
        }
        case 1: {
          expect(framebuffer.xor(rect, rgb24(data), from)).toBe(data.length);
          model.each(rect, (index, step) => {
            const other = at(step);
            model.pixels[index] = model.pixels[index]?.map((value, channel) => value ^ (other[channel] ?? 0)) as never;
          });
          break;
        }
        case 2: {
          const [red, green, blue] = at(0);
          framebuffer.fill(rect, (red << 16) | (green << 8) | blue);
          model.each(rect, (index) => (model.pixels[index] = at(0)));
          break;
        }
        default: {
          const x = random(width - rect.width + 1);
          const y = random(height - rect.height + 1);
          framebuffer.copy(rect, x, y);
          const before: (typeof model.pixels)[number][] = [];
          model.each(rect, (index) => before.push(model.pixels[index] ?? [0, 0, 0]));
          model.each({ ...rect, x, y }, (index, step) => (model.pixels[index] = before[step] ?? [0, 0, 0]));
        }
      }
    }
    expect([...framebuffer.bytes]).toEqual(model.bytes());
  });

  it('takes rows of RGBA', () => {
    const framebuffer = new Framebuffer(3, 3);
    const rgba = new Uint8ClampedArray([1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 255]);
    framebuffer.putRgba({ x: 1, y: 1, width: 2, height: 2 }, rgba);
    expect([...framebuffer.bytes.subarray(16, 24)]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
    expect([...framebuffer.bytes.subarray(28, 36)]).toEqual([7, 8, 9, 255, 10, 11, 12, 255]);
  });
});

describe('damage', () => {
  it('covers all that was added, in few rectangles', () => {
    const random = numbers(3);
    for (let round = 0; round < 100; round += 1) {
      const damage = new Damage();
      const added = Array.from({ length: random(120) }, () => smallRect(random, 60, 40));
      for (const rect of added) damage.add(rect);
      const taken = damage.take();
      expect(taken.length).toBeLessThanOrEqual(DAMAGE_RECTS_MAX);
      const covered = new Set(taken.flatMap(pixelsOf));
      expect(added.flatMap(pixelsOf).every((pixel) => covered.has(pixel))).toBe(true);
      expect(damage.take()).toEqual([]);
    }
  });

  it('joins tiles of a row', () => {
    const damage = new Damage();
    for (let x = 0; x < 640; x += 64) damage.add({ x, y: 128, width: 64, height: 64 });
    expect(damage.take()).toEqual([{ x: 0, y: 128, width: 640, height: 64 }]);
  });

  it('does not put the screen for its corners', () => {
    const damage = new Damage();
    const corners = [0, 1900].flatMap((x) => [0, 1060].map((y) => ({ x, y, width: 20, height: 20 })));
    for (const corner of corners) damage.add(corner);
    expect(damage.take()).toEqual(corners);
  });
});

function randomRect(random: (below: number) => number, width: number, height: number): Rect {
  const x = random(width);
  const y = random(height);
  return { x, y, width: 1 + random(width - x), height: 1 + random(height - y) };
}

/** So small that many of them are needed to cover anything. */
function smallRect(random: (below: number) => number, width: number, height: number): Rect {
  return { x: random(width - 4), y: random(height - 4), width: 1 + random(4), height: 1 + random(4) };
}

function pixelsOf({ x, y, width, height }: Rect): number[] {
  return Array.from({ length: width * height }, (_, step) => (y + Math.floor(step / width)) * 1000 + x + (step % width));
}
