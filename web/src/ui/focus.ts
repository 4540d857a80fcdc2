/** Puts the focus on an element as it appears: `use:focus`. */

export function focus(element: HTMLElement): void {
  element.focus();
}

/** Puts it on the first field of a form, or its first button: `use:focusFirst`. */
export function focusFirst(form: HTMLElement): void {
  const field = form.querySelector<HTMLElement>(
    'input:not([type=hidden]):not(:disabled), textarea, select',
  );
  (field ?? form.querySelector<HTMLElement>('button, a'))?.focus();
}
