/**
 * One worker that makes the picture, and another one when it dies. What the
 * dead one knew is lost: the node has to send the whole picture again.
 */

import zstdUrl from 'virtual:zstd-wasm';

import { WORKER_LOSS_WINDOW_MS, WORKER_LOSSES_MAX } from './core/limits';
import type { FromWorker, ToWorker } from './worker-messages';

/** The decoder, compiled while the worker's script is on its way; kept for the next worker. */
let zstd: Promise<WebAssembly.Module> | undefined;

export type LinkPorts = {
  /** A canvas that no worker has had yet. */
  newCanvas(): OffscreenCanvas;
  told(message: FromWorker): void;
  /** The worker died; another one has begun, unless too many died. */
  lost(reason: string): void;
};

export class WorkerLink {
  readonly #ports: LinkPorts;
  #worker: Worker | undefined;
  /** When workers died, in ms. */
  #losses: number[] = [];

  constructor(ports: LinkPorts) {
    this.#ports = ports;
    this.#begin();
  }

  /** False when there is no worker, and none will come. */
  say(message: ToWorker, transfer: Transferable[] = []): boolean {
    this.#worker?.postMessage(message, transfer);
    return this.#worker !== undefined;
  }

  dispose(): void {
    this.#end();
  }

  #begin(): void {
    let canvas: OffscreenCanvas;
    try {
      canvas = this.#ports.newCanvas();
    } catch {
      // A browser of before 2023; another worker would be of no help.
      queueMicrotask(() => this.#ports.lost('this browser cannot draw pictures in the background'));
      return;
    }
    const worker = new Worker(new URL('./picture.worker.ts', import.meta.url), { type: 'module', name: 'picture' });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.told === 'failed') this.#lose(data.reason);
      else this.#ports.told(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#lose(event.message || 'the picture could not be loaded');
    };
    worker.onmessageerror = () => this.#lose('the picture answered what cannot be read');
    this.#worker = worker;
    zstd ??= compileZstd();
    zstd.then(
      (module) => worker.postMessage({ say: 'start', canvas, zstd: module } satisfies ToWorker, [canvas]),
      (error: unknown) => {
        zstd = undefined;
        if (worker === this.#worker) this.#lose(`the decoder could not be loaded: ${String(error)}`);
      },
    );
  }

  #lose(reason: string): void {
    this.#end();
    const now = performance.now();
    this.#losses = [...this.#losses.filter((at) => at > now - WORKER_LOSS_WINDOW_MS), now];
    if (this.#losses.length <= WORKER_LOSSES_MAX) this.#begin();
    this.#ports.lost(reason);
  }

  #end(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    if (!worker) return;
    worker.onmessage = worker.onerror = worker.onmessageerror = null;
    worker.terminate();
  }
}

async function compileZstd(): Promise<WebAssembly.Module> {
  const response = await fetch(zstdUrl);
  if (!response.ok) throw new Error(`status ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}
