/**
 * The target's pointer on the page. As a rule the browser draws it, as its
 * own; one that is too large for that, and one that the target moved, are
 * drawn over the picture.
 */

import arrowUrl from './arrow.svg';
import type { Layout } from './core/layout';
import type { CursorToShow } from './worker-messages';

/** A pointer that the person moves is theirs; it is left alone for this long, in ms. */
const OWN_MS = 400;

/** The target's pointer is not drawn this close to the person's, in CSS pixels. */
const SAME_PLACE_PX = 6;

/** Whether the browser takes pointers of more device than CSS pixels. */
export const TAKES_SCALED_CURSORS = CSS.supports('cursor', 'image-set(url("x") 2x) 0 0, default');

type Place = { readonly left: number; readonly top: number };

export class CursorView {
  readonly #root: HTMLElement;
  readonly #placeOf: (clientX: number, clientY: number) => Place;
  readonly #overlay = new Image();
  readonly #listening = new AbortController();
  #cursor: CursorToShow = { kind: 'default' };
  #url: string | undefined;
  #turn = 0;
  #layout: Layout | undefined;
  #taken = true;
  /** Where the person's pointer is, if it is here. */
  #own: (Place & { readonly atMs: number }) | undefined;
  /** Where the target put its pointer, in remote pixels. */
  #moved: { readonly x: number; readonly y: number } | undefined;

  constructor(root: HTMLElement, placeOf: (clientX: number, clientY: number) => Place) {
    this.#root = root;
    this.#placeOf = placeOf;
    this.#overlay.className = 'desktop-picture-pointer';
    this.#overlay.alt = '';
    this.#overlay.hidden = true;
    root.append(this.#overlay);
    const { signal } = this.#listening;
    const options = { signal, passive: true };
    root.addEventListener('pointermove', (event) => this.#handleMove(event), options);
    root.addEventListener('pointerleave', () => this.#handleLeave(), options);
  }

  show(cursor: CursorToShow): void {
    this.#turn += 1;
    if (cursor.kind === 'shape') void this.#load(cursor, this.#turn);
    else this.#use(cursor, undefined);
  }

  /** The target put its pointer there, in remote pixels. */
  handleMoved(x: number, y: number): void {
    const ownIsNew = this.#own && performance.now() - this.#own.atMs < OWN_MS;
    this.#moved = ownIsNew ? undefined : { x, y };
    this.#drawOverlay();
  }

  setLayout(layout: Layout): void {
    this.#layout = layout;
    this.#drawOverlay();
  }

  /** False: the pointer over the picture is the viewer's plain arrow. */
  setTaken(taken: boolean): void {
    this.#taken = taken;
    this.#drawOwn();
    this.#drawOverlay();
  }

  dispose(): void {
    this.#turn += 1;
    this.#listening.abort();
    this.#overlay.remove();
    if (this.#url) URL.revokeObjectURL(this.#url);
  }

  /** A pointer whose image is still on its way would flicker: it is loaded first. */
  async #load(cursor: Extract<CursorToShow, { kind: 'shape' }>, turn: number): Promise<void> {
    const url = URL.createObjectURL(cursor.image);
    const image = new Image();
    image.src = url;
    const loaded = await image.decode().then(
      () => true,
      () => false,
    );
    if (loaded && turn === this.#turn) this.#use(cursor, url);
    else URL.revokeObjectURL(url);
  }

  #use(cursor: CursorToShow, url: string | undefined): void {
    const last = this.#url;
    this.#cursor = cursor;
    this.#url = url;
    this.#drawOwn();
    this.#overlay.src = url ?? arrowUrl;
    this.#drawOverlay();
    if (last) URL.revokeObjectURL(last);
  }

  #drawOwn(): void {
    this.#root.style.cursor = this.#taken ? styleOf(this.#cursor, this.#url) : 'default';
    this.#root.dataset.cursor = this.#cursor.kind;
  }

  #handleMove(event: PointerEvent): void {
    const place = this.#placeOf(event.clientX, event.clientY);
    this.#own = event.pointerType === 'touch' ? undefined : { ...place, atMs: performance.now() };
    this.#moved = undefined;
    this.#drawOverlay();
  }

  #handleLeave(): void {
    this.#own = undefined;
    this.#drawOverlay();
  }

  #drawOverlay(): void {
    const at = this.#overlayPlace();
    this.#overlay.hidden = !at;
    if (!at) return;
    const look = this.#cursor.kind === 'shape' ? this.#cursor.look : undefined;
    const { style } = this.#overlay;
    style.width = look ? `${look.width}px` : '';
    style.height = look ? `${look.height}px` : '';
    style.transform = `translate(${at.left - (look?.hotspotX ?? 0)}px, ${at.top - (look?.hotspotY ?? 0)}px)`;
  }

  #overlayPlace(): Place | undefined {
    const cursor = this.#cursor;
    if (cursor.kind === 'hidden') return undefined;
    const own = this.#own;
    const moved = this.#movedPlace();
    if (moved && !(own && Math.hypot(own.left - moved.left, own.top - moved.top) < SAME_PLACE_PX)) return moved;
    return this.#taken && cursor.kind === 'shape' && cursor.look.overlaid ? own : undefined;
  }

  #movedPlace(): Place | undefined {
    if (!this.#moved || !this.#layout) return undefined;
    const { left, top, zoom } = this.#layout;
    return { left: left + this.#moved.x * zoom, top: top + this.#moved.y * zoom };
  }
}

function styleOf(cursor: CursorToShow, url: string | undefined): string {
  if (cursor.kind === 'default') return 'default';
  if (cursor.kind === 'hidden' || !url || cursor.look.overlaid) return 'none';
  const { scale, hotspotX, hotspotY } = cursor.look;
  const image = scale === 1 ? `url("${url}")` : `image-set(url("${url}") ${scale}x)`;
  return `${image} ${hotspotX} ${hotspotY}, default`;
}
