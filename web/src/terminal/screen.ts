/**
 * The terminal on the page: xterm.js with its add-ons behind one face. It
 * knows nothing of sockets or sessions; what it has to say goes to `events`.
 */

import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { Terminal, type ITheme } from '@xterm/xterm';

import { withAdoptedStyles } from './adopted-styles';
import { Feeder, messageScheduler } from './feeder';
import { FramePacer } from './frame-pacer';
import { keyAction, type KeyAction } from './keys';
import { preparePaste } from './paste';
import { holdFrames, releaseFrames, writeNow } from './xterm-inside';

/** Characters of a title that a tab may be asked to show. */
const TITLE_LENGTH_MAX = 200;

/** OSC number of the clipboard; the node handles it under the data policy. */
const OSC_CLIPBOARD = 52;

const BACKSPACE = 8;

/** How matches of a search stand out, on dark and light grounds alike. */
const MATCHES = {
  matchBackground: '#6b5a1e',
  matchOverviewRuler: '#c79a2e',
  activeMatchBackground: '#c4811c',
  activeMatchColorOverviewRuler: '#c4811c',
};

export type ScreenEvents = {
  /** Keys, pastes, mouse reports and answers of the terminal itself. */
  input: (data: Uint8Array, pasted: boolean) => void;
  /** `bytes` more are drawn. */
  drawn: (bytes: number) => void;
  resized: () => void;
  titled: (title: string) => void;
  bell: () => void;
  frame: () => void;
  /** A key that is for the viewer; paste is the browser's and not told. */
  action: (action: KeyAction) => void;
  /** The target names a link that may show another text than its address. */
  link: (address: string) => void;
};

export type ScreenLook = {
  theme: ITheme;
  fontFamily: string;
  fontPx: number;
  scrollbackLines: number;
  /** 127 or 8. */
  backspaceCode: number;
  cursorBlink: boolean;
  /** Also keeps the text as elements that a screen reader finds. */
  screenReader: boolean;
};

export class Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #feeder: Feeder;
  readonly #pacer: FramePacer;
  readonly #scheduler = messageScheduler();
  readonly #events: ScreenEvents;
  readonly #mac: boolean;
  readonly #encoder = new TextEncoder();
  #backspaceCode: number;
  #parent: HTMLElement | undefined;
  /** Output that is being parsed was answered before. */
  #replaying = false;
  #disposed = false;

  constructor(look: ScreenLook, mac: boolean, events: ScreenEvents) {
    this.#events = events;
    this.#mac = mac;
    this.#backspaceCode = look.backspaceCode;
    this.#terminal = new Terminal({
      allowProposedApi: true,
      theme: look.theme,
      fontFamily: look.fontFamily,
      fontSize: look.fontPx,
      scrollback: look.scrollbackLines,
      cursorBlink: look.cursorBlink,
      screenReaderMode: look.screenReader,
      macOptionClickForcesSelection: true,
      linkHandler: { activate: (_event, address) => events.link(address) },
    });
    this.#feeder = new Feeder({
      write: (data, replayed) => this.#parse(data, replayed),
      soon: (next) => this.#scheduler.soon(next),
      now: () => performance.now(),
      drawn: (bytes) => events.drawn(bytes),
    });
    this.#pacer = new FramePacer({
      hold: () => holdFrames(this.#terminal),
      release: () => {
        if (!this.#disposed) releaseFrames(this.#terminal);
      },
      later: (next, ms) => setTimeout(next, ms),
      now: () => performance.now(),
    });
  }

  /** Puts the terminal into `parent` and fits it. */
  open(parent: HTMLElement): void {
    const terminal = this.#terminal;
    this.#parent = parent;
    this.#paintGround();
    withAdoptedStyles(() => terminal.open(parent));
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = '11';
    terminal.loadAddon(new WebLinksAddon((_event, address) => openLink(address)));
    this.#useWebgl();
    this.#listen();
    this.fit();
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  /** Programs on the target see the mouse, so clicks are theirs. */
  get mouseTaken(): boolean {
    return this.#terminal.modes.mouseTrackingMode !== 'none';
  }

  draw(data: Uint8Array, replayed: boolean): void {
    this.#feeder.push(data, replayed);
  }

  /** Forgets what waits to be drawn and starts over. */
  clear(): void {
    this.#feeder.clear();
    this.#terminal.reset();
  }

  fit(): void {
    this.#fit.fit();
  }

  focus(): void {
    this.#terminal.focus();
  }

  paste(text: string): void {
    const prepared = preparePaste(text, this.#terminal.modes.bracketedPasteMode);
    this.#terminal.scrollToBottom();
    this.#events.input(this.#encoder.encode(prepared), true);
  }

  setLook(look: ScreenLook): void {
    const { options } = this.#terminal;
    options.theme = look.theme;
    options.fontFamily = look.fontFamily;
    options.fontSize = look.fontPx;
    options.scrollback = look.scrollbackLines;
    options.cursorBlink = look.cursorBlink;
    options.screenReaderMode = look.screenReader;
    this.#backspaceCode = look.backspaceCode;
    this.#paintGround();
    this.fit();
  }

  /**
   * On X11 a selected text is the primary selection at once, by way of
   * xterm.js's text area: without permission to copy it is not put there.
   */
  setCopyAllowed(allowed: boolean): void {
    const { textarea } = this.#terminal;
    if (!textarea) return;
    if (allowed) Reflect.deleteProperty(textarea, 'select');
    else Object.defineProperty(textarea, 'select', { value: () => undefined, configurable: true });
  }

  /** Keys are ignored; selecting and scrolling still work. */
  setReadOnly(readOnly: boolean): void {
    this.#terminal.options.disableStdin = readOnly;
  }

  find(text: string, direction: 'next' | 'previous'): boolean {
    const options = { decorations: MATCHES };
    return direction === 'next'
      ? this.#search.findNext(text, options)
      : this.#search.findPrevious(text, options);
  }

  endSearch(): void {
    this.#search.clearDecorations();
    this.#terminal.clearSelection();
  }

  /** The text on the screen as one line a row, without the blank end. */
  text(): string {
    const buffer = this.#terminal.buffer.active;
    const lines: string[] = [];
    for (let row = 0; row < this.#terminal.rows; row += 1) {
      lines.push(buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '');
    }
    return lines.join('\n').trimEnd();
  }

  dispose(): void {
    this.#disposed = true;
    this.#feeder.close();
    this.#scheduler.close();
    this.#terminal.dispose();
  }

  #parse(data: Uint8Array, replayed: boolean): void {
    this.#replaying = replayed;
    writeNow(this.#terminal, data);
    this.#replaying = false;
    this.#pacer.handleWritten(data.length);
  }

  /** The margin around the cells has their colour. */
  #paintGround(): void {
    const ground = this.#terminal.options.theme?.background ?? '';
    this.#parent?.style.setProperty('--terminal-ground', ground);
  }

  #useWebgl(): void {
    try {
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => withAdoptedStyles(() => webgl.dispose()));
      this.#terminal.loadAddon(webgl);
    } catch {
      // No WebGL here: xterm.js goes on with elements instead of a canvas.
    }
  }

  #listen(): void {
    const terminal = this.#terminal;
    const events = this.#events;
    terminal.onData((text) => {
      if (!this.#replaying) events.input(this.#encoder.encode(text), false);
    });
    terminal.onBinary((text) => {
      events.input(Uint8Array.from(text, (char) => char.charCodeAt(0)), false);
    });
    terminal.onResize(() => events.resized());
    terminal.onBell(() => {
      if (!this.#replaying) events.bell();
    });
    terminal.onRender(() => {
      this.#pacer.handleFrame();
      events.frame();
    });
    terminal.onTitleChange((title) => events.titled(title.slice(0, TITLE_LENGTH_MAX)));
    terminal.attachCustomKeyEventHandler((event) => this.#handleKey(event));
    terminal.parser.registerOscHandler(OSC_CLIPBOARD, () => true);
  }

  /** False keeps the key from xterm.js. */
  #handleKey(event: KeyboardEvent): boolean {
    const action = keyAction(event, this.#mac, this.#terminal.hasSelection());
    if (action === 'paste') return false;
    if (action !== 'none') {
      event.preventDefault();
      if (event.type === 'keydown' && !event.repeat) this.#events.action(action);
      return false;
    }
    return !this.#backspaceHandled(event);
  }

  #backspaceHandled(event: KeyboardEvent): boolean {
    if (this.#backspaceCode !== BACKSPACE || event.key !== 'Backspace') return false;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return false;
    event.preventDefault();
    if (event.type === 'keydown') this.#terminal.input('\b');
    return true;
  }
}

/** Opens an address of the target in a tab that knows nothing of this one. */
export function openLink(address: string): void {
  if (/^https?:\/\//i.test(address)) window.open(address, '_blank', 'noopener,noreferrer');
}
