/**
 * The clipboards of browser and target, as far as the browser, the policy and
 * the person allow it. Reading without being asked happens only where the
 * browser was told that it may; else pasting keys and the panel do it.
 */

import type { ClipboardVerdict, DataPolicy } from '../protocol/state';
import { mayReadClipboard, readClipboard, writeClipboard } from '../session/clipboard';
import type { Notices } from '../session/notices.svelte';
import { ClipboardLink } from './clipboard-link';
import { desktopPreferences } from './preferences.svelte';
import { bytesInWords } from './words';

export type ExchangePorts = {
  notices: Notices;
  policy: () => DataPolicy | undefined;
  /** Puts a text on the target's clipboard. */
  send: (text: string) => ClipboardVerdict;
};

export class ClipboardExchange {
  readonly #link = new ClipboardLink();
  readonly #ports: ExchangePorts;
  readonly #listening = new AbortController();
  /** What the target last put on its clipboard, for the panel. */
  remote = $state.raw<string>();
  /** The browser has not let the target's text into its clipboard yet. */
  owed = $state(false);

  constructor(ports: ExchangePorts) {
    this.#ports = ports;
    addEventListener('focus', () => void this.handleFocus(), { signal: this.#listening.signal });
  }

  /** The page has the focus again: what was copied elsewhere meanwhile is wanted here. */
  async handleFocus(): Promise<void> {
    const policy = this.#ports.policy();
    if (!policy?.pasteAllowed || policy.readOnly || !desktopPreferences.shareClipboard) return;
    if (!document.hasFocus() || !(await mayReadClipboard())) return;
    const text = await readClipboard();
    if (text !== undefined) this.#offer(text, 'quietly');
  }

  /** The browser gave the clipboard to keys that paste. */
  handlePasted(text: string): void {
    this.#offer(text, 'aloud');
  }

  /** The person wants the target to have `text`; true when it went there. */
  give(text: string): boolean {
    const verdict = this.#ports.send(text);
    if (verdict === 'sent') {
      this.#link.handleSent(text);
      this.remote = text;
    } else {
      this.#refuse(verdict);
    }
    return verdict === 'sent';
  }

  /** The target put `text` on its clipboard; the node has checked the policy. */
  async handleRemote(text: string): Promise<void> {
    const fresh = this.#link.handleRemote(text);
    this.remote = this.#link.remote;
    if (fresh) await this.#write(text, true);
  }

  /** A key or a click: browsers now allow what they did not before. */
  handleGesture(): void {
    const owed = this.#link.owed;
    if (owed !== undefined) void this.#write(owed, false);
  }

  /** Puts the target's text on the viewer's clipboard because the person asked; false when it cannot be. */
  async take(): Promise<boolean> {
    return this.remote !== undefined && (await this.#write(this.remote, false));
  }

  /** Asks the browser, with its own question, to let this page read the clipboard. */
  async askToRead(): Promise<boolean> {
    const text = await readClipboard();
    if (text === undefined) return false;
    this.#offer(text, 'aloud');
    return true;
  }

  dispose(): void {
    this.#listening.abort();
  }

  #offer(text: string, manner: 'quietly' | 'aloud'): void {
    if (!this.#link.handleLocal(text)) return;
    const verdict = this.#ports.send(text);
    if (verdict === 'sent') {
      this.#link.handleSent(text);
      this.remote = text;
    } else if (manner === 'aloud') {
      this.#refuse(verdict);
    }
  }

  async #write(text: string, offered: boolean): Promise<boolean> {
    const written = await writeClipboard(text);
    if (written) this.#link.handleWritten(text);
    this.owed = this.#link.owed !== undefined;
    if (!written && offered) {
      this.#ports.notices.show('The machine has put text on its clipboard.', {
        name: 'Copy it here',
        run: () => void this.#takeAloud(),
      });
    }
    return written;
  }

  async #takeAloud(): Promise<void> {
    if (await this.take()) return;
    this.#ports.notices.show('The browser did not allow copying.');
  }

  #refuse(verdict: Exclude<ClipboardVerdict, 'sent'>): void {
    const policy = this.#ports.policy();
    const words = {
      not_active: 'The session is not ready: nothing was pasted.',
      refused: policy?.readOnly
        ? 'You are watching: what you type or paste is not sent.'
        : 'Pasting to this machine is switched off for this endpoint.',
      too_long: `This is more text than this endpoint takes at once${policy?.clipboardBytesMax ? ` (${bytesInWords(policy.clipboardBytesMax)})` : ''}.`,
    };
    this.#ports.notices.show(words[verdict]);
  }
}
