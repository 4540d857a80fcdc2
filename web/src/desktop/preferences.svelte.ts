/** What a person wants of every desktop; kept in this browser. */

import type { KeyboardChoices } from './input/core/keyboard';
import type { Density, ViewMode } from './sizing';

export type DesktopPreferences = KeyboardChoices & {
  mode: ViewMode;
  /**
   * A desktop that follows the window gets every pixel of a dense display, or
   * every CSS pixel; `auto` is what suits its protocol.
   */
  density: Density | 'auto';
  /** The target's sound is heard. */
  sound: boolean;
  /** 0 to 1. */
  volume: number;
  /** What is copied elsewhere goes to the target by itself. */
  shareClipboard: boolean;
  /** The tool strip takes a row of its own. */
  stripPinned: boolean;
};

const STORAGE_KEY = 'causeway.desktop';

const DEFAULTS: DesktopPreferences = {
  mode: 'remote',
  density: 'auto',
  sound: true,
  volume: 1,
  shareClipboard: true,
  stripPinned: false,
  command: 'control',
  option: 'characters',
};

/** What each may be; storage may hold what another version wrote. */
const SANE: { [Name in keyof DesktopPreferences]: (value: unknown) => boolean } = {
  mode: (value) => value === 'remote' || value === 'fit' || value === 'actual',
  density: (value) => value === 'device' || value === 'css' || value === 'auto',
  sound: (value) => typeof value === 'boolean',
  volume: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  shareClipboard: (value) => typeof value === 'boolean',
  stripPinned: (value) => typeof value === 'boolean',
  command: (value) => value === 'control' || value === 'meta',
  option: (value) => value === 'characters' || value === 'alt',
};

export const desktopPreferences: DesktopPreferences = $state(load());

/** Call after a change. */
export function saveDesktop(): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(desktopPreferences));
  } catch {
    // No storage here: the choice holds for this page.
  }
}

function load(): DesktopPreferences {
  try {
    const kept = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as Record<string, unknown>;
    const sane = Object.entries(SANE).filter(([name, check]) => check(kept[name]));
    return { ...DEFAULTS, ...Object.fromEntries(sane.map(([name]) => [name, kept[name]])) };
  } catch {
    return { ...DEFAULTS };
  }
}
