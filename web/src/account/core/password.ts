/** What a new password is checked for before it is sent. */

/** The least that the server takes, characters. */
export const PASSWORD_LENGTH_MIN = 8;

/** What is wrong with a new password; empty for nothing. */
export function passwordProblem(next: string, again: string, username: string): string {
  if ([...next].length < PASSWORD_LENGTH_MIN) {
    return `Use at least ${PASSWORD_LENGTH_MIN} characters; a few words in a row are easy to keep.`;
  }
  if (next.toLowerCase() === username.toLowerCase()) return 'Use something else than your username.';
  if (next !== again) return 'The two are not the same.';
  return '';
}
