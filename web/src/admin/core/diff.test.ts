import { expect, it } from 'vitest';

import { at, changes, onTop, same } from './diff';

const before = { name: 'web', host: 'web:22', settings: { username: 'ada', port: 22 }, mappings: ['a'] };

it('finds nothing where nobody changed anything', () => {
  expect(changes(before, structuredClone(before), structuredClone(before))).toEqual([]);
});

it('names the fields, down into settings', () => {
  const mine = { ...before, settings: { username: 'eve', port: 22 } };
  const theirs = { ...before, host: 'web:2222', settings: { username: 'bob' } };
  expect(changes(before, mine, theirs)).toEqual([
    { field: 'host', before: 'web:22', mine: 'web:22', theirs: 'web:2222', clash: false },
    { field: 'settings.username', before: 'ada', mine: 'eve', theirs: 'bob', clash: true },
    { field: 'settings.port', before: 22, mine: 22, theirs: undefined, clash: false },
  ]);
});

it('sees no clash where both did the same', () => {
  const both = { ...before, host: 'new' };
  expect(changes(before, both, { ...both })).toMatchObject([{ field: 'host', clash: false }]);
});

it('puts my changes on top of theirs', () => {
  const mine = { ...before, name: 'web-1', settings: { username: 'ada', port: 22, locale: 'de' } };
  const theirs = { ...before, host: 'x', settings: { username: 'bob' }, mappings: ['a', 'b'] };
  expect(onTop(before, mine, theirs)).toEqual({
    name: 'web-1',
    host: 'x',
    settings: { username: 'bob', locale: 'de' },
    mappings: ['a', 'b'],
  });
});

it('finds what stands at a field', () => {
  const document = { stages: [{ name: 'rules' }], settings: { port: 22 } };
  expect(at(document, 'stages.0.name')).toBe('rules');
  expect(at(document, 'settings.port')).toBe(22);
  expect(at(document, 'settings.port.more')).toBeUndefined();
});

it('compares maps without their order and lists with it', () => {
  expect(same({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same({ a: undefined }, {})).toBe(false);
});
