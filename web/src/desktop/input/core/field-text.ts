/**
 * What was typed into the hidden field, told by how its content changed: the
 * one sign that all browsers and on-screen keyboards give alike.
 */

/**
 * What stands in the field between two inputs, so that there is something to
 * erase. On-screen keyboards hold it for the end of a sentence and offer no
 * correction.
 */
export const FIELD_CONTENT = '................................';

export type FieldChange = {
  /** Characters taken back from the end. */
  erased: number;
  /** Text added there. */
  text: string;
};

/** How the field came from `before` to `after`; both end where the person types. */
export function fieldChange(before: string, after: string): FieldChange {
  const old = [...before];
  const fresh = [...after];
  let same = 0;
  while (same < old.length && same < fresh.length && old[same] === fresh[same]) same += 1;
  return { erased: old.length - same, text: fresh.slice(same).join('') };
}
