/**
 * The target's pointer, as far as it can be thought about without a page:
 * what a message says, and how large it is to be drawn.
 */

import type { CursorShape } from '../../../wire/generated/causeway/session/v1/session_pb';
import { CURSOR_PIXELS_MAX } from './limits';
import type { Size } from './rect';

export type Cursor =
  | { readonly kind: 'hidden' }
  /** The viewer's own arrow. */
  | { readonly kind: 'default' }
  | {
      readonly kind: 'shape';
      readonly size: Size;
      readonly hotspot: { readonly x: number; readonly y: number };
      /** Straight alpha. */
      readonly rgba: Uint8Array;
    };

/** Undefined when the message is not what it says it is. */
export function cursorOf({ width, height, hotspotX, hotspotY, rgba }: CursorShape): Cursor | undefined {
  if (width === 0 && height === 0 && rgba.length === 0) {
    // A hidden pointer has no pixel that points; the viewer's own has one.
    return hotspotX === 1 ? { kind: 'default' } : { kind: 'hidden' };
  }
  const fits = width > 0 && height > 0 && width <= CURSOR_PIXELS_MAX && height <= CURSOR_PIXELS_MAX;
  if (!fits || rgba.length !== width * height * 4) return undefined;
  return {
    kind: 'shape',
    size: { width, height },
    hotspot: { x: Math.min(hotspotX, width - 1), y: Math.min(hotspotY, height - 1) },
    rgba,
  };
}

/** How a shape is drawn. */
export type CursorLook = {
  /** Of the image, in device pixels. */
  readonly image: Size;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly hotspotX: number;
  readonly hotspotY: number;
  /** Device pixels for each CSS pixel. */
  readonly scale: number;
  /** Too large for a browser to take it as its own pointer. */
  readonly overlaid: boolean;
};

/** Browsers refuse a larger pointer; CSS pixels. */
export const OWN_CURSOR_PX_MAX = 128;

/** A pointer is not drawn smaller than this, even on a picture that is; CSS pixels down. */
const CURSOR_PX_MIN = 14;

/** Nor larger than this many times what it would be at 100 %. */
const ENLARGED_MAX = 3;

/** `zoom` is CSS pixels for each remote pixel, `scale` device pixels for each CSS pixel. */
export function cursorLook(
  { size, hotspot }: Extract<Cursor, { kind: 'shape' }>,
  zoom: number,
  scale: number,
): CursorLook {
  const least = Math.min(1, CURSOR_PX_MIN / size.height);
  const drawn = Math.max(least, Math.min(zoom, ENLARGED_MAX));
  const image = {
    width: Math.max(1, Math.round(size.width * drawn * scale)),
    height: Math.max(1, Math.round(size.height * drawn * scale)),
  };
  const width = image.width / scale;
  const height = image.height / scale;
  return {
    image,
    width,
    height,
    hotspotX: Math.floor(hotspot.x * drawn),
    hotspotY: Math.floor(hotspot.y * drawn),
    scale,
    overlaid: width > OWN_CURSOR_PX_MAX || height > OWN_CURSOR_PX_MAX,
  };
}
