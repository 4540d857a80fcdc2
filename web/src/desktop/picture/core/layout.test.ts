import { describe, expect, it } from 'vitest';

import { isOver, layOut, remotePixel } from './layout';

const HD = { width: 1280, height: 720 };

describe('fit', () => {
  it('takes as much of the host as the picture can, in the middle', () => {
    const layout = layOut({ width: 640, height: 480 }, HD, 1, 'fit');
    expect(layout).toEqual({ left: 0, top: 60, width: 640, height: 360, zoom: 0.5, exact: false });
  });

  it('is exact when the picture was made for the host', () => {
    expect(layOut(HD, HD, 1, 'fit')).toMatchObject({ zoom: 1, exact: true, left: 0, top: 0 });
    expect(layOut({ width: 640, height: 360 }, HD, 2, 'fit')).toMatchObject({ zoom: 0.5, exact: true });
  });

  it('does not blur all of it for a few pixels that a target rounded away', () => {
    const layout = layOut({ width: 1283, height: 725 }, HD, 1, 'fit');
    expect(layout).toMatchObject({ zoom: 1, exact: true, left: 1, top: 2, width: 1280 });
  });

  it('never hides pixels of a picture that is larger', () => {
    const layout = layOut({ width: 1270, height: 720 }, HD, 1, 'fit');
    expect(layout.width).toBeCloseTo(1270);
    expect(layout.height).toBeLessThan(720);
  });

  it('enlarges a small picture to whole pixels when that is what fits', () => {
    expect(layOut(HD, { width: 640, height: 360 }, 1, 'fit')).toMatchObject({ zoom: 2, exact: true });
  });
});

describe('actual', () => {
  it('is a device pixel for each remote pixel', () => {
    for (const scale of [1, 1.25, 1.5, 2, 3]) {
      const layout = layOut({ width: 2000, height: 1000 }, HD, scale, 'actual');
      expect(layout.width * scale).toBeCloseTo(1280);
      expect(layout.exact).toBe(true);
      expect((layout.left * scale) % 1).toBeCloseTo(0);
    }
  });

  it('begins at the corner when it is larger', () => {
    expect(layOut({ width: 300, height: 200 }, HD, 1, 'actual')).toMatchObject({ left: 0, top: 0, width: 1280 });
  });
});

describe('points', () => {
  it.each([
    { scale: 1, mode: 'fit' as const },
    { scale: 2, mode: 'fit' as const },
    { scale: 1.5, mode: 'actual' as const },
  ])('the middle of every pixel is that pixel ($mode at $scale)', ({ scale, mode }) => {
    const layout = layOut({ width: 611, height: 407 }, HD, scale, mode);
    for (let pixel = 0; pixel < 1280; pixel += 1) {
      const x = layout.left + (pixel + 0.5) * layout.zoom;
      const y = layout.top + ((pixel % 720) + 0.5) * layout.zoom;
      expect(remotePixel(layout, HD, x, y)).toEqual({ x: pixel, y: pixel % 720 });
    }
  });

  it('beside the picture are its nearest pixel, and not over it', () => {
    const layout = layOut({ width: 640, height: 480 }, HD, 1, 'fit');
    expect(remotePixel(layout, HD, -5, 10)).toEqual({ x: 0, y: 0 });
    expect(remotePixel(layout, HD, 9999, 9999)).toEqual({ x: 1279, y: 719 });
    expect(isOver(layout, 10, 59)).toBe(false);
    expect(isOver(layout, 10, 60)).toBe(true);
    expect(isOver(layout, 640, 100)).toBe(false);
  });
});
