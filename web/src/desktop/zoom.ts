/** The view that fingers enlarge: how large, and which part of it is in sight. CSS pixels. */

import type { Point } from './input/core/pointer';

/** A view is never smaller than its room. */
const SCALE_MIN = 1;

/** Larger than this nothing gets clearer. */
const SCALE_MAX = 8;

/** Nearly its own size is its own size: fingers are not exact. */
const SNAP = 1.05;

export type View = {
  scale: number;
  /** Where the view's upper left corner is in its room; never positive. */
  left: number;
  top: number;
};

export const WHOLE: View = { scale: 1, left: 0, top: 0 };

type Room = { width: number; height: number };

/** The view after fingers around `at`, a place in the room, spread by `factor` and moved by `by`. */
export function zoomed(view: View, at: Point, factor: number, by: Point, room: Room): View {
  const scale = Math.max(SCALE_MIN, Math.min(SCALE_MAX, view.scale * factor));
  const grown = scale / view.scale;
  // What was under the fingers stays under them.
  const left = at.x - (at.x - by.x - view.left) * grown;
  const top = at.y - (at.y - by.y - view.top) * grown;
  return within({ scale, left, top }, room);
}

/** The view when the fingers have left. */
export function settled(view: View, room: Room): View {
  return view.scale < SNAP ? WHOLE : within(view, room);
}

/** No edge of the view comes into its room. */
function within({ scale, left, top }: View, { width, height }: Room): View {
  return {
    scale,
    left: Math.min(0, Math.max(width * (1 - scale), left)),
    top: Math.min(0, Math.max(height * (1 - scale), top)),
  };
}
