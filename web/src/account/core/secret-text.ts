/** Secrets as people read and keep them. */

/** A key in groups of four, as one types it from the screen. */
export function spaced(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ');
}

/** What a file of recovery codes says. */
export function codesFile(codes: readonly string[], site: string, when: Date): string {
  const head = `Recovery codes for ${site}, made ${when.toISOString().slice(0, 10)}`;
  const hint = 'Each works once. Keep them where you would keep a key.';
  return `${[head, hint, '', ...codes].join('\n')}\n`;
}
