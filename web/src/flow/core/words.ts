/** Who may decide, in words. */

/** Names that are told at most. */
const NAMES_MAX = 4;

/** `Ada`, `Ada or Boris`, `Ada, Boris or one of 3 others`; `Somebody else` for none. */
export function anyOf(names: readonly string[]): string {
  if (names.length === 0) return 'Somebody else';
  const shown = names.slice(0, NAMES_MAX);
  const others = names.length - shown.length;
  const parts = others > 0 ? [...shown, `one of ${others} others`] : shown;
  return parts.length === 1 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`;
}
