/**
 * The worker that the picture is made in: it takes whole messages, keeps the
 * framebuffer, puts whole frames on its canvas and tells when they are shown.
 */

import { fromBinary } from '@bufbuild/protobuf';

import { ToViewerSchema } from '../../wire/generated/causeway/session/v1/session_pb';
import { Assembly } from './core/assembly';
import { cursorOf } from './core/cursor';
import type { Framebuffer } from './core/framebuffer';
import { DISPLAY_LATE_MS, EARLY_MESSAGES_MAX } from './core/limits';
import { Presentation, receiptOf, type PutFrame } from './core/presentation';
import type { Rect } from './core/rect';
import { CursorImage } from './cursor-image';
import { JpegDecoder } from './jpeg';
import type { FromWorker, Pixels, ToWorker } from './worker-messages';
import { Zstd } from './zstd';

/** The part of the worker's scope that is used; the DOM's types know only the page's. */
type Scope = {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  requestAnimationFrame?: (callback: () => void) => number;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(timer: number | undefined): void;
};

const scope = self as unknown as Scope;

/** Without animation frames in workers, the pace of most displays; ms. */
const DISPLAY_MS = 16;

const tell = (message: FromWorker, transfer: Transferable[] = []): void => scope.postMessage(message, transfer);

/** ms since the Unix epoch: a clock that the page has too. */
const now = (): number => performance.timeOrigin + performance.now();

class PictureWorker {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #assembly: Assembly;
  readonly #presentation = new Presentation();
  readonly #cursor = new CursorImage((cursor) => tell({ told: 'cursor', cursor }));
  /** The framebuffer that the canvas shows. */
  #shown: Framebuffer | undefined;
  #image: ImageData | undefined;
  #visible = true;
  #late: number | undefined;

  constructor(canvas: OffscreenCanvas, zstd: Zstd) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('there is no canvas to draw on');
    const jpeg = new JpegDecoder();
    this.#canvas = canvas;
    this.#context = context;
    this.#assembly = new Assembly({
      now,
      inflate: (data, size) => zstd.decompress(data, size),
      decodeJpeg: (file) => jpeg.decode(file),
      show: (framebuffer, damage, frame) => this.#put(framebuffer, damage, frame),
      fault: (reason) => tell({ told: 'fault', reason }),
    });
    canvas.addEventListener('contextrestored', () => this.#putAll());
  }

  handle(message: Exclude<ToWorker, { say: 'start' }>): void {
    switch (message.say) {
      case 'message':
        this.#take(message.data, message.atMs);
        return;
      case 'visible':
        this.#visible = message.visible;
        if (this.#presentation.waiting) this.#watch();
        return;
      case 'zoom':
        this.#cursor.setZoom(message.zoom, message.scale);
        return;
      case 'read':
        tell({ told: 'read', id: message.id, pixels: this.#read(message.rect) });
        return;
    }
  }

  #take(data: Uint8Array, atMs: number): void {
    let body;
    try {
      ({ body } = fromBinary(ToViewerSchema, data));
    } catch {
      tell({ told: 'fault', reason: 'a message that cannot be read' });
      return;
    }
    if (body.case === 'cursorShape') {
      // A pointer does not wait for a picture.
      const cursor = cursorOf(body.value);
      if (cursor) this.#cursor.setCursor(cursor);
      else tell({ told: 'fault', reason: 'a pointer of the wrong size' });
    } else if (body.case === 'cursorMoved') {
      tell({ told: 'cursor_moved', x: body.value.x, y: body.value.y });
    } else {
      this.#assembly.handle(body, data.length, receiptOf(atMs, now()));
    }
  }

  /** Nothing of a frame is put before all of it is; the browser shows the canvas between two tasks. */
  #put(framebuffer: Framebuffer | undefined, damage: readonly Rect[], frame: PutFrame): void {
    if (framebuffer !== this.#shown) this.#show(framebuffer);
    if (this.#image) {
      for (const { x, y, width, height } of damage) {
        this.#context.putImageData(this.#image, 0, 0, x, y, width, height);
      }
    }
    if (this.#presentation.handlePut(frame)) this.#watch();
  }

  #show(framebuffer: Framebuffer | undefined): void {
    const last = this.#shown;
    this.#shown = framebuffer;
    this.#image = framebuffer && new ImageData(framebuffer.bytes, framebuffer.width, framebuffer.height);
    if (framebuffer?.width === last?.width && framebuffer?.height === last?.height) return;
    this.#canvas.width = framebuffer?.width ?? 1;
    this.#canvas.height = framebuffer?.height ?? 1;
    tell({ told: 'sized', size: framebuffer && { width: framebuffer.width, height: framebuffer.height } });
  }

  #putAll(): void {
    if (this.#image) this.#context.putImageData(this.#image, 0, 0);
  }

  /** Waits for the next refresh of the display. */
  #watch(): void {
    const displayed = (): void => this.#displayed();
    if (scope.requestAnimationFrame) scope.requestAnimationFrame(displayed);
    else scope.setTimeout(displayed, DISPLAY_MS);
    // A page that is not visible gets no frames, and so no more pictures until
    // it is. One that says it is visible and gets none must not stop for good.
    scope.clearTimeout(this.#late);
    this.#late = this.#visible ? scope.setTimeout(displayed, DISPLAY_LATE_MS) : undefined;
  }

  #displayed(): void {
    scope.clearTimeout(this.#late);
    const at = now();
    const frames = this.#presentation.handleDisplay(at);
    if (frames.length > 0) tell({ told: 'presented', frames, figures: this.#presentation.figures(at) });
  }

  #read(rect: Rect | undefined): Pixels | undefined {
    const shown = this.#shown;
    if (!shown) return undefined;
    const { x, y, width, height } = rect ?? { x: 0, y: 0, width: shown.width, height: shown.height };
    return { width, height, rgba: this.#context.getImageData(x, y, width, height).data };
  }
}

/** What came before everything was loaded. */
const early: Exclude<ToWorker, { say: 'start' }>[] = [];
let worker: PictureWorker | undefined;

async function start(canvas: OffscreenCanvas, zstd: WebAssembly.Module): Promise<void> {
  try {
    worker = new PictureWorker(canvas, await Zstd.instantiate(zstd));
    for (const message of early.splice(0)) worker.handle(message);
  } catch (error) {
    tell({ told: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}

scope.onmessage = ({ data: message }) => {
  if (message.say === 'start') void start(message.canvas, message.zstd);
  else if (worker) worker.handle(message);
  else if (early.length < EARLY_MESSAGES_MAX) early.push(message);
  else tell({ told: 'fault', reason: 'more messages than wait for the decoder' });
};
