/**
 * A terminal session on the page: a screen and a driver, joined. It holds what
 * the page shows and does what the page's controls ask; it draws nothing
 * itself.
 */

import * as api from '../api/client';
import { ApiError } from '../api/problem';
import type { Passage as ApiPassage } from '../api/types';
import type { Passage, SessionFacts, SessionView } from '../protocol/state';
import { clampPx, fontFamily, fontPx } from '../terminal/font';
import type { KeyAction } from '../terminal/keys';
import { openLink, Screen, type ScreenLook } from '../terminal/screen';
import { themeFor } from '../terminal/theme';
import { Step } from '../wire/generated/causeway/session/v1/session_pb';
import { readClipboard, writeClipboard } from './clipboard';
import { SessionDriver } from './driver';
import { expose } from './inspect';
import { Notices } from './notices.svelte';
import { preferences } from './preferences.svelte';

/** How long the bell shows, ms. */
const BELL_MS = 900;

/** Time for the node to end a session that it was told to, ms. */
const LEAVE_MS = 2_000;

const UTF8 = new TextEncoder();

const PROTOCOL_NAMES = [undefined, 'ssh', 'rdp', 'vnc'] as const;

export class TerminalSession {
  readonly connection: string;
  readonly notices = new Notices();
  view = $state.raw<SessionView>({ status: 'connecting', step: Step.UNSPECIFIED, attempts: 0 });
  facts = $state.raw<SessionFacts>();
  title = $state('');
  ringing = $state(false);
  /** True once there was something to see. */
  wasActive = $state(false);

  readonly #host: HTMLElement;
  readonly #mac = /Mac|iPhone|iPad/.test(navigator.platform);
  readonly #screen: Screen;
  readonly #driver: SessionDriver;
  readonly #listening = new AbortController();
  readonly #observer: ResizeObserver;
  readonly #conceal: () => void;
  readonly #onAction: (action: KeyAction) => void;
  #frames = 0;
  #fitting = false;

  constructor(
    connection: string,
    host: HTMLElement,
    passage: ApiPassage | undefined,
    onAction: (action: KeyAction) => void,
  ) {
    this.connection = connection;
    this.#host = host;
    this.#onAction = onAction;
    this.#screen = this.#makeScreen();
    this.#screen.open(host);
    this.#driver = this.#makeDriver(passage);
    this.#observer = new ResizeObserver(() => this.#fitSoon());
    this.#observer.observe(host);
    this.#listen();
    this.#conceal = this.#expose();
    this.#driver.start();
  }

  get rttMs(): number | undefined {
    return this.#driver.rttMs;
  }

  get isMac(): boolean {
    return this.#mac;
  }

  // ---- What the controls ask -------------------------------------------------

  focus(): void {
    this.#screen.focus();
  }

  retry(): void {
    this.#driver.retry();
  }

  answer(id: number, answers: readonly string[] | undefined): void {
    this.#driver.answer(id, answers);
  }

  find(text: string, direction: 'next' | 'previous'): boolean {
    return text !== '' && this.#screen.find(text, direction);
  }

  endSearch(): void {
    this.#screen.endSearch();
  }

  /** Applies the preferences after a change. */
  restyle(): void {
    this.#screen.setLook(this.#look());
  }

  /** Ends the session for good: over its own way, and by the API if that is silent. */
  async terminate(): Promise<void> {
    const told = this.#driver.leave();
    if (told) await new Promise((resolve) => setTimeout(resolve, LEAVE_MS));
    if (this.view.status === 'ended' || this.view.status === 'failed') return;
    await api.terminate(this.connection);
  }

  async copy(): Promise<void> {
    const text = this.#screen.selection;
    if (text === '') return;
    if (!this.#mayCopy()) return;
    if (!(await writeClipboard(text))) this.notices.show('The browser did not allow copying.');
  }

  dispose(): void {
    this.#listening.abort();
    this.#observer.disconnect();
    this.#conceal();
    this.#driver.dispose();
    this.#screen.dispose();
  }

  // ---- Parts -------------------------------------------------------------------

  #makeScreen(): Screen {
    return new Screen(this.#look(), this.#mac, {
      input: (data, pasted) => void this.#driver.input(data, pasted),
      drawn: (bytes) => this.#driver.drawn(bytes),
      resized: () => this.#driver?.resize(this.#size()),
      titled: (title) => (this.title = title),
      bell: () => this.#ring(),
      frame: () => (this.#frames += 1),
      action: (action) => (action === 'copy' ? void this.copy() : this.#onAction(action)),
      link: (address) =>
        this.notices.show(`Open ${address}?`, { name: 'Open', run: () => openLink(address) }),
    });
  }

  #makeDriver(passage: ApiPassage | undefined): SessionDriver {
    const options = {
      size: this.#size(),
      locale: {
        language: navigator.language,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      },
      random: () => Math.random(),
      passage: passage && passageOf(passage),
    };
    return new SessionDriver(options, {
      ticket: () => this.#passage(),
      changed: (view) => this.#changed(view),
      welcome: (facts) => this.#welcome(facts),
      draw: (data, replayed) => this.#screen.draw(data, replayed),
      clearScreen: () => this.#screen.clear(),
      clipboard: (text) => void this.#takeClipboard(text),
      notice: (_code, message) => this.notices.show(message),
    });
  }

  #look(): ScreenLook {
    const setting = this.facts?.presentation;
    return {
      theme: themeFor(setting?.colorScheme ?? '', preferences.shade),
      fontFamily: fontFamily(setting?.fontName ?? ''),
      fontPx: clampPx(fontPx(setting?.fontSize ?? 0) + preferences.fontDelta),
      scrollbackLines: setting?.scrollbackLines ?? 1000,
      backspaceCode: setting?.backspaceCode ?? 127,
      screenReader: preferences.screenReader,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    };
  }

  #size(): ReturnType<typeof sizeOf> {
    return sizeOf(this.#host, this.#screen);
  }

  #fitSoon(): void {
    if (this.#fitting) return;
    this.#fitting = true;
    requestAnimationFrame(() => {
      this.#fitting = false;
      if (this.#listening.signal.aborted) return;
      this.#screen.fit();
      this.#driver.resize(this.#size());
    });
  }

  #expose(): () => void {
    const inspection = {} as Record<string, unknown>;
    const read = (name: string, get: () => unknown): void => {
      Object.defineProperty(inspection, name, { get, enumerable: true });
    };
    read('status', () => this.#driver.view.status);
    read('protocol', () => PROTOCOL_NAMES[this.#driver.facts?.protocol ?? 0]);
    read('width', () => this.#host.clientWidth);
    read('height', () => this.#host.clientHeight);
    read('columns', () => this.#screen.columns);
    read('rows', () => this.#screen.rows);
    read('rttMs', () => this.#driver.rttMs);
    read('framesPresented', () => this.#frames);
    read('bytesReceived', () => this.#driver.bytesReceived);
    read('terminalText', () => () => this.#screen.text());
    return expose(inspection as Parameters<typeof expose>[0]);
  }

  // ---- What happens --------------------------------------------------------------

  #changed(view: SessionView): void {
    const before = this.view.status;
    this.view = view;
    if (view.status !== 'active') return;
    this.wasActive = true;
    if (before !== 'active') this.focus();
  }

  #welcome(facts: SessionFacts): void {
    this.facts = facts;
    this.#screen.setLook(this.#look());
    this.#screen.setReadOnly(facts.policy.readOnly);
    this.#screen.setCopyAllowed(facts.policy.copyAllowed);
  }

  /** A passage to the node; of a connection that has ended, why it did. */
  async #passage(): Promise<Passage | { ended: string }> {
    try {
      return passageOf(await api.ticket(this.connection));
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'connection_ended') throw error;
      const { end_reason: reason } = await api.connection(this.connection);
      return { ended: reason ?? error.code };
    }
  }

  #ring(): void {
    if (this.ringing) return;
    this.ringing = true;
    setTimeout(() => (this.ringing = false), BELL_MS);
  }

  // ---- Clipboard -------------------------------------------------------------------

  /** The target put text on the clipboard (OSC 52); the node has checked the policy. */
  async #takeClipboard(text: string): Promise<void> {
    if (await writeClipboard(text)) return;
    this.notices.show('The machine wants to put text on your clipboard.', {
      name: 'Copy it',
      run: () => void writeClipboard(text),
    });
  }

  #mayCopy(): boolean {
    if (this.facts?.policy.copyAllowed ?? true) return true;
    this.notices.show('Copying from this machine is switched off for this endpoint.');
    return false;
  }

  #paste(text: string): void {
    const policy = this.facts?.policy;
    if (text === '' || !policy) return;
    if (policy.readOnly) {
      this.notices.show('You are watching: what you type or paste is not sent.');
    } else if (!policy.pasteAllowed) {
      this.notices.show('Pasting to this machine is switched off for this endpoint.');
    } else if (policy.clipboardBytesMax > 0 && UTF8.encode(text).length > policy.clipboardBytesMax) {
      this.notices.show(`This is more text than one paste may hold (${policy.clipboardBytesMax} bytes).`);
    } else {
      this.#screen.paste(text);
    }
  }

  /** Before xterm.js: what the policy forbids must not reach its own handlers. */
  #listen(): void {
    const options = { capture: true, signal: this.#listening.signal };
    this.#host.addEventListener('paste', (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.#paste(event.clipboardData?.getData('text/plain') ?? '');
    }, options);
    for (const kind of ['copy', 'cut'] as const) {
      this.#host.addEventListener(kind, (event) => {
        if (this.#mayCopy()) return;
        event.preventDefault();
        event.stopPropagation();
      }, options);
    }
    this.#host.addEventListener('mouseup', () => this.#copySelected(), options);
    this.#host.addEventListener('auxclick', (event) => void this.#middleClick(event), options);
  }

  #copySelected(): void {
    if (!preferences.copyOnSelect || !(this.facts?.policy.copyAllowed ?? false)) return;
    // The selection is complete after xterm.js has seen the event, too.
    setTimeout(() => {
      const text = this.#screen.selection;
      if (text !== '') void writeClipboard(text);
    });
  }

  /** On X11 and Wayland the browser pastes the primary selection by itself. */
  async #middleClick(event: MouseEvent): Promise<void> {
    const native = /Linux|BSD/.test(navigator.platform);
    if (event.button !== 1 || native || this.#screen.mouseTaken) return;
    const text = await readClipboard();
    if (text !== undefined) this.#paste(text);
  }
}

function passageOf({ edge_url: edgeUrl, ticket }: ApiPassage): Passage {
  return { edgeUrl, ticket };
}

function sizeOf(host: HTMLElement, screen: Screen) {
  const scale = devicePixelRatio || 1;
  return {
    columns: screen.columns,
    rows: screen.rows,
    widthPx: Math.round(host.clientWidth * scale),
    heightPx: Math.round(host.clientHeight * scale),
    scalePercent: Math.round(scale * 100),
  };
}
