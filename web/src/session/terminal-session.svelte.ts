/**
 * A terminal session on the page: a screen and a session's life, joined. It
 * does what the page's controls ask; it draws nothing itself.
 */

import type { Passage as ApiPassage, Protocol } from '../api/types';
import { isDesktop, type SessionFacts, type SessionView, type ViewEffect } from '../protocol/state';
import { clampPx, fontFamily, fontPx } from '../terminal/font';
import type { KeyAction } from '../terminal/keys';
import { openLink, Screen, type ScreenLook } from '../terminal/screen';
import { themeFor } from '../terminal/theme';
import { readClipboard, writeClipboard } from './clipboard';
import { expose, protocolName, reader } from './inspect';
import type { Notices } from './notices.svelte';
import { preferences } from './preferences.svelte';
import { SessionLife } from './session-life.svelte';

const UTF8 = new TextEncoder();

export type TerminalPorts = {
  /** A key meant something to the page. */
  act: (action: KeyAction) => void;
  /** The target is no terminal. */
  mistaken: (protocol: Protocol) => void;
};

export class TerminalSession {
  readonly life: SessionLife;
  title = $state('');

  readonly #host: HTMLElement;
  readonly #mac = /Mac|iPhone|iPad/.test(navigator.platform);
  readonly #screen: Screen;
  readonly #listening = new AbortController();
  readonly #observer: ResizeObserver;
  readonly #conceal: () => void;
  readonly #ports: TerminalPorts;
  #frames = 0;
  #fitting = false;

  constructor(
    connection: string,
    host: HTMLElement,
    passage: ApiPassage | undefined,
    ports: TerminalPorts,
  ) {
    this.#host = host;
    this.#ports = ports;
    this.life = new SessionLife(connection, passage, {
      take: (effect) => this.#take(effect),
      active: () => this.focus(),
    });
    this.#screen = this.#makeScreen();
    this.#screen.open(host);
    this.#observer = new ResizeObserver(() => this.#fitSoon());
    this.#observer.observe(host);
    this.#listen();
    this.#conceal = this.#expose();
    this.life.start(this.#size());
  }

  get facts(): SessionFacts | undefined {
    return this.life.facts;
  }

  get view(): SessionView {
    return this.life.view;
  }

  get notices(): Notices {
    return this.life.notices;
  }

  get isMac(): boolean {
    return this.#mac;
  }

  // ---- What the controls ask -------------------------------------------------

  focus(): void {
    this.#screen.focus();
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
    this.life.dispose();
    this.#screen.dispose();
  }

  // ---- Parts -------------------------------------------------------------------

  #makeScreen(): Screen {
    return new Screen(this.#look(), this.#mac, {
      input: (data, pasted) => void this.life.driver.input(data, pasted),
      drawn: (bytes) => this.life.driver.drawn(bytes),
      resized: () => this.life.driver.resize(this.#size()),
      titled: (title) => (this.title = title),
      bell: () => this.life.ring(),
      frame: () => (this.#frames += 1),
      action: (action) => (action === 'copy' ? void this.copy() : this.#ports.act(action)),
      link: (address) =>
        this.notices.show(`Open ${address}?`, { name: 'Open', run: () => openLink(address) }),
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
      this.life.driver.resize(this.#size());
    });
  }

  #expose(): () => void {
    return expose({
      ...reader(this.life),
      width: () => this.#host.clientWidth,
      height: () => this.#host.clientHeight,
      framesPresented: () => this.#frames,
      columns: () => this.#screen.columns,
      rows: () => this.#screen.rows,
      terminalText: () => () => this.#screen.text(),
    });
  }

  // ---- What happens --------------------------------------------------------------

  #take(effect: ViewEffect): void {
    switch (effect.do) {
      case 'welcome':
        this.#welcome(effect.facts);
        return;
      case 'draw':
        this.#screen.draw(effect.data, effect.replayed);
        return;
      case 'clear_screen':
        this.#screen.clear();
        return;
      case 'clipboard':
        void this.#takeClipboard(effect.text);
        return;
      default:
        // What only a desktop shows.
        return;
    }
  }

  #welcome({ protocol, policy }: SessionFacts): void {
    if (isDesktop(protocol)) this.#ports.mistaken(protocolName(protocol));
    this.#screen.setLook(this.#look());
    this.#screen.setReadOnly(policy.readOnly);
    this.#screen.setCopyAllowed(policy.copyAllowed);
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
