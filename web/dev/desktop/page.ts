/** The page that `run.mjs` drives: checks and measures picture and sound in a real browser. */

import { init } from '@bokuweb/zstd-wasm';

import { coloursOfScreenshot, showChequers, showColours, wrongChequers } from './display';
import { PICTURE_CHECKS } from './picture-checks';
import { firstPicture, play, type Measured } from './play';
import { SCENES } from './scenes';
import { SOUND_CHECKS } from './sound-checks';

declare global {
  interface Window {
    desktop: {
      check: (name: string) => Promise<string[]>;
      checks: string[];
      scenes: string[];
      firstPicture: (width: number, height: number) => Promise<number>;
      showColours: () => void;
      stopColours: () => void;
      coloursOfScreenshot: (png: string) => Promise<number>;
      showChequers: () => Promise<{ width: number; height: number }>;
      wrongChequers: (png: string, width: number, height: number) => Promise<number>;
      play: (scene: string, width: number, height: number, framesPerSecond: number) => Promise<Measured>;
    };
  }
}

const host = document.querySelector<HTMLElement>('#host');
if (!host) throw new Error('no host');
await init();
let colours: { stop: () => void } | undefined;

window.desktop = {
  checks: [...Object.keys(PICTURE_CHECKS), ...Object.keys(SOUND_CHECKS)],
  scenes: Object.keys(SCENES),
  check: async (name) => {
    const check = PICTURE_CHECKS[name] ?? SOUND_CHECKS[name];
    return check ? check(host) : ['no such check'];
  },
  firstPicture: (width, height) => firstPicture(host, width, height),
  showColours: () => {
    colours = showColours(host);
  },
  stopColours: () => colours?.stop(),
  coloursOfScreenshot,
  showChequers: () => showChequers(host),
  wrongChequers,
  play: (scene, width, height, framesPerSecond) => play(host, scene, { width, height }, framesPerSecond),
};
