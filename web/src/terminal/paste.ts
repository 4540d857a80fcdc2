/** Pasted text on its way to the target. */

const PASTE_BEGIN = '\u001b[200~';
const PASTE_END = '\u001b[201~';

/**
 * Control characters other than tab and line ends. A paste is text: what could
 * act as keys, or end the brackets early, stays out (as xterm's
 * `disallowedPasteControls` does).
 */
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Line ends become carriage returns; brackets are put around where the target asked for them. */
export function preparePaste(text: string, bracketed: boolean): string {
  const plain = text.replace(/\r?\n/g, '\r').replace(CONTROLS, '');
  return bracketed ? `${PASTE_BEGIN}${plain}${PASTE_END}` : plain;
}
