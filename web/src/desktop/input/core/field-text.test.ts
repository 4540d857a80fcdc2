import { expect, it } from 'vitest';

import { FIELD_CONTENT, fieldChange } from './field-text';

it.each([
  ['', 0, ''],
  ['a', 0, 'a'],
  ['日本語', 0, '日本語'],
  ['👩‍🚀', 0, '👩‍🚀'],
])('text %j was added', (text, erased, added) => {
  expect(fieldChange(FIELD_CONTENT, FIELD_CONTENT + text)).toEqual({ erased, text: added });
});

it.each([
  ['hel', 'hello', 0, 'lo'],
  ['teh', 'the', 2, 'he'],
  ['hello', '', 5, ''],
  ['か', '化', 1, '化'],
  ['a👍', 'a', 1, ''],
])('%j became %j', (before, after, erased, text) => {
  expect(fieldChange(FIELD_CONTENT + before, FIELD_CONTENT + after)).toEqual({ erased, text });
});

it('something can be erased from what stands there', () => {
  expect(fieldChange(FIELD_CONTENT, FIELD_CONTENT.slice(0, -1))).toEqual({ erased: 1, text: '' });
});
