/**
 * The picture of a desktop on the page. It takes the node's messages about
 * the screen and the pointer and says when each frame was shown; it knows
 * nothing of sockets, keys or the session.
 */

import { FAULT_TOLD_EVERY_MS } from './core/limits';
import type { PictureMode } from './core/layout';
import type { PresentationFigures } from './core/presentation';
import type { Rect, Size } from './core/rect';
import { CursorView, TAKES_SCALED_CURSORS } from './cursor-view';
import { Stage } from './stage';
import { WorkerLink } from './worker-link';
import type { FromWorker, PictureStatistics, Pixels } from './worker-messages';

export type PicturePorts = {
  /** Called for every `FrameMark`, in order, when its frame is shown or overtaken. */
  presented(frame: bigint, presentUs: number): void;
  /** The picture has this size now, in remote pixels. */
  sized(width: number, height: number): void;
  /** The picture is lost or not what the node thinks it is: the node must send all of it again. */
  failed(reason: string): void;
};

export class DesktopPicture {
  readonly #ports: PicturePorts;
  readonly #stage: Stage;
  readonly #cursor: CursorView;
  readonly #link: WorkerLink;
  readonly #listening = new AbortController();
  readonly #reads = new Map<number, (pixels: Pixels | undefined) => void>();
  #readId = 0;
  #size: Size | undefined;
  #figures: PresentationFigures = { framesPresented: 0, framesPerSecond: 0, decodeMs: undefined };
  #presentedAtMs = -Infinity;
  #faults = 0;
  #lastFault: string | undefined;
  #faultToldAtMs = -Infinity;

  /** Fills `host`, which is positioned and has a size of its own. */
  constructor(host: HTMLElement, ports: PicturePorts) {
    this.#ports = ports;
    this.#stage = new Stage(host, (layout, scale) => {
      this.#cursor.setLayout(layout);
      this.#link.say({ say: 'zoom', zoom: layout.zoom, scale: TAKES_SCALED_CURSORS ? scale : 1 });
    });
    this.#cursor = new CursorView(this.#stage.root, (x, y) => this.#stage.pointWithin(x, y));
    this.#link = new WorkerLink({
      newCanvas: () => this.#stage.newCanvas(),
      told: (message) => this.#handleTold(message),
      lost: (reason) => this.#handleLost(reason),
    });
    const { signal } = this.#listening;
    document.addEventListener('visibilitychange', () => this.#tellVisible(), { signal });
    this.#tellVisible();
  }

  /** What is laid out in the host. */
  get element(): HTMLElement {
    return this.#stage.root;
  }

  /** In remote pixels; undefined before the first frame. */
  get size(): Size | undefined {
    return this.#size;
  }

  get mode(): PictureMode {
    return this.#stage.mode;
  }

  get framesPresented(): number {
    return this.#figures.framesPresented;
  }

  /** Median of late frames; undefined before the first. */
  get decodeMs(): number | undefined {
    return this.#figures.decodeMs;
  }

  get statistics(): PictureStatistics {
    // The figures are as old as the last frame; a picture at rest shows none a second.
    const resting = performance.now() - this.#presentedAtMs > 1000;
    const framesPerSecond = resting ? 0 : this.#figures.framesPerSecond;
    return { ...this.#figures, framesPerSecond, faults: this.#faults, lastFault: this.#lastFault };
  }

  /**
   * Takes a whole `ToViewer` message about the screen or the pointer; others
   * do nothing. Its buffer is handed over when the message is all of it.
   */
  take(message: Uint8Array): void {
    const data = message.byteLength === message.buffer.byteLength ? message : message.slice();
    const atMs = performance.timeOrigin + performance.now();
    this.#link.say({ say: 'message', data, atMs }, [data.buffer as ArrayBuffer]);
  }

  setMode(mode: PictureMode): void {
    this.#stage.setMode(mode);
  }

  /** False: the pointer over the picture is a plain arrow, as for someone who only watches. */
  setPointerShown(shown: boolean): void {
    this.#cursor.setTaken(shown);
  }

  /** The remote pixel under a point of the page, the nearest one beside the picture; undefined without one. */
  toRemote(clientX: number, clientY: number): { x: number; y: number } | undefined {
    return this.#stage.toRemote(clientX, clientY);
  }

  /** Whether a point of the page lies on the picture. */
  contains(clientX: number, clientY: number): boolean {
    return this.#stage.contains(clientX, clientY);
  }

  /** Red, green and blue of a remote pixel as it is shown; undefined when there is none. */
  async pixel(x: number, y: number): Promise<readonly [number, number, number] | undefined> {
    const size = this.#size;
    if (!size || x < 0 || y < 0 || x >= size.width || y >= size.height) return undefined;
    const read = await this.#read({ x, y, width: 1, height: 1 });
    const [red, green, blue] = read?.rgba ?? [];
    return red === undefined || green === undefined || blue === undefined ? undefined : [red, green, blue];
  }

  /** All of the picture as it is shown. */
  snapshot(): Promise<Pixels | undefined> {
    return this.#read(undefined);
  }

  dispose(): void {
    this.#listening.abort();
    this.#link.dispose();
    this.#cursor.dispose();
    this.#stage.dispose();
    this.#endReads();
  }

  #read(rect: Rect | undefined): Promise<Pixels | undefined> {
    this.#readId += 1;
    const id = this.#readId;
    if (!this.#link.say({ say: 'read', id, rect })) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#reads.set(id, resolve));
  }

  #endReads(): void {
    for (const resolve of this.#reads.values()) resolve(undefined);
    this.#reads.clear();
  }

  #handleTold(message: FromWorker): void {
    switch (message.told) {
      case 'presented':
        this.#figures = message.figures;
        this.#presentedAtMs = performance.now();
        for (const { frame, presentUs } of message.frames) this.#ports.presented(frame, presentUs);
        return;
      case 'sized':
        this.#handleSized(message.size);
        return;
      case 'cursor':
        this.#cursor.show(message.cursor);
        return;
      case 'cursor_moved':
        this.#cursor.handleMoved(message.x, message.y);
        return;
      case 'fault':
        this.#handleFault(message.reason);
        return;
      case 'failed':
        return;
      case 'read':
        this.#reads.get(message.id)?.(message.pixels);
        this.#reads.delete(message.id);
        return;
    }
  }

  #handleSized(size: Size | undefined): void {
    this.#size = size;
    this.#stage.setPicture(size);
    if (size) this.#ports.sized(size.width, size.height);
  }

  /** One fault may bring a hundred; the page starts the picture over once. */
  #handleFault(reason: string): void {
    this.#faults += 1;
    this.#lastFault = reason;
    const now = performance.now();
    if (now - this.#faultToldAtMs < FAULT_TOLD_EVERY_MS) return;
    this.#faultToldAtMs = now;
    this.#ports.failed(reason);
  }

  #handleLost(reason: string): void {
    this.#endReads();
    this.#size = undefined;
    this.#stage.setPicture(undefined);
    this.#cursor.show({ kind: 'default' });
    this.#tellVisible();
    this.#ports.failed(reason);
  }

  #tellVisible(): void {
    this.#link.say({ say: 'visible', visible: !document.hidden });
  }
}
