import { expect, it } from 'vitest';

import { browserOf } from './browser';

it('tells browser and system', () => {
  const check = (agent: string, words: string) => expect(browserOf(agent)).toBe(words);
  check('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36', 'Chrome on Linux');
  check('Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox on Windows');
  check('Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36 Edg/141.0', 'Edge on Windows');
  check('Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Version/19 Safari/605', 'Safari on macOS');
  check('Mozilla/5.0 (Linux; Android 15) Chrome/141.0 Mobile', 'Chrome on Android');
  check('curl/8.5.0', 'curl/8.5.0');
  check('', 'unknown');
});
