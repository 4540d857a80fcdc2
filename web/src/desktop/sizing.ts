/** How large a desktop is to be, and how it is shown. */

import type { Protocol } from '../api/types';
import type { ViewerSize } from '../protocol/messages';

/**
 * `remote`: the desktop follows the window, and is fitted where it cannot.
 * `fit`: it keeps its size and is fitted. `actual`: pixel for pixel.
 */
export type ViewMode = 'remote' | 'fit' | 'actual';

/** A terminal's cells mean nothing here, but the protocol wants some. */
const CELLS = { columns: 80, rows: 24 };

export type Room = {
  /** CSS pixels. */
  width: number;
  height: number;
  /** `devicePixelRatio`. */
  ratio: number;
};

/** Pixels of the display, or of the page. */
export type Density = 'device' | 'css';

/** RDP tells the target how dense the display is; over VNC everything would only be smaller. */
export function densityFor(protocol: Protocol, wanted: Density | 'auto'): Density {
  if (wanted !== 'auto') return wanted;
  return protocol === 'rdp' ? 'device' : 'css';
}

/** What there is room for; `css` leaves a dense display's finer pixels unused. */
export function desktopSize({ width, height, ratio }: Room, density: Density): ViewerSize {
  const scale = density === 'device' && ratio > 0 ? ratio : 1;
  return {
    ...CELLS,
    widthPx: Math.round(width * scale),
    heightPx: Math.round(height * scale),
    scalePercent: Math.round(scale * 100),
  };
}
