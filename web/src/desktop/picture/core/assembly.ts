/**
 * Frames out of messages. Messages are carried out in the order in which they
 * came, on one framebuffer; JPEG files are decoded ahead of their turn, side
 * by side. A mark ends a frame: what changed since the last one is shown.
 *
 * Only surface 0, the screen, exists. A message that makes no sense is left
 * out and told as a fault; it never ends the assembly.
 */

import {
  TileCodec,
  type Copy,
  type Rect as WireRect,
  type Solid,
  type SurfaceCreated,
  type Tile,
  type ToViewer,
} from '../../../wire/generated/causeway/session/v1/session_pb';
import { Damage } from './damage';
import { Framebuffer, type Rgb24 } from './framebuffer';
import { jpegSize } from './jpeg-size';
import { QUEUE_BYTES_MAX, SIDE_PIXELS_MAX } from './limits';
import type { PutFrame } from './presentation';
import { area, within, type Rect } from './rect';

type Body = ToViewer['body'];

/** A decoded JPEG file. */
export type JpegPicture = {
  /** Puts all of it into `rect`, which has its size. */
  drawInto(framebuffer: Framebuffer, rect: Rect): Promise<void>;
  close(): void;
};

export type AssemblyPorts = {
  /** ms; the clock of `receivedAtMs`. */
  now(): number;
  /** One zstd frame of exactly `size` bytes, good until the next call; undefined when it is none. */
  inflate(data: Uint8Array, size: number): Rgb24 | undefined;
  /** Decodes a file of a size that was checked. */
  decodeJpeg(file: Uint8Array): Promise<JpegPicture>;
  /** A frame is whole: puts `damage` of the framebuffer; there is none before a surface was made. */
  show(framebuffer: Framebuffer | undefined, damage: readonly Rect[], frame: PutFrame): void;
  fault(reason: string): void;
};

type Step = {
  readonly body: Body;
  readonly bytes: number;
  readonly receivedAtMs: number;
  /** Set for a tile that is a JPEG file; undefined inside when it could not be decoded. */
  readonly picture: Promise<JpegPicture | undefined> | undefined;
};

export class Assembly {
  readonly #ports: AssemblyPorts;
  readonly #damage = new Damage();
  readonly #steps: Step[] = [];
  #framebuffer: Framebuffer | undefined;
  #queuedBytes = 0;
  #running = false;
  #decodeMs = 0;

  constructor(ports: AssemblyPorts) {
    this.#ports = ports;
  }

  /** Bytes of messages that wait for their turn. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Takes a message of `bytes` bytes; one that is not about the picture does nothing. */
  handle(body: Body, bytes: number, receivedAtMs: number): void {
    if (this.#queuedBytes + bytes > QUEUE_BYTES_MAX) {
      this.#ports.fault('more pictures than can be decoded');
      return;
    }
    this.#steps.push({ body, bytes, receivedAtMs, picture: this.#decodeAhead(body) });
    this.#queuedBytes += bytes;
    if (!this.#running) void this.#run();
  }

  /** Goes on without a break until there is something to wait for. */
  async #run(): Promise<void> {
    this.#running = true;
    for (let step = this.#steps.shift(); step; step = this.#steps.shift()) {
      const began = this.#ports.now();
      try {
        const rest = this.#carryOut(step);
        if (rest) await rest;
        this.#decodeMs += this.#ports.now() - began;
        if (step.body.case === 'frameMark') this.#endFrame(step.body.value.frame, step.receivedAtMs);
      } catch (error) {
        this.#ports.fault(`a message could not be carried out: ${String(error)}`);
      }
      this.#queuedBytes -= step.bytes;
    }
    this.#running = false;
  }

  #carryOut({ body, picture }: Step): Promise<void> | undefined {
    switch (body.case) {
      case 'surfaceCreated':
        this.#createSurface(body.value);
        return undefined;
      case 'surfaceRemoved':
        if (body.value.surface === 0) this.#setFramebuffer(undefined);
        return undefined;
      case 'tile':
        return picture ? this.#drawPicture(body.value, picture) : this.#drawTile(body.value);
      case 'solid':
        this.#drawSolid(body.value);
        return undefined;
      case 'copy':
        this.#drawCopy(body.value);
        return undefined;
      default:
        return undefined;
    }
  }

  #endFrame(frame: bigint, receivedAtMs: number): void {
    const put = { frame, receivedAtMs, decodeMs: this.#decodeMs };
    this.#decodeMs = 0;
    this.#ports.show(this.#framebuffer, this.#damage.take(), put);
  }

  #createSurface({ surface, width, height }: SurfaceCreated): void {
    const fits = width > 0 && height > 0 && width <= SIDE_PIXELS_MAX && height <= SIDE_PIXELS_MAX;
    if (surface !== 0 || !fits) {
      this.#ports.fault(`a surface ${surface} of ${width}x${height}`);
      if (surface === 0) this.#setFramebuffer(undefined);
      return;
    }
    this.#setFramebuffer(new Framebuffer(width, height));
    this.#damage.add({ x: 0, y: 0, width, height });
  }

  #setFramebuffer(framebuffer: Framebuffer | undefined): void {
    this.#framebuffer = framebuffer;
    this.#damage.clear();
  }

  #drawTile(tile: Tile): undefined {
    const framebuffer = this.#target(tile.surface, tile.rects);
    if (!framebuffer) return;
    if (tile.codec !== TileCodec.RGB24_ZSTD && tile.codec !== TileCodec.RGB24_XOR_ZSTD) {
      this.#ports.fault(`a tile in the unknown codec ${tile.codec}`);
      return;
    }
    const pixels = tile.rects.reduce((sum, rect) => sum + area(rect), 0);
    if (pixels > area(framebuffer)) {
      this.#ports.fault('a tile of more pixels than the screen has');
      return;
    }
    const source = this.#ports.inflate(tile.data, pixels * 3);
    if (!source) {
      this.#ports.fault('a tile that does not decompress to its rectangles');
      return;
    }
    let at = source.start;
    for (const rect of tile.rects) {
      at = tile.codec === TileCodec.RGB24_ZSTD ? framebuffer.put(rect, source, at) : framebuffer.xor(rect, source, at);
      this.#damage.add(rect);
    }
  }

  /** Begins to decode a JPEG file; undefined for what is none, or is not what its rectangle says. */
  #decodeAhead(body: Body): Promise<JpegPicture | undefined> | undefined {
    if (body.case !== 'tile' || body.value.codec !== TileCodec.JPEG) return undefined;
    const { rects, data } = body.value;
    const size = jpegSize(data);
    const [rect] = rects;
    if (rects.length !== 1 || !size || size.width !== rect?.width || size.height !== rect.height) {
      return Promise.resolve(undefined);
    }
    return this.#ports.decodeJpeg(data).catch(() => undefined);
  }

  async #drawPicture({ surface, rects }: Tile, decoding: Promise<JpegPicture | undefined>): Promise<void> {
    const picture = await decoding;
    const framebuffer = this.#target(surface, rects);
    const [rect] = rects;
    if (picture && framebuffer && rect) {
      await picture.drawInto(framebuffer, rect);
      this.#damage.add(rect);
    } else if (!picture) {
      this.#ports.fault('a tile whose JPEG file is not a picture of its rectangle');
    }
    picture?.close();
  }

  #drawSolid({ surface, rect, rgb }: Solid): void {
    const framebuffer = this.#target(surface, [rect]);
    if (!framebuffer || !rect) return;
    framebuffer.fill(rect, rgb);
    this.#damage.add(rect);
  }

  #drawCopy({ surface, source, x, y }: Copy): void {
    const target = source && { x, y, width: source.width, height: source.height };
    const framebuffer = this.#target(surface, [source, target]);
    if (!framebuffer || !source || !target) return;
    framebuffer.copy(source, x, y);
    this.#damage.add(target);
  }

  /** The framebuffer, when it is the surface that is meant and the rectangles lie on it. */
  #target(surface: number, rects: readonly (WireRect | Rect | undefined)[]): Framebuffer | undefined {
    const framebuffer = this.#framebuffer;
    if (surface !== 0 || !framebuffer) {
      this.#ports.fault(`something for the surface ${surface}, which there is not`);
      return undefined;
    }
    if (rects.length === 0 || !rects.every((rect) => rect && within(rect, framebuffer))) {
      this.#ports.fault('a rectangle that is not on the screen');
      return undefined;
    }
    return framebuffer;
  }
}
