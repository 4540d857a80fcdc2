/**
 * A desktop session on the page: picture, sound, hands and clipboard, joined
 * with a session's life. It does what the page's controls ask.
 */

import type { Passage, Protocol } from '../api/types';
import { isDesktop, type DesktopState, type SessionFacts, type ViewEffect } from '../protocol/state';
import { expose, protocolName } from '../session/inspect';
import { SessionLife } from '../session/session-life.svelte';
import { TargetProtocol } from '../wire/generated/causeway/session/v1/session_pb';
import { AudioPlayer, type AudioState } from './audio';
import { ClipboardExchange } from './clipboard-exchange.svelte';
import { DesktopHands, type HandElements } from './hands';
import { lockKeysInFullScreen } from './full-screen-keys';
import type { KeyCombination } from './input/core/combinations';
import { Keyboard } from './input/core/keyboard';
import { platformOf, type Platform } from './input/core/platform';
import type { Point } from './input/core/pointer';
import { NOTCH } from './input/core/wheel';
import { inspectionOf } from './inspection';
import { Meter, type Rates } from './meter';
import { DesktopPicture } from './picture';
import { desktopPreferences } from './preferences.svelte';
import { densityFor, desktopSize, type Density, type ViewMode } from './sizing';
import { settled, WHOLE, zoomed, type View } from './zoom';

/** RDP takes finer turns of a wheel than whole notches; VNC's are clicks. */
const FINE_STEP = NOTCH / 6;

/** How often the rates are measured, ms. */
const METER_MS = 1_000;

export type DesktopTarget = {
  connection: string;
  protocol: Protocol;
  /** One that the launch already gave. */
  passage: Passage | undefined;
};

export type DesktopElements = HandElements & {
  /** Holds the picture; lies in `room`. */
  host: HTMLElement;
};

export type DesktopPorts = {
  /** The person wants the tools. */
  tools: () => void;
  /** The target is no desktop. */
  mistaken: (protocol: Protocol) => void;
};

export class DesktopSession {
  readonly life: SessionLife;
  readonly clipboard: ClipboardExchange;
  readonly picture: DesktopPicture;
  readonly sound: AudioPlayer;
  readonly platform: Platform = platformOf(navigator.platform);
  state = $state.raw<DesktopState>({ resizable: false, name: '' });
  /** Of the remote screen, pixels. */
  size = $state.raw<{ width: number; height: number }>();
  soundState = $state.raw<AudioState>('idle');
  history = $state.raw<readonly Rates[]>([]);
  /** Modifiers of the row for fingers that wait for a key. */
  sticky = $state.raw<readonly string[]>([]);
  /** The system's on-screen keyboard is wanted. */
  onScreen = $state(false);
  view = $state.raw<View>(WHOLE);
  /** What an input method is making. */
  composed = $state('');

  readonly #elements: DesktopElements;
  readonly #protocol: Protocol;
  readonly #keyboard: Keyboard;
  readonly #hands: DesktopHands;
  readonly #meter = new Meter();
  readonly #listening = new AbortController();
  readonly #observer: ResizeObserver;
  readonly #conceal: () => void;
  readonly #ports: DesktopPorts;
  readonly #meterTimer: number;

  constructor(target: DesktopTarget, elements: DesktopElements, ports: DesktopPorts) {
    this.#elements = elements;
    this.#ports = ports;
    this.#protocol = target.protocol;
    this.life = new SessionLife(target.connection, target.passage, {
      take: (effect) => this.#take(effect),
      active: () => this.#becameActive(),
      inactive: () => this.#hands.setEnabled(false),
    });
    this.picture = this.#makePicture();
    this.sound = new AudioPlayer({ changed: (state) => (this.soundState = state) });
    this.clipboard = new ClipboardExchange({
      notices: this.life.notices,
      policy: () => this.life.facts?.policy,
      send: (text) => this.life.driver.clipboard(text),
    });
    this.#keyboard = new Keyboard(this.platform, desktopPreferences);
    this.#hands = this.#makeHands();
    this.applyPreferences();
    this.#observer = new ResizeObserver(() => this.#measured());
    this.#observer.observe(elements.room);
    this.#meterTimer = setInterval(() => this.#measureRates(), METER_MS);
    lockKeysInFullScreen(this.#listening.signal);
    this.#conceal = expose(inspectionOf(this));
    this.life.start(this.#room());
  }

  get mode(): ViewMode {
    return desktopPreferences.mode;
  }

  /** Of the sizes that are asked for. */
  get density(): Density {
    return densityFor(this.#protocol, desktopPreferences.density);
  }

  // ---- What the controls ask -------------------------------------------------

  focus(): void {
    this.#hands.focus();
  }

  /** Applies the preferences after a change. */
  applyPreferences(): void {
    const { mode, sound, volume } = desktopPreferences;
    this.view = WHOLE;
    this.picture.setMode(mode === 'actual' ? 'actual' : 'fit');
    this.sound.setMuted(!sound);
    this.sound.setVolume(volume);
    this.#tellSize();
  }

  /** Applies what the person chose for a Mac's keys. */
  applyKeys(): void {
    this.#hands.keys.act((keyboard) => keyboard.setChoices(desktopPreferences));
  }

  press({ keys }: KeyCombination): void {
    this.#hands.keys.act((keyboard) => keyboard.handleCombination(keys));
    this.#tellSticky();
  }

  /** A modifier of the row for fingers. */
  stick({ code, key }: { code: string; key: string }): void {
    this.#hands.keys.act((keyboard) => keyboard.handleSticky(code, key));
    this.#tellSticky();
  }

  setOnScreen(wanted: boolean): void {
    this.onScreen = wanted;
    this.#hands.setOnScreen(wanted);
  }

  dispose(): void {
    this.#listening.abort();
    this.#observer.disconnect();
    clearInterval(this.#meterTimer);
    this.#conceal();
    this.#hands.dispose();
    this.clipboard.dispose();
    this.life.dispose();
    this.picture.dispose();
    this.sound.dispose();
  }

  // ---- Parts -------------------------------------------------------------------

  #makePicture(): DesktopPicture {
    return new DesktopPicture(this.#elements.host, {
      presented: (frame, presentUs) => this.life.driver.presented(frame, presentUs),
      sized: (width, height) => (this.size = { width, height }),
      failed: () => this.life.driver.pictureLost(),
    });
  }

  #makeHands(): DesktopHands {
    return new DesktopHands(this.#elements, this.#keyboard, {
      toRemote: (clientX, clientY) => this.picture.toRemote(clientX, clientY),
      input: (input) => {
        this.life.driver.desktopInput(input);
        if (this.sticky.length > 0) this.#tellSticky();
      },
      pasted: (text) => this.clipboard.handlePasted(text),
      tools: () => this.#ports.tools(),
      gesture: () => {
        this.sound.resume();
        this.clipboard.handleGesture();
      },
      zoom: (at, factor, by) => this.#zoom(at, factor, by),
      composing: (text) => (this.composed = text),
    });
  }

  // ---- What happens --------------------------------------------------------------

  #take(effect: ViewEffect): void {
    switch (effect.do) {
      case 'welcome':
        this.#welcome(effect.facts);
        return;
      case 'picture':
        this.picture.take(effect.message);
        return;
      case 'audio':
        this.sound.take(effect.chunk);
        return;
      case 'desktop_state':
        this.state = effect.state;
        return;
      case 'lock_keys':
        this.#keyboard.handleLocks(effect.keys);
        return;
      case 'clipboard':
        void this.clipboard.handleRemote(effect.text);
        return;
      case 'clipboard_too_long':
        this.life.notices.show('The machine copied more text than this page can take.');
        return;
      default:
        // What only a terminal shows.
        return;
    }
  }

  #welcome({ protocol }: SessionFacts): void {
    if (!isDesktop(protocol)) this.#ports.mistaken(protocolName(protocol));
    this.#hands.setWheelStep(protocol === TargetProtocol.RDP ? FINE_STEP : NOTCH);
  }

  #becameActive(): void {
    this.#hands.setEnabled(!this.life.facts?.policy.readOnly);
    // A person who is at the tools stays there.
    if (!document.activeElement?.closest('[data-tools]')) this.focus();
    void this.clipboard.handleFocus();
  }

  #measured(): void {
    this.view = settled(this.view, this.#roomSize());
    this.#tellSize();
  }

  #tellSize(): void {
    if (this.mode === 'remote') this.life.driver.resize(this.#room());
  }

  #tellSticky(): void {
    this.sticky = this.#keyboard.sticky;
  }

  #roomSize(): { width: number; height: number } {
    const { clientWidth: width, clientHeight: height } = this.#elements.room;
    return { width, height };
  }

  #room(): ReturnType<typeof desktopSize> {
    const ratio = devicePixelRatio || 1;
    return desktopSize({ ...this.#roomSize(), ratio }, this.density);
  }

  #zoom(at: Point, factor: number, by: Point): void {
    const { left, top } = this.#elements.room.getBoundingClientRect();
    const place = { x: at.x - left, y: at.y - top };
    this.view = zoomed(this.view, place, factor, by, this.#roomSize());
  }

  #measureRates(): void {
    const bytes = this.life.driver.bytesReceived;
    this.#meter.handleSample({ bytes, frames: this.picture.framesPresented }, performance.now());
    this.history = this.#meter.history;
  }
}
