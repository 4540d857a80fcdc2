import { expect, it } from 'vitest';

import type { PromptField } from '../../api/flow-types';
import { check, initialInputs, labelOf } from './prompt-fields';

const field = (type: PromptField['type'], more: Partial<PromptField> = {}): PromptField => ({
  name: type,
  label: '',
  type,
  required: false,
  placeholder: '',
  help: '',
  choices: [],
  ...more,
});

it('starts with the values that the server gives, never with a secret', () => {
  const fields = [
    field('text', { value: 'ada' }),
    field('number', { value: 30 }),
    field('boolean', { value: true }),
    field('choice', { value: 'a' }),
    field('password', { value: 'leaked' }),
    field('multiline'),
  ];
  expect(initialInputs(fields)).toEqual({
    text: 'ada',
    number: '30',
    boolean: true,
    choice: 'a',
    password: '',
    multiline: '',
  });
});

it('answers with typed values and leaves out what is empty', () => {
  const fields = [field('text'), field('number'), field('boolean'), field('choice'), field('multiline')];
  const inputs = { text: ' as typed ', number: '30', boolean: false, choice: '', multiline: '' };
  expect(check(fields, inputs)).toEqual({ fields: { text: ' as typed ', number: 30, boolean: false } });
});

it.each([
  [field('text', { required: true }), ' ', 'Please fill this in.'],
  [field('text', { minimum: 3 }), 'ab', 'Please use at least 3 characters.'],
  [field('text', { maximum: 2 }), '🐢🐢🐢', 'Please use at most 2 characters.'],
  [field('number'), '1.5', 'Please enter a whole number.'],
  [field('number'), 'many', 'Please enter a whole number.'],
  [field('number', { minimum: 5 }), '4', 'Please enter 5 or more.'],
  [field('number', { maximum: 5 }), '6', 'Please enter 5 or less.'],
  [field('choice', { required: true }), '', 'Please fill this in.'],
])('says what is wrong with %o', (each, input, problem) => {
  expect(check([each], { [each.name]: input })).toEqual({ errors: { [each.name]: problem } });
});

it('takes what is within its bounds', () => {
  expect(check([field('text', { minimum: 2, maximum: 2 })], { text: '🐢🐢' })).toEqual({ fields: { text: '🐢🐢' } });
  expect(check([field('number', { minimum: 0, maximum: 0 })], { number: '0' })).toEqual({ fields: { number: 0 } });
});

it('names a field by its label, else by the end of its name', () => {
  expect(labelOf(field('text', { name: 'connection_settings.username' }))).toBe('username');
  expect(labelOf(field('text', { label: 'User' }))).toBe('User');
});
