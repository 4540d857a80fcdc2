/** What the page and the processor on the audio thread say to each other. */

import type { PlayoutFigures } from './core/playout';
import type { Sound } from './core/pcm';

export type ToWorklet =
  | { readonly say: 'pcm'; readonly data: Uint8Array; readonly rate: number; readonly channels: number }
  | { readonly say: 'sound'; readonly sound: Sound }
  | { readonly say: 'end' };

export type FromWorklet = PlayoutFigures;
