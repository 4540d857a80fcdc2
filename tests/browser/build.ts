/** Builds what the tests run, once before all of them; unless the caller names a program. */

import { execFileSync } from 'node:child_process';
import { root } from './stack.ts';

export default function build(): void {
  if (process.env['CAUSEWAY_BINARY'] !== undefined) return;
  const packages = ['--package', 'causeway', '--package', 'causeway-tests'];
  execFileSync('cargo', ['build', '--quiet', '--bins', ...packages], { cwd: root, stdio: 'inherit' });
}
