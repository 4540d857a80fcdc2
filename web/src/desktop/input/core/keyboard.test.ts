import { describe, expect, it } from 'vitest';

import { COMBINATIONS } from './combinations';
import { Typist } from './keyboard-bench';
import type { Platform } from './platform';

const CTRL = { flags: { ctrl: true } };
const SHIFT = { flags: { shift: true } };

describe('a key', () => {
  it.each([
    // layout, code, key: the place is the keyboard's, the meaning the layout's
    ['US', 'KeyA', 'a'],
    ['French', 'KeyQ', 'a'],
    ['French', 'KeyA', 'q'],
    ['French', 'Digit1', '&'],
    ['French', 'Digit0', 'à'],
    ['German', 'KeyY', 'z'],
    ['German', 'Semicolon', 'ö'],
    ['German', 'Minus', 'ß'],
    ['German', 'Backslash', '#'],
    ['German', 'IntlBackslash', '<'],
    ['Russian', 'KeyF', 'а'],
    ['Greek', 'KeyS', 'σ'],
    ['Japanese', 'IntlRo', 'ろ'],
    ['Brazilian', 'NumpadComma', '.'],
    ['any', 'Space', ' '],
    ['any', 'F13', 'F13'],
    ['any', 'NumpadEnter', 'Enter'],
    ['any', 'Numpad7', 'Home'],
    ['any', 'ContextMenu', 'ContextMenu'],
    ['any', 'Tab', 'Tab'],
  ])('of a %s layout goes out by its place and its meaning: %s %s', (_layout, code, key) => {
    const typist = new Typist();
    expect(typist.tap(code, key)).toBe('prevent');
    expect(typist.out).toBe(`+${code}:${key} -${code}:${key}`);
  });

  it('goes up as what it went down as, whatever Shift did meanwhile', () => {
    const typist = new Typist();
    typist.down('ShiftLeft', 'Shift', SHIFT);
    typist.down('KeyA', 'A', SHIFT);
    typist.up('ShiftLeft', 'Shift');
    typist.up('KeyA', 'a');
    expect(typist.out).toBe('+ShiftLeft:Shift +KeyA:A -ShiftLeft:Shift -KeyA:A');
  });

  it('repeats, and comes up once', () => {
    const typist = new Typist();
    typist.down('KeyA', 'a');
    typist.down('KeyA', 'a', { repeat: true });
    typist.up('KeyA', 'a');
    typist.up('KeyA', 'a');
    expect(typist.out).toBe('+KeyA:a +KeyA:a -KeyA:a');
  });

  it('that came down elsewhere does not come up here', () => {
    const typist = new Typist();
    typist.up('KeyA', 'a');
    typist.up('Enter', 'Enter');
    expect(typist.out).toBe('');
  });

  it('of Alt that X11 calls Meta stays Alt', () => {
    const typist = new Typist();
    typist.down('AltLeft', 'Meta', { flags: { shift: true, alt: true } });
    expect(typist.out).toBe('+AltLeft:Alt');
  });

  it('is held by no more hands than there are', () => {
    const typist = new Typist();
    for (let at = 0; at < 200; at += 1) typist.down(`Key${at}`, 'x');
    expect(typist.out.split(' ').length).toBeLessThanOrEqual(64);
  });
});

describe('AltGr', () => {
  it('of Windows comes without the Control that Windows makes up', () => {
    const typist = new Typist('windows');
    typist.down('ControlLeft', 'Control', CTRL);
    typist.down('AltRight', 'AltGraph');
    typist.down('KeyQ', '@');
    typist.down('ControlLeft', 'Control', { repeat: true });
    typist.down('AltRight', 'AltGraph', { repeat: true });
    typist.up('KeyQ', '@');
    typist.up('ControlLeft', 'Control');
    typist.up('AltRight', 'AltGraph');
    expect(typist.out).toBe(
      '+AltRight:AltGraph +KeyQ:@ +AltRight:AltGraph -KeyQ:@ -AltRight:AltGraph',
    );
  });

  it('does not swallow a Control that is one', () => {
    const typist = new Typist('windows');
    typist.down('ControlLeft', 'Control', CTRL);
    expect(typist.out).toBe('');
    typist.pass(100);
    expect(typist.out).toBe('+ControlLeft:Control');
    typist.down('KeyC', 'c', CTRL);
    typist.up('KeyC', 'c', CTRL);
    typist.up('ControlLeft', 'Control');
    expect(typist.out).toBe('+KeyC:c -KeyC:c -ControlLeft:Control');
  });

  it('keeps a quick Control and letter in their order', () => {
    const typist = new Typist('windows');
    typist.down('ControlLeft', 'Control', CTRL);
    typist.down('KeyA', 'a', CTRL);
    expect(typist.out).toBe('+ControlLeft:Control +KeyA:a');
  });

  it('keeps a Control that is only tapped', () => {
    const typist = new Typist('windows');
    typist.tap('ControlLeft', 'Control');
    expect(typist.out).toBe('+ControlLeft:Control -ControlLeft:Control');
  });

  it.each([
    ['German', 'KeyE', '€'],
    ['German', 'Digit7', '{'],
    ['French', 'Digit0', '@'],
    ['Polish', 'KeyL', 'ł'],
  ])('of a %s layout on Linux goes out as it is: %s %s', (_layout, code, key) => {
    const typist = new Typist('other');
    typist.down('AltRight', 'AltGraph');
    // No flag tells of AltGr; it must not be lifted for that.
    typist.tap(code, key);
    typist.up('AltRight', 'AltGraph');
    expect(typist.out).toBe(`+AltRight:AltGraph +${code}:${key} -${code}:${key} -AltRight:AltGraph`);
  });
});

describe('a dead key', () => {
  it('and the letter after it are left to the field, whose text goes out', () => {
    const typist = new Typist();
    expect(typist.tap('BracketLeft', 'Dead')).toBe('allow');
    expect(typist.tap('KeyE', 'ê')).toBe('allow');
    typist.keyboard.handleText('ê');
    expect(typist.out).toBe('"ê"');
    expect(typist.tap('KeyE', 'e')).toBe('prevent');
    expect(typist.out).toBe('+KeyE:e -KeyE:e');
  });

  it('takes a capital letter', () => {
    const typist = new Typist();
    typist.tap('Quote', 'Dead');
    typist.down('ShiftLeft', 'Shift', SHIFT);
    expect(typist.down('KeyU', 'Ü', SHIFT)).toBe('allow');
    typist.keyboard.handleText('Ü');
    expect(typist.out).toBe('+ShiftLeft:Shift "Ü"');
  });

  it('can be taken back without erasing at the target', () => {
    const typist = new Typist();
    typist.tap('Quote', 'Dead');
    expect(typist.tap('Backspace', 'Backspace')).toBe('allow');
    expect(typist.out).toBe('');
    typist.tap('Backspace', 'Backspace');
    expect(typist.out).toBe('+Backspace:Backspace -Backspace:Backspace');
  });

  it('gives way to a key that is no character', () => {
    const typist = new Typist();
    typist.tap('Quote', 'Dead');
    expect(typist.tap('ArrowLeft', 'ArrowLeft')).toBe('prevent');
    expect(typist.out).toBe('+ArrowLeft:ArrowLeft -ArrowLeft:ArrowLeft');
  });

  it('is what Compose begins, too', () => {
    const typist = new Typist();
    expect(typist.tap('AltRight', 'Compose')).toBe('allow');
    expect(typist.tap('KeyO', 'o')).toBe('allow');
    typist.keyboard.handleText('ö');
    expect(typist.out).toBe('"ö"');
  });
});

describe('an input method', () => {
  it('keeps its keys, and its text goes out', () => {
    const typist = new Typist();
    expect(typist.tap('KeyK', 'Process', { composing: true })).toBe('allow');
    expect(typist.tap('KeyA', 'a', { composing: true })).toBe('allow');
    expect(typist.tap('Enter', 'Enter', { composing: true })).toBe('allow');
    typist.keyboard.handleText('か');
    expect(typist.out).toBe('"か"');
  });

  it('tells what Windows never lifts at once', () => {
    const typist = new Typist('windows');
    typist.down('KanaMode', 'Hiragana');
    typist.up('Backquote', 'Zenkaku');
    expect(typist.out).toBe('+KanaMode:Hiragana -KanaMode:Hiragana +Backquote:Zenkaku -Backquote:Zenkaku');
  });

  it('may give lines and tabs', () => {
    const typist = new Typist();
    typist.keyboard.handleText('a\tb\r\nc');
    expect(typist.out).toBe('"a" +Tab:Tab -Tab:Tab "b" +Enter:Enter -Enter:Enter "c"');
  });

  it('of a phone erases what it corrects', () => {
    const typist = new Typist();
    typist.keyboard.handleErased(2);
    typist.keyboard.handleText('ß🎉');
    expect(typist.out).toBe('+Backspace:Backspace -Backspace:Backspace +Backspace:Backspace -Backspace:Backspace "ß🎉"');
  });

  it('of a phone names no places', () => {
    const typist = new Typist();
    expect(typist.tap('', 'Unidentified', { composing: true })).toBe('allow');
    expect(typist.tap('', 'Unidentified')).toBe('allow');
    typist.tap('', 'Backspace');
    typist.tap('', 'é');
    expect(typist.out).toBe('+Backspace:Backspace -Backspace:Backspace "é"');
  });
});

describe('keys that stick', () => {
  it('go up when the page loses the focus, the last first', () => {
    const typist = new Typist();
    typist.down('ControlLeft', 'Control', CTRL);
    typist.down('KeyA', 'a', CTRL);
    typist.keyboard.handleRelease();
    expect(typist.out).toBe('+ControlLeft:Control +KeyA:a -KeyA:a -ControlLeft:Control');
    typist.up('ControlLeft', 'Control');
    expect(typist.out).toBe('');
  });

  it('go up when an event says that they are', () => {
    const typist = new Typist();
    typist.down('AltLeft', 'Alt', { flags: { alt: true } });
    typist.tap('KeyA', 'a');
    expect(typist.out).toBe('+AltLeft:Alt -AltLeft:Alt +KeyA:a -KeyA:a');
    typist.down('ControlRight', 'Control', CTRL);
    typist.keyboard.handleFlags({ ctrl: false, shift: false, alt: false, meta: false });
    expect(typist.out).toBe('+ControlRight:Control -ControlRight:Control');
  });

  it('are both Shifts of Windows, which tells of one', () => {
    const typist = new Typist('windows');
    typist.down('ShiftLeft', 'Shift', SHIFT);
    typist.down('ShiftRight', 'Shift', SHIFT);
    typist.up('ShiftRight', 'Shift');
    expect(typist.out).toBe('+ShiftLeft:Shift +ShiftRight:Shift -ShiftRight:Shift -ShiftLeft:Shift');
  });

  it('come down at the release where a system tells only that', () => {
    const typist = new Typist('windows');
    typist.up('PrintScreen', 'PrintScreen');
    expect(typist.out).toBe('+PrintScreen:PrintScreen -PrintScreen:PrintScreen');
  });
});

describe('a Mac', () => {
  const META = { flags: { meta: true } };
  const ALT = { flags: { alt: true } };

  it('has Command for Control, and tells no release of what is pressed with it', () => {
    const typist = new Typist('mac');
    typist.down('MetaLeft', 'Meta', META);
    typist.down('KeyC', 'c', META);
    typist.up('MetaLeft', 'Meta');
    expect(typist.out).toBe('+ControlLeft:Control +KeyC:c -KeyC:c -ControlLeft:Control');
  });

  it('has Command for itself where that is chosen', () => {
    const typist = new Typist('mac', { command: 'meta', option: 'characters' });
    typist.down('MetaRight', 'Meta', META);
    typist.down('KeyC', 'c', META);
    typist.up('MetaRight', 'Meta');
    expect(typist.out).toBe('+MetaRight:Meta +KeyC:c -KeyC:c -MetaRight:Meta');
  });

  it('types characters with Option, and no Alt with them', () => {
    const typist = new Typist('mac');
    typist.down('AltLeft', 'Alt', ALT);
    typist.tap('KeyL', '@', ALT);
    typist.up('AltLeft', 'Alt');
    expect(typist.out).toBe('"@"');
  });

  it('has Option for Alt with keys that are no characters', () => {
    const typist = new Typist('mac');
    typist.down('AltLeft', 'Alt', ALT);
    typist.tap('Tab', 'Tab', ALT);
    typist.up('AltLeft', 'Alt');
    expect(typist.out).toBe('+AltLeft:Alt +Tab:Tab -Tab:Tab -AltLeft:Alt');
  });

  it('has Option for Alt altogether where that is chosen', () => {
    const typist = new Typist('mac', { command: 'control', option: 'alt' });
    typist.down('AltLeft', 'Alt', ALT);
    typist.tap('KeyF', 'ƒ', ALT);
    typist.up('AltLeft', 'Alt');
    expect(typist.out).toBe('+AltLeft:Alt +KeyF:f -KeyF:f -AltLeft:Alt');
  });

  it('tells one side of each Caps Lock, and both switch it', () => {
    const typist = new Typist('mac');
    typist.down('CapsLock', 'CapsLock');
    typist.up('CapsLock', 'CapsLock');
    expect(typist.out).toBe('+CapsLock:CapsLock -CapsLock:CapsLock +CapsLock:CapsLock -CapsLock:CapsLock');
  });
});

describe('keys that paste', () => {
  it.each([
    ['other', 'KeyV', 'v', { ctrl: true }],
    ['other', 'KeyV', 'V', { ctrl: true, shift: true }],
    ['windows', 'KeyV', 'м', { ctrl: true }],
    ['other', 'Period', 'v', { ctrl: true }],
    ['windows', 'Insert', 'Insert', { shift: true }],
    ['mac', 'KeyV', 'v', { meta: true }],
  ] as const)('of %s bring the clipboard along: %s %s', (platform, code, key, flags) => {
    const typist = new Typist(platform as Platform);
    expect(typist.down(code, key, { flags })).toBe('allow');
    expect(typist.out).toBe('');
    typist.keyboard.handlePaste('text');
    expect(typist.out).toMatch(new RegExp(`^pasted\\(text\\) \\+${code}:${key}`));
  });

  it('go on without one when the browser gives none', () => {
    const typist = new Typist();
    typist.down('KeyV', 'v', CTRL);
    expect(typist.keyboard.nextTimeout()).toBeDefined();
    typist.pass(100);
    expect(typist.out).toBe('+KeyV:v');
  });

  it('keep their place before what comes next', () => {
    const typist = new Typist();
    typist.down('KeyV', 'v', CTRL);
    typist.up('KeyV', 'v', CTRL);
    typist.tap('KeyB', 'b', CTRL);
    expect(typist.out).toBe('+KeyV:v -KeyV:v +KeyB:b -KeyB:b');
  });

  it.each([
    ['other', 'KeyV', 'v', { ctrl: true, alt: true }],
    ['mac', 'KeyV', 'v', { ctrl: true }],
    ['other', 'Insert', 'Insert', {}],
    ['other', 'KeyV', 'v', {}],
  ] as const)('are not %s %s %s %j', (platform, code, key, flags) => {
    const typist = new Typist(platform as Platform);
    expect(typist.down(code, key, { flags })).toBe('prevent');
  });
});

describe('lock keys', () => {
  const caps = { caps: true, num: false, scroll: false };

  it('are told before a key when they differ, and once', () => {
    const typist = new Typist();
    typist.tap('KeyA', 'A', { locks: caps });
    typist.tap('KeyA', 'A', { locks: caps });
    expect(typist.out).toBe('locks(true,false,false) +KeyA:A -KeyA:A +KeyA:A -KeyA:A');
  });

  it('that were sent as keys are not switched a second time', () => {
    const typist = new Typist();
    typist.tap('CapsLock', 'CapsLock', { locks: caps });
    typist.tap('KeyA', 'A', { locks: caps });
    expect(typist.out).toBe('+CapsLock:CapsLock -CapsLock:CapsLock +KeyA:A -KeyA:A');
  });

  it('are told anew after the page was left', () => {
    const typist = new Typist();
    typist.keyboard.handleRelease();
    typist.tap('KeyA', 'a');
    expect(typist.out).toMatch(/^locks\(false,false,false\)/);
  });

  it('follow what the target says of its own', () => {
    const typist = new Typist();
    typist.keyboard.handleLocks(caps);
    typist.tap('KeyA', 'a');
    expect(typist.out).toMatch(/^locks\(false,false,false\) \+KeyA/);
  });
});

it('tells whether a page that closes was meant to', () => {
  const typist = new Typist();
  typist.down('ControlLeft', 'Control', CTRL);
  expect(typist.keyboard.commanding).toBe(true);
  typist.up('ControlLeft', 'Control');
  expect(typist.keyboard.commanding).toBe(false);
});

describe('tools', () => {
  it('are asked for with Control, Alt and Shift, and nothing stays down', () => {
    const typist = new Typist();
    typist.down('ControlLeft', 'Control', CTRL);
    typist.down('AltLeft', 'Alt', { flags: { ctrl: true, alt: true } });
    typist.down('ShiftLeft', 'Shift', { flags: { ctrl: true, alt: true, shift: true } });
    expect(typist.out).toBe('+ControlLeft:Control +AltLeft:Alt -AltLeft:Alt -ControlLeft:Control tools');
  });

  it('press down in order and up in reverse', () => {
    const typist = new Typist();
    typist.press(COMBINATIONS.find(({ id }) => id === 'ctrl-alt-del')?.keys ?? []);
    expect(typist.out).toBe(
      '+ControlLeft:Control +AltLeft:Alt +Delete:Delete -Delete:Delete -AltLeft:Alt -ControlLeft:Control',
    );
  });

  it('hold a modifier until the next key', () => {
    const typist = new Typist();
    typist.keyboard.handleSticky('ControlLeft', 'Control');
    expect(typist.keyboard.sticky).toEqual(['ControlLeft']);
    // A phone's keyboard gives a character and no place.
    typist.tap('', 'c');
    expect(typist.out).toBe('+ControlLeft:Control +KeyC:c -KeyC:c -ControlLeft:Control');
    expect(typist.keyboard.sticky).toEqual([]);
  });

  it('let a modifier go that is tapped twice', () => {
    const typist = new Typist();
    typist.keyboard.handleSticky('AltLeft', 'Alt');
    typist.keyboard.handleSticky('AltLeft', 'Alt');
    expect(typist.out).toBe('+AltLeft:Alt -AltLeft:Alt');
  });

  it('have names of their own', () => {
    expect(new Set(COMBINATIONS.map(({ id }) => id)).size).toBe(COMBINATIONS.length);
  });
});
