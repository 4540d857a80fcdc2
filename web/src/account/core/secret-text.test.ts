import { expect, it } from 'vitest';

import { codesFile, spaced } from './secret-text';

it('groups a key by four', () => {
  expect(spaced('JBSWY3DPEHPK3PXP')).toBe('JBSW Y3DP EHPK 3PXP');
  expect(spaced('JBSWY')).toBe('JBSW Y');
  expect(spaced('')).toBe('');
});

it('writes a file that says what it is', () => {
  const text = codesFile(['aaaa-bbbb', 'cccc-dddd'], 'causeway.example', new Date('2026-01-02T03:04:05Z'));
  expect(text.split('\n')).toEqual([
    'Recovery codes for causeway.example, made 2026-01-02',
    'Each works once. Keep them where you would keep a key.',
    '',
    'aaaa-bbbb',
    'cccc-dddd',
    '',
  ]);
});
