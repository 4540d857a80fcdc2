/**
 * Where the picture is in its host, and which of its pixels is under a point.
 * Lengths are CSS pixels but where a remote or a device pixel is named; a
 * device pixel is `1 / scale` CSS pixels.
 */

import type { Size } from './rect';

/** How the picture meets its host: as large as fits, or pixel for pixel. */
export type PictureMode = 'fit' | 'actual';

export type Layout = {
  /** From the left of what scrolls, on a device pixel. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** CSS pixels for each remote pixel. */
  readonly zoom: number;
  /** Every remote pixel is the same whole number of device pixels. */
  readonly exact: boolean;
};

/** A fitted picture is shown pixel for pixel when that leaves no more than this free, in device pixels. */
const FREE_DEVICE_PIXELS_MAX = 8;

/** Less than this may stick out of the host then, in device pixels. */
const HIDDEN_DEVICE_PIXELS = 1;

/** How far from a whole number a zoom may be and still be called one. */
const EXACT_TOLERANCE = 1e-6;

export function layOut(host: Size, picture: Size, scale: number, mode: PictureMode): Layout {
  const zoom = mode === 'actual' ? 1 / scale : fittingZoom(host, picture, scale);
  const width = picture.width * zoom;
  const height = picture.height * zoom;
  const devicePixels = zoom * scale;
  return {
    left: onDevicePixel(Math.max(0, (host.width - width) / 2), scale),
    top: onDevicePixel(Math.max(0, (host.height - height) / 2), scale),
    width,
    height,
    zoom,
    exact: Math.abs(devicePixels - Math.round(devicePixels)) < EXACT_TOLERANCE,
  };
}

/**
 * The remote pixel under a point, given from the corner of what scrolls; the
 * nearest one for a point beside the picture.
 */
export function remotePixel(layout: Layout, picture: Size, left: number, top: number): { x: number; y: number } {
  return {
    x: clampedPixel((left - layout.left) / layout.zoom, picture.width),
    y: clampedPixel((top - layout.top) / layout.zoom, picture.height),
  };
}

/** Whether the point lies on the picture. */
export function isOver(layout: Layout, left: number, top: number): boolean {
  return (
    left >= layout.left &&
    top >= layout.top &&
    left < layout.left + layout.width &&
    top < layout.top + layout.height
  );
}

function fittingZoom(host: Size, picture: Size, scale: number): number {
  const fitting = Math.min(host.width / picture.width, host.height / picture.height);
  // A remote screen that was made for this host is off by no more than the
  // rounding on the way there, and resampling it would blur all of it.
  const free = Math.min(host.width * scale - picture.width, host.height * scale - picture.height);
  return free > -HIDDEN_DEVICE_PIXELS && free <= FREE_DEVICE_PIXELS_MAX ? 1 / scale : fitting;
}

function onDevicePixel(length: number, scale: number): number {
  return Math.floor(length * scale) / scale;
}

function clampedPixel(position: number, size: number): number {
  return Math.max(0, Math.min(size - 1, Math.floor(position)));
}
