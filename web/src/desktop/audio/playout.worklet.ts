/** The processor on the audio thread: it plays what the page gives it, and tells how that goes. */

import { soundOfPcm } from './core/pcm';
import { Playout } from './core/playout';
import type { FromWorklet, ToWorklet } from './worklet-messages';

/** The part of the worklet's scope that is used; the DOM's types know only the page's. */
type Processor = { readonly port: MessagePort };
declare const AudioWorkletProcessor: new () => Processor;
declare const registerProcessor: (name: string, processor: new () => Processor) => void;
declare const sampleRate: number;

/** How often the page is told, in calls of `process`: about ten times a second. */
const TELL_EVERY = 36;

class PlayoutProcessor extends AudioWorkletProcessor {
  readonly #playout = new Playout(sampleRate);
  #calls = 0;
  #told: FromWorklet | undefined;
  #ended = false;

  constructor() {
    super();
    this.port.onmessage = ({ data: message }: MessageEvent<ToWorklet>) => this.#handle(message);
  }

  /** Called by the audio thread for every 128 frames; false when it need not be called again. */
  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [left, right] = outputs[0] ?? [];
    if (left && right) this.#playout.pull(left, right);
    this.#calls += 1;
    if (this.#calls % TELL_EVERY === 0) this.#tell();
    return !this.#ended;
  }

  /** Silence is told once. */
  #tell(): void {
    const figures: FromWorklet = this.#playout.figures;
    if (figures.bufferedMs === 0 && this.#told?.bufferedMs === 0) return;
    this.#told = figures;
    this.port.postMessage(figures);
  }

  #handle(message: ToWorklet): void {
    switch (message.say) {
      case 'pcm': {
        const sound = soundOfPcm(message.data, message.rate, message.channels);
        if (sound) this.#playout.push(sound);
        return;
      }
      case 'sound':
        this.#playout.push(message.sound);
        return;
      case 'end':
        this.#ended = true;
        return;
    }
  }
}

registerProcessor('causeway-playout', PlayoutProcessor);
