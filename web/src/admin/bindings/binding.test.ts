import { expect, it } from 'vitest';

import type { PolicyBinding } from '../api/objects';
import { asks, nextOrder, specOf, subjectOf } from './binding';

const binding = (fields: Partial<PolicyBinding>): PolicyBinding =>
  ({ order: 0, enabled: true, negate: false, timeout_s: 30, failure_result: false, ...fields }) as PolicyBinding;

it('has one subject', () => {
  expect(subjectOf(binding({ group: 'g' }))).toEqual({ kind: 'groups', field: 'group', id: 'g' });
  expect(subjectOf(binding({ user: 'u' })).kind).toBe('users');
  expect(subjectOf(binding({ policy: 'p' })).id).toBe('p');
});

it('says what it asks for', () => {
  expect(asks(binding({ group: 'g', negate: true }))).toBe('must not be a member of');
  expect(asks(binding({ policy: 'p' }))).toBe('must pass');
});

it('writes the subject under its own name, and no other', () => {
  const spec = specOf({ kind: 'endpoint', id: 'e' }, { field: 'user', id: 'u' }, binding({}));
  expect(spec).toEqual({
    target: 'e', target_kind: 'endpoint', order: 0, enabled: true, negate: false, timeout_s: 30, failure_result: false, user: 'u',
  });
});

it('leaves room between orders', () => {
  expect(nextOrder([])).toBe(0);
  expect(nextOrder([{ order: 0 }, { order: 14 }])).toBe(20);
  expect(nextOrder([{ order: 20 }])).toBe(30);
});
