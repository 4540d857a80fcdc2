import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';

import { CursorShapeSchema } from '../../../wire/generated/causeway/session/v1/session_pb';
import { cursorLook, cursorOf, OWN_CURSOR_PX_MAX, type Cursor } from './cursor';
import { CURSOR_PIXELS_MAX } from './limits';

const shape = (width: number, height: number, x: number, y: number, bytes = width * height * 4) =>
  cursorOf(
    create(CursorShapeSchema, { width, height, hotspotX: x, hotspotY: y, rgba: new Uint8Array(bytes) }),
  );

describe('a shape', () => {
  it('may be none, the viewer\'s own, or a picture', () => {
    expect(shape(0, 0, 0, 0)).toEqual({ kind: 'hidden' });
    expect(shape(0, 0, 1, 0)).toEqual({ kind: 'default' });
    expect(shape(24, 32, 3, 4)).toMatchObject({ kind: 'shape', size: { width: 24, height: 32 }, hotspot: { x: 3, y: 4 } });
  });

  it('points with a pixel that it has', () => {
    expect(shape(16, 16, 99, 15)).toMatchObject({ hotspot: { x: 15, y: 15 } });
  });

  it('is refused when its size and its pixels differ, or it is too large', () => {
    expect(shape(16, 16, 0, 0, 16 * 16 * 3)).toBeUndefined();
    expect(shape(0, 16, 0, 0, 0)).toBeUndefined();
    expect(shape(CURSOR_PIXELS_MAX + 1, 1, 0, 0)).toBeUndefined();
  });
});

describe('its look', () => {
  const look = (width: number, height: number, zoom: number, scale: number) =>
    cursorLook(shape(width, height, 4, 8) as Extract<Cursor, { kind: 'shape' }>, zoom, scale);

  it('is its own pixels where the picture is', () => {
    expect(look(32, 32, 1, 1)).toMatchObject({ image: { width: 32, height: 32 }, width: 32, hotspotX: 4, overlaid: false });
    // A picture of device pixels: two of them are a CSS pixel.
    expect(look(32, 32, 0.5, 2)).toMatchObject({ image: { width: 32, height: 32 }, width: 16, hotspotX: 2, hotspotY: 4 });
  });

  it('stays visible on a small picture', () => {
    expect(look(24, 24, 0.1, 1).height).toBe(14);
    expect(look(8, 8, 0.1, 1).height).toBe(8);
  });

  it('is drawn over the picture when a browser would not take it', () => {
    expect(look(OWN_CURSOR_PX_MAX, 64, 1, 1).overlaid).toBe(false);
    expect(look(OWN_CURSOR_PX_MAX + 1, 64, 1, 1).overlaid).toBe(true);
    expect(look(64, 64, 2.5, 1).overlaid).toBe(true);
  });
});
