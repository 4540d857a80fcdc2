import { expect, it } from 'vitest';

import { Queue } from './queue';

it('hands ids on together, each once, by kind', () => {
  const handled: [string, string[]][] = [];
  let act = (): void => undefined;
  let planned = 0;
  const queue = new Queue<'users' | 'groups'>(
    (kind, ids) => handled.push([kind, ids]),
    (given) => {
      planned += 1;
      act = given;
    },
  );
  queue.add('users', 'a');
  queue.add('users', 'b');
  queue.add('users', 'a');
  queue.add('groups', 'g');
  queue.add('groups', '');
  expect([planned, handled]).toEqual([1, []]);
  act();
  expect(handled).toEqual([['users', ['a', 'b']], ['groups', ['g']]]);
  queue.add('users', 'c');
  act();
  expect(handled.at(-1)).toEqual(['users', ['c']]);
});
