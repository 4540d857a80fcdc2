/** The fields of a prompt: what they hold at first, and what they answer. */

import type { PromptField, PromptValue } from '../../api/flow-types';

/** What the inputs hold: text for all but yes or no. */
export type Inputs = Record<string, string | boolean>;

export type Checked =
  | { fields: Record<string, PromptValue> }
  | { errors: Record<string, string> };

export function labelOf(field: PromptField): string {
  return field.label || field.name.split('.').at(-1) || field.name;
}

export function initialInputs(fields: readonly PromptField[]): Inputs {
  return Object.fromEntries(fields.map((field) => [field.name, initialInput(field)]));
}

/** What is sent: a value for each field that is filled in, or what is wrong. */
export function check(fields: readonly PromptField[], inputs: Inputs): Checked {
  const answers: Record<string, PromptValue> = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const input = inputs[field.name] ?? '';
    const problem = problemOf(field, input);
    if (problem !== '') errors[field.name] = problem;
    else if (input !== '') answers[field.name] = valueOf(field, input);
  }
  return Object.keys(errors).length > 0 ? { errors } : { fields: answers };
}

function initialInput(field: PromptField): string | boolean {
  const { type, value } = field;
  if (type === 'boolean') return value === true || value === 'true';
  if (type === 'password' || value === undefined || value === null) return '';
  return String(value);
}

function valueOf({ type }: PromptField, input: string | boolean): PromptValue {
  return type === 'number' ? Number(input) : input;
}

function problemOf(field: PromptField, input: string | boolean): string {
  if (typeof input === 'boolean') return '';
  if (input.trim() === '') return field.required ? 'Please fill this in.' : '';
  if (field.type === 'number') return numberProblem(field, input);
  if (field.type === 'choice') return '';
  return textProblem(field, [...input].length);
}

function numberProblem({ minimum, maximum }: PromptField, input: string): string {
  const number = Number(input);
  if (!Number.isSafeInteger(number)) return 'Please enter a whole number.';
  if (isSet(minimum) && number < minimum) return `Please enter ${minimum} or more.`;
  if (isSet(maximum) && number > maximum) return `Please enter ${maximum} or less.`;
  return '';
}

function textProblem({ minimum, maximum }: PromptField, length: number): string {
  if (isSet(minimum) && length < minimum) return `Please use at least ${minimum} characters.`;
  if (isSet(maximum) && length > maximum) return `Please use at most ${maximum} characters.`;
  return '';
}

function isSet(bound: number | null | undefined): bound is number {
  return typeof bound === 'number';
}
