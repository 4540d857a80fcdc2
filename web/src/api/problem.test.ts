import { expect, it } from 'vitest';

import { ApiError, readProblem, sentenceOf, UNREACHABLE } from './problem';

it('reads problem details', async () => {
  const body = JSON.stringify({ code: 'too_many_attempts', detail: 'wait', status: 429 });
  const response = new Response(body, { status: 429, headers: { 'retry-after': '90' } });
  expect(await readProblem(response)).toMatchObject({
    status: 429,
    code: 'too_many_attempts',
    detail: 'wait',
    retryAfterS: 90,
  });
});

it('bears answers that are none', async () => {
  for (const body of ['', '<html>', '[]', 'null', '{"code": 7}']) {
    expect(await readProblem(new Response(body, { status: 502 }))).toMatchObject({ code: 'http_502' });
  }
});

it('names the fields concerned', async () => {
  const errors = [{ field: 'settings.port', code: 'wrong_type', message: 'is no number' }, 7, null];
  const read = await readProblem(new Response(JSON.stringify({ code: 'invalid_field', errors }), { status: 422 }));
  expect(read.errors).toEqual([{ field: 'settings.port', code: 'wrong_type', message: 'is no number' }]);
});

it('says what happened', () => {
  expect(sentenceOf(new ApiError(0, UNREACHABLE, ''))).toContain('does not answer');
  expect(sentenceOf(new ApiError(409, 'x', 'the place is taken'))).toBe('The place is taken.');
  expect(sentenceOf(new TypeError('x'))).toContain('went wrong');
});
