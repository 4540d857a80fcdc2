/** Plays a scene as a node would: at its own pace, with a few frames on their way. */

import { DesktopPicture } from '../../src/desktop/picture';
import { mark, surface } from './node';
import { SCENES } from './scenes';

export type Measured = {
  scene: string;
  width: number;
  height: number;
  asked: number;
  /** Pictures shown a second. */
  presented: number;
  decodeMs: number;
  /** From a mark to its presentation, median, ms. */
  presentMs: number;
  kilobytes: number;
};

const FRAMES_ON_THEIR_WAY = 3;
const WARM_UP_MS = 1_000;
const PLAY_MS = 4_000;

export async function play(
  host: HTMLElement,
  name: string,
  size: { width: number; height: number },
  framesPerSecond: number,
): Promise<Measured> {
  const scene = await SCENES[name]?.(size.width, size.height);
  if (!scene) throw new Error(`no scene ${name}`);
  let acknowledged = 0n;
  let presentUs: number[] = [];
  const picture = new DesktopPicture(host, {
    presented: (frame, us) => {
      acknowledged = frame;
      presentUs.push(us);
    },
    sized: () => undefined,
    failed: (reason) => {
      throw new Error(reason);
    },
  });
  let frame = 0n;
  let bytes = 0;
  const send = (messages: Uint8Array[]): void => {
    frame += 1n;
    for (const message of messages) {
      bytes += message.length;
      picture.take(message.slice());
    }
    picture.take(mark(frame));
  };
  send([surface(size.width, size.height), ...scene.first]);
  const began = performance.now();
  let next = began;
  let measured: { at: number; frames: number; sent: bigint } | undefined;
  for (let now = began; now < began + WARM_UP_MS + PLAY_MS; now = performance.now()) {
    if (!measured && now > began + WARM_UP_MS) {
      measured = { at: now, frames: picture.framesPresented, sent: frame };
      presentUs = [];
      bytes = 0;
    }
    if (now >= next && frame - acknowledged < FRAMES_ON_THEIR_WAY) {
      send(scene.frames[Number(frame - 1n) % scene.frames.length] ?? []);
      next = Math.max(next + 1000 / framesPerSecond, now - 50);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const { at, frames, sent } = measured ?? { at: began, frames: 0, sent: 0n };
  const seconds = (performance.now() - at) / 1000;
  const result = {
    scene: name,
    ...size,
    asked: framesPerSecond,
    presented: (picture.framesPresented - frames) / seconds,
    decodeMs: picture.decodeMs ?? NaN,
    presentMs: (presentUs.toSorted((one, other) => one - other)[presentUs.length >> 1] ?? NaN) / 1000,
    kilobytes: bytes / 1000 / Math.max(1, Number(frame - sent)),
  };
  picture.dispose();
  return result;
}

/** From nothing to a first picture on the page, ms: worker, decoder and all. */
export async function firstPicture(host: HTMLElement, width: number, height: number): Promise<number> {
  const scene = await SCENES.text?.(width, height);
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const picture = new DesktopPicture(host, {
      presented: () => {
        picture.dispose();
        resolve(performance.now() - began);
      },
      sized: () => undefined,
      failed: (reason) => reject(new Error(reason)),
    });
    for (const message of [surface(width, height), ...(scene?.first ?? []), mark(1n)]) picture.take(message.slice());
  });
}
