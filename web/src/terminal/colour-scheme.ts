/**
 * The setting `color-scheme` in Guacamole's syntax: the name of a built-in
 * scheme, or pairs `name: colour` divided by semicolons, where a name is
 * `foreground`, `background` or `color0` ... `color255`, and a colour is
 * `colorN`, `rgb:RR/GG/BB`, `#rrggbb` or an X11 name.
 */

import { parseColour } from './colour';

export type ColourScheme = {
  foreground: string;
  background: string;
  /** 256 colours, `#rrggbb`. */
  palette: string[];
};

export type ParsedScheme = { scheme: ColourScheme; problems: string[] };

const BUILT_IN: Record<string, string> = {
  'gray-black': 'foreground:color7;background:color0',
  'black-white': 'foreground:color0;background:color15',
  'green-black': 'foreground:color2;background:color0',
  'white-black': 'foreground:color15;background:color0',
};

/** Guacamole's sixteen colours. */
const GUACAMOLE_SIXTEEN = [
  '#000000', '#993e3e', '#3e993e', '#99993e', '#3e3e99', '#993e99', '#3e9999', '#999999',
  '#3e3e3e', '#ff6767', '#67ff67', '#ffff67', '#6767ff', '#ff67ff', '#67ffff', '#ffffff',
];

const NUMBERED = /^color(\d{1,3})$/;

/** Reads a scheme; a pair that cannot be read is left out and named in `problems`. */
export function parseColourScheme(text: string): ParsedScheme {
  const palette = fullPalette(GUACAMOLE_SIXTEEN);
  const scheme: ColourScheme = {
    foreground: palette[7] ?? '',
    background: palette[0] ?? '',
    palette,
  };
  const problems: string[] = [];
  for (const pair of (BUILT_IN[text.trim()] ?? text).split(';')) {
    if (pair.trim() !== '' && !applyPair(scheme, pair)) problems.push(pair.trim());
  }
  return { scheme, problems };
}

function applyPair(scheme: ColourScheme, pair: string): boolean {
  const colon = pair.indexOf(':');
  if (colon < 0) return false;
  const name = pair.slice(0, colon).trim();
  const value = pair.slice(colon + 1).trim();
  const index = paletteIndex(value);
  const colour = index === undefined ? parseColour(value) : scheme.palette[index];
  if (colour === undefined) return false;
  if (name === 'foreground' || name === 'background') {
    scheme[name] = colour;
    return true;
  }
  const target = paletteIndex(name);
  if (target === undefined) return false;
  scheme.palette[target] = colour;
  return true;
}

function paletteIndex(name: string): number | undefined {
  const match = NUMBERED.exec(name);
  const index = Number(match?.[1]);
  return match && index <= 255 ? index : undefined;
}

/** Sixteen colours and the rest of xterm's 256: a cube of six levels and 24 grays. */
export function fullPalette(sixteen: readonly string[]): string[] {
  const levels = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff];
  const cube = levels.flatMap((red) =>
    levels.flatMap((green) => levels.map((blue) => hex(red, green, blue))),
  );
  const grays = Array.from({ length: 24 }, (_, step) => {
    const level = 8 + step * 10;
    return hex(level, level, level);
  });
  return [...sixteen, ...cube, ...grays];
}

function hex(...levels: number[]): string {
  return `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
}
