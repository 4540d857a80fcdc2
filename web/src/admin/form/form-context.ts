/** What the fields of a form ask the form around them. */

import { getContext, setContext } from 'svelte';

export type FormAround = {
  /** What is wrong with a field, in words for people; empty for nothing. */
  errorOf: (field: string) => string;
  /** What is taken in a field and probably not meant. */
  warningOf: (field: string) => string;
};

const KEY = Symbol('form');

const NO_FORM: FormAround = { errorOf: () => '', warningOf: () => '' };

export function provideForm(form: FormAround): void {
  setContext(KEY, form);
}

export function useForm(): FormAround {
  return getContext<FormAround | undefined>(KEY) ?? NO_FORM;
}
