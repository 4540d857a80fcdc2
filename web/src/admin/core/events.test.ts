import { expect, it } from 'vitest';

import type { AuditEvent } from '../api/objects';
import { aboutWhat, actionWords, withNew } from './events';

const events = (...ids: string[]): AuditEvent[] => ids.map((id) => ({ id }) as AuditEvent);
const idsOf = (rows: AuditEvent[]): string[] => rows.map(({ id }) => id);

it('puts what is new in front, once, up to a limit', () => {
  expect(idsOf(withNew(events('2', '1'), events('4', '3', '2'), 10))).toEqual(['4', '3', '2', '1']);
  expect(idsOf(withNew(events('2', '1'), events('2', '1'), 10))).toEqual(['2', '1']);
  expect(idsOf(withNew(events('2', '1'), events('3'), 2))).toEqual(['3', '2']);
});

it('has words for actions, known or not', () => {
  expect(actionWords('sign_in')).toBe('signed in');
  expect(actionWords('some_new_thing')).toBe('some new thing');
});

it('does not say twice who did it', () => {
  expect(aboutWhat({ actor: 'ada', target_name: 'ada' })).toBe('');
  expect(aboutWhat({ actor: 'ada', target_name: 'web-01' })).toBe('web-01');
});
