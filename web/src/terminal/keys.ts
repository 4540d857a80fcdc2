/** Which keys mean something to the viewer and so never reach the target. */

export type KeyPress = {
  code: string;
  key: string;
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  metaKey: boolean;
};

export type KeyAction =
  /** Copy the selection. */
  | 'copy'
  /** Leave it to the browser, whose paste event follows. */
  | 'paste'
  /** Open the search field. */
  | 'search'
  /** Leave the terminal for the tool strip. */
  | 'strip'
  | 'none';

/** What a key press means; `selected` says whether text is selected. */
export function keyAction(press: KeyPress, mac: boolean, selected: boolean): KeyAction {
  const { code, ctrlKey, shiftKey, altKey, metaKey } = press;
  if (ctrlKey && shiftKey && !metaKey && code === 'Escape') return 'strip';
  if (ctrlKey && altKey && shiftKey && isModifier(press.key)) return 'strip';
  if (altKey) return 'none';
  if (mac && metaKey && !ctrlKey) return macAction(code, selected);
  if (metaKey) return 'none';
  if (code === 'Insert') return insertAction(ctrlKey, shiftKey);
  return ctrlKey && shiftKey ? letterAction(code) : 'none';
}

function isModifier(key: string): boolean {
  return key === 'Control' || key === 'Alt' || key === 'Shift';
}

function macAction(code: string, selected: boolean): KeyAction {
  if (code === 'KeyC') return selected ? 'copy' : 'none';
  if (code === 'KeyV') return 'paste';
  return code === 'KeyF' ? 'search' : 'none';
}

function insertAction(ctrl: boolean, shift: boolean): KeyAction {
  if (ctrl === shift) return 'none';
  return ctrl ? 'copy' : 'paste';
}

function letterAction(code: string): KeyAction {
  if (code === 'KeyC') return 'copy';
  if (code === 'KeyV') return 'paste';
  return code === 'KeyF' ? 'search' : 'none';
}
