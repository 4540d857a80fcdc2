/**
 * The two clipboards of a desktop session, kept alike: what is new at one side
 * goes to the other, and what came from there does not go back. It knows texts
 * only; how they are read and written is its owner's.
 */

export class ClipboardLink {
  /** What was last seen on each side. */
  #local: string | undefined;
  #remote: string | undefined;
  #owed: string | undefined;

  /** The text that the target last put on its clipboard, or was given. */
  get remote(): string | undefined {
    return this.#remote;
  }

  /** A text of the target that the browser has not let into its clipboard yet. */
  get owed(): string | undefined {
    return this.#owed;
  }

  /** The viewer's clipboard holds `text`: true when the target is to get it. */
  handleLocal(text: string): boolean {
    if (text === '' || alike(text, this.#local)) return false;
    this.#local = text;
    this.#owed = undefined;
    return !alike(text, this.#remote);
  }

  /** The target got `text`; it may tell of it as if it were its own. */
  handleSent(text: string): void {
    this.#remote = text;
  }

  /** The target put `text` on its clipboard: true when the viewer's is to hold it. */
  handleRemote(text: string): boolean {
    if (text === '' || alike(text, this.#remote)) return false;
    this.#remote = text;
    if (alike(text, this.#local)) return false;
    this.#owed = text;
    return true;
  }

  /** `text` is on the viewer's clipboard. */
  handleWritten(text: string): void {
    this.#local = text;
    if (this.#owed === text) this.#owed = undefined;
  }
}

/** Line ends are each system's own. */
function alike(one: string, other: string | undefined): boolean {
  return other !== undefined && plain(one) === plain(other);
}

function plain(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
