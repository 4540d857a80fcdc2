/** What a person wants of every terminal; kept in this browser. */

import type { Shade } from '../terminal/theme';

export type Preferences = {
  /** Added to the endpoint's font size, CSS pixels. */
  fontDelta: number;
  /** Selecting with the mouse copies. */
  copyOnSelect: boolean;
  /** Colours where the endpoint sets none. */
  shade: Shade;
  /** The text is there for screen readers, too. */
  screenReader: boolean;
  /** The tool strip takes a row of its own. */
  stripPinned: boolean;
};

const STORAGE_KEY = 'causeway.terminal';

const DEFAULTS: Preferences = {
  fontDelta: 0,
  copyOnSelect: true,
  shade: 'dark',
  screenReader: false,
  stripPinned: true,
};

export const preferences: Preferences = $state(load());

/** Call after a change. */
export function save(): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(preferences));
  } catch {
    // No storage here: the choice holds for this page.
  }
}

function load(): Preferences {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}');
    return { ...DEFAULTS, ...sane(kept as Partial<Preferences>) };
  } catch {
    return { ...DEFAULTS };
  }
}

/** Storage may hold what another version wrote. */
function sane(kept: Partial<Preferences>): Partial<Preferences> {
  const { fontDelta, copyOnSelect, shade, screenReader, stripPinned } = kept;
  return {
    ...(typeof fontDelta === 'number' && Math.abs(fontDelta) <= 40 ? { fontDelta } : {}),
    ...(typeof copyOnSelect === 'boolean' ? { copyOnSelect } : {}),
    ...(shade === 'dark' || shade === 'light' ? { shade } : {}),
    ...(typeof screenReader === 'boolean' ? { screenReader } : {}),
    ...(typeof stripPinned === 'boolean' ? { stripPinned } : {}),
  };
}
