/** Rectangles of a screen, in pixels from its top left corner. */

export type Size = { readonly width: number; readonly height: number };

export type Rect = Size & { readonly x: number; readonly y: number };

export function area({ width, height }: Size): number {
  return width * height;
}

/** Whether `rect` has pixels and all of them lie within `size`. */
export function within(rect: Rect, size: Size): boolean {
  return (
    rect.width > 0 &&
    rect.height > 0 &&
    rect.x + rect.width <= size.width &&
    rect.y + rect.height <= size.height
  );
}

/** The smallest rectangle around both. */
export function around(one: Rect, other: Rect): Rect {
  const x = Math.min(one.x, other.x);
  const y = Math.min(one.y, other.y);
  return {
    x,
    y,
    width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y,
  };
}
