/**
 * The picture's place on the page: its canvas, laid out in the host, and what
 * of the picture is under a point. It knows nothing of what is drawn.
 */

import { EdgePan } from './edge-pan';
import { isOver, layOut, remotePixel, type Layout, type PictureMode } from './core/layout';
import type { Size } from './core/rect';

import './picture.css';

export class Stage {
  readonly root = document.createElement('div');
  readonly #changed: (layout: Layout, scale: number) => void;
  readonly #observer: ResizeObserver;
  readonly #pan: EdgePan;
  readonly #listening = new AbortController();
  #canvas: HTMLCanvasElement | undefined;
  #room: Size = { width: 0, height: 0 };
  #picture: Size | undefined;
  #layout: Layout | undefined;
  #mode: PictureMode = 'fit';

  /** `changed` is told of every new layout, with the device pixels for each CSS pixel. */
  constructor(host: HTMLElement, changed: (layout: Layout, scale: number) => void) {
    this.#changed = changed;
    this.root.className = 'desktop-picture';
    this.root.dataset.testid = 'desktop-picture';
    this.root.dataset.mode = this.#mode;
    host.append(this.root);
    this.#pan = new EdgePan(this.root);
    this.#observer = new ResizeObserver(([entry]) => {
      if (entry) this.#room = entry.contentRect;
      this.#layOut();
    });
    this.#observer.observe(this.root);
    this.#watchScale();
  }

  get layout(): Layout | undefined {
    return this.#layout;
  }

  get mode(): PictureMode {
    return this.#mode;
  }

  /** A canvas can be handed to a worker once; another worker needs another one. */
  newCanvas(): OffscreenCanvas {
    const canvas = document.createElement('canvas');
    canvas.className = 'desktop-picture-canvas';
    canvas.width = canvas.height = 1;
    canvas.hidden = true;
    if (this.#canvas) this.#canvas.replaceWith(canvas);
    else this.root.prepend(canvas);
    this.#canvas = canvas;
    return canvas.transferControlToOffscreen();
  }

  setPicture(size: Size | undefined): void {
    this.#picture = size;
    this.#layOut();
  }

  setMode(mode: PictureMode): void {
    this.#mode = mode;
    this.root.dataset.mode = mode;
    this.root.scrollTo(0, 0);
    this.#layOut();
  }

  /** A point of the page as one of what scrolls here. */
  pointWithin(clientX: number, clientY: number): { left: number; top: number } {
    const { left, top } = this.root.getBoundingClientRect();
    return { left: clientX - left + this.root.scrollLeft, top: clientY - top + this.root.scrollTop };
  }

  toRemote(clientX: number, clientY: number): { x: number; y: number } | undefined {
    if (!this.#layout || !this.#picture) return undefined;
    const { left, top } = this.pointWithin(clientX, clientY);
    return remotePixel(this.#layout, this.#picture, left, top);
  }

  contains(clientX: number, clientY: number): boolean {
    if (!this.#layout) return false;
    const { left, top } = this.pointWithin(clientX, clientY);
    return isOver(this.#layout, left, top);
  }

  dispose(): void {
    this.#listening.abort();
    this.#observer.disconnect();
    this.#pan.dispose();
    this.root.remove();
  }

  #layOut(): void {
    const canvas = this.#canvas;
    const { width, height } = this.#room;
    if (!canvas || !this.#picture || width <= 0 || height <= 0) {
      this.#layout = undefined;
      if (canvas) canvas.hidden = true;
      return;
    }
    const scale = devicePixelRatio;
    const layout = layOut(this.#room, this.#picture, scale, this.#mode);
    this.#layout = layout;
    canvas.hidden = false;
    canvas.style.left = `${layout.left}px`;
    canvas.style.top = `${layout.top}px`;
    canvas.style.width = `${layout.width}px`;
    canvas.style.height = `${layout.height}px`;
    canvas.classList.toggle('desktop-picture-exact', layout.exact);
    this.#changed(layout, scale);
  }

  /** A page that moves to another display, or is zoomed, has other device pixels. */
  #watchScale(): void {
    if (this.#listening.signal.aborted) return;
    const { signal } = this.#listening;
    const changed = (): void => {
      this.#layOut();
      this.#watchScale();
    };
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', changed, { once: true, signal });
  }
}
