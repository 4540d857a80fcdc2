import { describe, expect, it } from 'vitest';

import { clampPx, fontFamily, fontPx } from './font';
import { keyAction, type KeyPress } from './keys';
import { preparePaste } from './paste';

function press(combination: string): KeyPress {
  const parts = combination.split('+');
  const code = parts.at(-1) ?? '';
  return {
    code,
    key: code.replace(/^Key/, '').replace(/(Left|Right)$/, ''),
    ctrlKey: parts.includes('Ctrl'),
    shiftKey: parts.includes('Shift'),
    altKey: parts.includes('Alt'),
    metaKey: parts.includes('Meta'),
  };
}

describe('keys', () => {
  it.each([
    ['Ctrl+Shift+KeyC', false, false, 'copy'],
    ['Ctrl+Insert', false, false, 'copy'],
    ['Meta+KeyC', true, true, 'copy'],
    ['Meta+KeyC', true, false, 'none'],
    ['Ctrl+Shift+KeyV', false, false, 'paste'],
    ['Shift+Insert', false, false, 'paste'],
    ['Meta+KeyV', true, false, 'paste'],
    ['Ctrl+Shift+KeyF', false, false, 'search'],
    ['Meta+KeyF', true, false, 'search'],
    ['Ctrl+Shift+Escape', false, false, 'strip'],
    ['Ctrl+Alt+Shift+ShiftLeft', false, false, 'strip'],
    // The machine's own.
    ['Ctrl+KeyC', false, true, 'none'],
    ['Ctrl+KeyV', false, false, 'none'],
    ['Ctrl+KeyF', true, false, 'none'],
    ['Insert', false, false, 'none'],
    ['Ctrl+Shift+Insert', false, false, 'none'],
    ['Ctrl+Alt+Shift+KeyC', false, false, 'none'],
    ['Escape', false, false, 'none'],
    ['F6', false, false, 'none'],
    ['Meta+KeyC', false, true, 'none'],
  ])('%s (mac %s, selected %s) means %s', (combination, mac, selected, action) => {
    expect(keyAction(press(combination), mac, selected)).toBe(action);
  });
});

describe('a paste', () => {
  it.each([
    ['ls\n', false, 'ls\r'],
    ['a\r\nb\rc', false, 'a\rb\rc'],
    ['tab\there', false, 'tab\there'],
    ['ls\n', true, '\u001b[200~ls\r\u001b[201~'],
    ['out\u001b[201~rm -rf\u0003', true, '\u001b[200~out[201~rm -rf\u001b[201~'],
    ['c1\u009b201~', true, '\u001b[200~c1201~\u001b[201~'],
    ['日本 👍🏽', false, '日本 👍🏽'],
  ])('%j (bracketed %s) is sent as %j', (text, bracketed, sent) => {
    expect(preparePaste(text, bracketed)).toBe(sent);
  });
});

describe('a font', () => {
  it('is named first and falls back', () => {
    expect(fontFamily('Fira Code')).toMatch(/^"Fira Code", ui-monospace, .*monospace$/);
    expect(fontFamily('monospace')).toMatch(/^ui-monospace/);
    expect(fontFamily('')).toMatch(/^ui-monospace/);
    expect(fontFamily('x"; } body { color: red')).toMatch(/^"x body color: red"|^"x {2}body {2}color: red"/);
  });

  it('has its size in pixels', () => {
    expect([fontPx(0), fontPx(12), fontPx(9), fontPx(1000)]).toEqual([14, 16, 12, 48]);
    expect(clampPx(-3)).toBe(8);
  });
});
