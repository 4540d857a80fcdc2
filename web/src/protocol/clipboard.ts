/** Texts on their way between the clipboards: joined, judged, told. */

import { CLIPBOARD_BYTES_MAX } from './limits';
import { PieceJoiner, utf8Length } from './pieces';
import type { ClipboardVerdict, DataPolicy, Effect } from './state';

/** The target's clipboard, as its pieces come. */
export class ClipboardSide {
  readonly #joiner = new PieceJoiner(CLIPBOARD_BYTES_MAX);

  /** What was under way over the last socket does not go on over this one. */
  handleWelcome(): void {
    this.#joiner.reset();
  }

  handlePiece(text: string, more: boolean): Effect[] {
    const joined = this.#joiner.handlePiece(text, more);
    if (joined.is === 'more') return [];
    if (joined.is === 'too_long') return [{ do: 'clipboard_too_long' }];
    return [{ do: 'clipboard', text: joined.text }];
  }
}

/** Whether the target may be given `text`; the node judges again. */
export function judgeText(text: string, policy: DataPolicy): Exclude<ClipboardVerdict, 'not_active'> {
  const { pasteAllowed, readOnly, clipboardBytesMax } = policy;
  if (!pasteAllowed || readOnly) return 'refused';
  return utf8Length(text) > (clipboardBytesMax || CLIPBOARD_BYTES_MAX) ? 'too_long' : 'sent';
}
