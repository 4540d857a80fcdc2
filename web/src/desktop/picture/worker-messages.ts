/** What the page and the picture's worker say to each other. */

import type { CursorLook } from './core/cursor';
import type { PresentationFigures, PresentedFrame } from './core/presentation';
import type { Rect, Size } from './core/rect';

/** From the page. */
export type ToWorker =
  | { readonly say: 'start'; readonly canvas: OffscreenCanvas; readonly zstd: WebAssembly.Module }
  /** A whole `ToViewer`; `atMs` since the Unix epoch, as precise as the page's clock. */
  | { readonly say: 'message'; readonly data: Uint8Array; readonly atMs: number }
  | { readonly say: 'visible'; readonly visible: boolean }
  /** How large the picture is shown; see `cursorLook`. */
  | { readonly say: 'zoom'; readonly zoom: number; readonly scale: number }
  | { readonly say: 'read'; readonly id: number; readonly rect: Rect | undefined };

export type CursorToShow =
  | { readonly kind: 'hidden' }
  | { readonly kind: 'default' }
  | { readonly kind: 'shape'; readonly look: CursorLook; readonly image: Blob };

export type PictureStatistics = PresentationFigures & {
  /** Messages that made no sense and were left out. */
  readonly faults: number;
  readonly lastFault: string | undefined;
};

/** What is shown. */
export type Pixels = Size & { readonly rgba: Uint8ClampedArray };

/** From the worker. */
export type FromWorker =
  | { readonly told: 'presented'; readonly frames: readonly PresentedFrame[]; readonly figures: PresentationFigures }
  | { readonly told: 'sized'; readonly size: Size | undefined }
  | { readonly told: 'cursor'; readonly cursor: CursorToShow }
  | { readonly told: 'cursor_moved'; readonly x: number; readonly y: number }
  | { readonly told: 'fault'; readonly reason: string }
  /** The worker cannot go on. */
  | { readonly told: 'failed'; readonly reason: string }
  | { readonly told: 'read'; readonly id: number; readonly pixels: Pixels | undefined };
