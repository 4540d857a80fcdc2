/**
 * The sound of a desktop. A browser lets a page be heard only after the
 * person did something on it; until then, and while nothing can be heard,
 * what comes is left out, for old sound is of no use to anyone. A desktop
 * that is quiet for long does not keep the device awake.
 */

import { AudioCodec, type AudioChunk } from '../../wire/generated/causeway/session/v1/session_pb';
import { EARLY_CHUNKS_MAX, RATE_MAX, RATE_MIN, REST_AFTER_MS } from './core/limits';
import type { PlayoutFigures } from './core/playout';
import { OpusDecoder } from './opus';
import workletUrl from './playout.worklet.ts?worker&url';
import type { FromWorklet, ToWorklet } from './worklet-messages';

/** Nothing came yet; the browser waits for a gesture; it is heard; there is no sound here. */
export type AudioState = 'idle' | 'blocked' | 'playing' | 'failed';

export type AudioPorts = { changed?(state: AudioState): void };

/** A change of volume is faded over this time, in seconds. */
const VOLUME_FADE_S = 0.02;

export class AudioPlayer {
  readonly #ports: AudioPorts;
  readonly #restAfterMs: number;
  #state: AudioState = 'idle';
  #context: AudioContext | undefined;
  #gain: GainNode | undefined;
  #node: AudioWorkletNode | undefined;
  #opus: OpusDecoder | undefined;
  #early: AudioChunk[] = [];
  #figures: PlayoutFigures = { bufferedMs: 0, targetMs: 0, underruns: 0, droppedMs: 0 };
  #muted = false;
  #volume = 1;
  #restTimer: number | undefined;
  /** The device was let go, and is taken again when sound comes. */
  #resting = false;
  #disposed = false;

  constructor(ports: AudioPorts = {}, restAfterMs = REST_AFTER_MS) {
    this.#ports = ports;
    this.#restAfterMs = restAfterMs;
  }

  get state(): AudioState {
    return this.#state;
  }

  /** Sound that comes is heard, unless it is muted. */
  get playing(): boolean {
    return this.#state === 'playing';
  }

  /** Nothing was heard for long, and the device sleeps. */
  get resting(): boolean {
    return this.#resting;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** 0 to 1. */
  get volume(): number {
    return this.#volume;
  }

  /** Sound that waits to be heard, in ms. */
  get bufferedMs(): number {
    return this.#figures.bufferedMs;
  }

  get statistics(): PlayoutFigures {
    return this.#figures;
  }

  take(chunk: AudioChunk): void {
    if (this.#disposed || this.#state === 'failed') return;
    const context = this.#context ?? this.#begin(chunk.sampleRate);
    if (!context) return;
    if (this.#node && context.state === 'running') {
      this.#play(this.#node, chunk);
      this.#restLater();
    } else if ((!this.#node || this.#resting) && this.#early.length < EARLY_CHUNKS_MAX) {
      this.#early.push(chunk);
    }
    if (this.#resting) this.#wake();
  }

  /** The person did something: sound may be heard from now on. */
  resume(): void {
    if (!this.#resting) this.#wake();
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#setGain();
  }

  setVolume(volume: number): void {
    this.#volume = Math.max(0, Math.min(1, volume));
    this.#setGain();
  }

  dispose(): void {
    this.#disposed = true;
    this.#end();
  }

  /** With the sound's own rate the browser has nothing to convert but at its very end. */
  #begin(rate: number): AudioContext | undefined {
    try {
      const context = contextOf(rate);
      this.#context = context;
      context.onstatechange = () => this.#look();
      this.#look();
      this.resume();
      void this.#load(context);
      return context;
    } catch {
      this.#fail();
      return undefined;
    }
  }

  async #load(context: AudioContext): Promise<void> {
    try {
      await context.audioWorklet.addModule(workletUrl);
      if (this.#disposed) return;
      const node = new AudioWorkletNode(context, 'causeway-playout', {
        numberOfInputs: 0,
        outputChannelCount: [2],
      });
      node.port.onmessage = ({ data }: MessageEvent<FromWorklet>) => (this.#figures = data);
      node.onprocessorerror = () => this.#fail();
      this.#gain = new GainNode(context);
      node.connect(this.#gain).connect(context.destination);
      this.#setGain();
      this.#node = node;
    } catch {
      this.#fail();
    }
    this.#playEarly();
  }

  #wake(): void {
    const context = this.#context;
    // A refusal is no news: the state says that it is still blocked.
    if (context && context.state !== 'running') context.resume().catch(() => undefined);
  }

  #playEarly(): void {
    for (const chunk of this.#early.splice(0)) this.take(chunk);
  }

  #restLater(): void {
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => {
      this.#resting = true;
      this.#context?.suspend().catch(() => undefined);
    }, this.#restAfterMs);
  }

  #play(node: AudioWorkletNode, chunk: AudioChunk): void {
    const { codec, sampleRate: rate, channels } = chunk;
    if (codec === AudioCodec.PCM_S16LE) {
      const data = chunk.data.slice();
      node.port.postMessage({ say: 'pcm', data, rate, channels } satisfies ToWorklet, [data.buffer]);
    } else if (codec === AudioCodec.OPUS) {
      this.#opus ??= new OpusDecoder((sound) => node.port.postMessage({ say: 'sound', sound } satisfies ToWorklet));
      this.#opus.decode(chunk);
    }
  }

  #setGain(): void {
    const { currentTime = 0 } = this.#context ?? {};
    this.#gain?.gain.setTargetAtTime(this.#muted ? 0 : this.#volume, currentTime, VOLUME_FADE_S);
  }

  #look(): void {
    if (this.#disposed || this.#state === 'failed') return;
    const running = this.#context?.state === 'running';
    if (running) {
      this.#resting = false;
      this.#playEarly();
      this.#restLater();
    }
    this.#setState(running || this.#resting ? 'playing' : 'blocked');
  }

  #fail(): void {
    if (this.#disposed) return;
    this.#end();
    this.#setState('failed');
  }

  #end(): void {
    clearTimeout(this.#restTimer);
    this.#node?.port.postMessage({ say: 'end' } satisfies ToWorklet);
    this.#node?.disconnect();
    this.#opus?.close();
    this.#early = [];
    const context = this.#context;
    this.#context = this.#node = this.#gain = this.#opus = undefined;
    if (!context) return;
    context.onstatechange = null;
    context.close().catch(() => undefined);
  }

  #setState(state: AudioState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#ports.changed?.(state);
  }
}

function contextOf(rate: number): AudioContext {
  const latencyHint = 'interactive';
  if (rate < RATE_MIN || rate > RATE_MAX) return new AudioContext({ latencyHint });
  try {
    return new AudioContext({ latencyHint, sampleRate: rate });
  } catch {
    // Not a rate of this browser's: its own will do.
    return new AudioContext({ latencyHint });
  }
}
