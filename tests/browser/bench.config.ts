/** The figures of `bench/browser`, taken with the fixtures of the tests. */

import base from './playwright.config.ts';

export default { ...base, testDir: '../../bench/browser', timeout: 300_000 };
