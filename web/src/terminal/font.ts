/** The settings `font-name` and `font-size`, and what a person makes of them. */

const FALLBACKS = [
  'ui-monospace',
  '"Cascadia Mono"',
  '"SF Mono"',
  'Menlo',
  'Consolas',
  '"DejaVu Sans Mono"',
  '"Noto Sans Mono"',
  '"Liberation Mono"',
  'monospace',
];

/** The viewer's own size, CSS pixels. */
export const FONT_PX_DEFAULT = 14;
const FONT_PX_MIN = 8;
const FONT_PX_MAX = 48;

/** CSS pixels in a point. */
const PX_A_POINT = 4 / 3;

/** A CSS font list that begins with the named font. */
export function fontFamily(name: string): string {
  const plain = name.replace(/["\\;{}\n\r]/g, '').trim();
  const generic = plain === '' || plain === 'monospace';
  return [...(generic ? [] : [`"${plain}"`]), ...FALLBACKS].join(', ');
}

/** Pixels for a size in points; 0 means the viewer's own. */
export function fontPx(points: number): number {
  return points > 0 ? clampPx(points * PX_A_POINT) : FONT_PX_DEFAULT;
}

/** A size that a person can still read and a terminal still fit. */
export function clampPx(px: number): number {
  return Math.min(FONT_PX_MAX, Math.max(FONT_PX_MIN, Math.round(px)));
}
