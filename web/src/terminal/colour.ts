/** Colours as Guacamole's settings and X11 write them, read into `#rrggbb`. */

import { namedColour } from './x11-colours';

const DEVICE_RGB = /^rgb:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})$/i;
const HASH = /^#([0-9a-f]+)$/i;

/** Reads `rgb:RR/GG/BB` (one to four digits each), `#rgb`, `#rrggbb` or an X11 name. */
export function parseColour(text: string): string | undefined {
  const plain = text.trim();
  const device = DEVICE_RGB.exec(plain);
  if (device) return join(device.slice(1));
  const hash = HASH.exec(plain);
  if (hash) return parseHash(hash[1] ?? '');
  return namedColour(plain);
}

function parseHash(digits: string): string | undefined {
  if (digits.length === 3) {
    return `#${[...digits].map((digit) => digit + digit).join('')}`.toLowerCase();
  }
  if (![6, 9, 12].includes(digits.length)) return undefined;
  const width = digits.length / 3;
  return join([0, 1, 2].map((part) => digits.slice(part * width, (part + 1) * width)));
}

/** As Guacamole does: one digit is padded with a zero, more than two are cut. */
function join(parts: string[]): string {
  return `#${parts.map((part) => part.padEnd(2, '0').slice(0, 2)).join('')}`.toLowerCase();
}

/** Relative luminance of `#rrggbb` in 0 ..= 1 (WCAG 2). */
export function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((level) => (level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
