/** Colour schemes as xterm.js wants them, and the viewer's own two. */

import type { ITheme } from '@xterm/xterm';

import { luminance } from './colour';
import { fullPalette, parseColourScheme, type ColourScheme } from './colour-scheme';

/** Which of the viewer's own schemes a person wants where the endpoint sets none. */
export type Shade = 'dark' | 'light';

const DARK: ColourScheme = {
  foreground: '#d5dae0',
  background: '#12161b',
  palette: fullPalette([
    '#1d232b', '#e06c75', '#8fbf7f', '#d9b36c', '#6fa8dc', '#c18ad6', '#5fb8b8', '#c9d0d8',
    '#5c6773', '#f08a92', '#a9d69a', '#ecca8a', '#8fc1f0', '#d6a8e8', '#7fd4d4', '#ffffff',
  ]),
};

const LIGHT: ColourScheme = {
  foreground: '#23292f',
  background: '#fcfcfa',
  palette: fullPalette([
    '#23292f', '#b3261e', '#2e7031', '#8a5a00', '#1f5fb0', '#8b3fa0', '#0b6f73', '#d4d8dc',
    '#6b747d', '#cf3b32', '#3a8a3e', '#a87000', '#2f74cc', '#a455ba', '#14868b', '#ffffff',
  ]),
};

/** The theme for the setting `color-scheme`; empty means the viewer's own. */
export function themeFor(colorScheme: string, shade: Shade): ITheme {
  const own = shade === 'dark' ? DARK : LIGHT;
  return themeOf(colorScheme.trim() === '' ? own : parseColourScheme(colorScheme).scheme);
}

function themeOf({ foreground, background, palette }: ColourScheme): ITheme {
  const dark = luminance(background) < 0.4;
  const [black, red, green, yellow, blue, magenta, cyan, white, ...rest] = palette;
  const [brightBlack, brightRed, brightGreen, brightYellow, brightBlue, ...more] = rest;
  const [brightMagenta, brightCyan, brightWhite, ...extendedAnsi] = more;
  return {
    foreground,
    background,
    cursor: foreground,
    cursorAccent: background,
    selectionBackground: dark ? '#3f6f9f80' : '#9cc4ec90',
    // The search field has the focus while its match is the selection.
    selectionInactiveBackground: dark ? '#3f6f9f80' : '#9cc4ec90',
    scrollbarSliderBackground: dark ? '#ffffff22' : '#00000022',
    scrollbarSliderHoverBackground: dark ? '#ffffff3a' : '#0000003a',
    scrollbarSliderActiveBackground: dark ? '#ffffff50' : '#00000050',
    overviewRulerBorder: '#00000000',
    ...defined({ black, red, green, yellow, blue, magenta, cyan, white }),
    ...defined({ brightBlack, brightRed, brightGreen, brightYellow, brightBlue }),
    ...defined({ brightMagenta, brightCyan, brightWhite }),
    extendedAnsi,
  };
}

function defined(colours: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(colours).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
