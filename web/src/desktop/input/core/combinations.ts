/** Keys that a browser or the viewer's own system keeps for itself, for the page's tools. */

export type KeyCombination = {
  id: string;
  name: string;
  keys: readonly { code: string; key: string }[];
};

const CONTROL = { code: 'ControlLeft', key: 'Control' };
const ALT = { code: 'AltLeft', key: 'Alt' };
const SHIFT = { code: 'ShiftLeft', key: 'Shift' };
const META = { code: 'MetaLeft', key: 'Meta' };

const named = (name: string): { code: string; key: string } => ({ code: name, key: name });
const letter = (character: string): { code: string; key: string } => ({
  code: `Key${character.toUpperCase()}`,
  key: character,
});

/** In the order in which the panel shows them. */
export const COMBINATIONS: readonly KeyCombination[] = [
  { id: 'ctrl-alt-del', name: 'Ctrl+Alt+Del', keys: [CONTROL, ALT, named('Delete')] },
  { id: 'meta', name: 'Windows key', keys: [META] },
  { id: 'alt-tab', name: 'Alt+Tab', keys: [ALT, named('Tab')] },
  { id: 'alt-f4', name: 'Alt+F4', keys: [ALT, named('F4')] },
  { id: 'ctrl-esc', name: 'Ctrl+Esc', keys: [CONTROL, named('Escape')] },
  { id: 'ctrl-shift-esc', name: 'Ctrl+Shift+Esc', keys: [CONTROL, SHIFT, named('Escape')] },
  { id: 'meta-l', name: 'Win+L', keys: [META, letter('l')] },
  { id: 'meta-r', name: 'Win+R', keys: [META, letter('r')] },
  { id: 'print', name: 'Print Screen', keys: [named('PrintScreen')] },
  { id: 'alt-print', name: 'Alt+Print Screen', keys: [ALT, named('PrintScreen')] },
  { id: 'ctrl-alt-backspace', name: 'Ctrl+Alt+Backspace', keys: [CONTROL, ALT, named('Backspace')] },
  ...[1, 2, 3, 7].map((number) => ({
    id: `ctrl-alt-f${number}`,
    name: `Ctrl+Alt+F${number}`,
    keys: [CONTROL, ALT, named(`F${number}`)],
  })),
];

/** Modifiers of the row for fingers: each stays down until the next key. */
export const STICKY_KEYS = [
  { ...CONTROL, name: 'Ctrl' },
  { ...ALT, name: 'Alt' },
  { ...SHIFT, name: 'Shift' },
  { ...META, name: 'Win' },
] as const;

/** Keys that on-screen keyboards lack. */
export const FINGER_KEYS: readonly KeyCombination[] = [
  { id: 'escape', name: 'Esc', keys: [named('Escape')] },
  { id: 'tab', name: 'Tab', keys: [named('Tab')] },
  { id: 'left', name: '←', keys: [named('ArrowLeft')] },
  { id: 'up', name: '↑', keys: [named('ArrowUp')] },
  { id: 'down', name: '↓', keys: [named('ArrowDown')] },
  { id: 'right', name: '→', keys: [named('ArrowRight')] },
  { id: 'delete', name: 'Del', keys: [named('Delete')] },
  { id: 'home', name: 'Home', keys: [named('Home')] },
  { id: 'end', name: 'End', keys: [named('End')] },
  { id: 'page-up', name: 'PgUp', keys: [named('PageUp')] },
  { id: 'page-down', name: 'PgDn', keys: [named('PageDown')] },
];
