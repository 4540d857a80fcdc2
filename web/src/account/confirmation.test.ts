import { expect, it, vi } from 'vitest';

import { ApiError } from '../api/problem';
import { Confirmation, NotConfirmed } from './confirmation.svelte';

const needed = (): ApiError => new ApiError(403, 'confirmation_needed', 'confirm');

it('does an act at once where nothing more is needed', async () => {
  const confirmation = new Confirmation();
  await expect(confirmation.around(() => Promise.resolve(7))).resolves.toBe(7);
  expect(confirmation.asked).toBe(false);
});

it('goes on with the act after the proof', async () => {
  const confirmation = new Confirmation();
  const act = vi.fn().mockRejectedValueOnce(needed()).mockResolvedValueOnce('done');
  const done = confirmation.around(act);
  await vi.waitFor(() => expect(confirmation.asked).toBe(true));
  confirmation.settle(true);
  await expect(done).resolves.toBe('done');
  expect(act).toHaveBeenCalledTimes(2);
  expect(confirmation.asked).toBe(false);
});

it('leaves the act undone where there is no proof', async () => {
  const confirmation = new Confirmation();
  const act = vi.fn().mockRejectedValue(needed());
  const done = confirmation.around(act);
  await vi.waitFor(() => expect(confirmation.asked).toBe(true));
  confirmation.settle(false);
  await expect(done).rejects.toThrow(NotConfirmed);
  expect(act).toHaveBeenCalledOnce();
});

it('lets other refusals through', async () => {
  const confirmation = new Confirmation();
  const refused = new ApiError(409, 'taken', 'the name is taken');
  await expect(confirmation.around(() => Promise.reject(refused))).rejects.toBe(refused);
  expect(confirmation.asked).toBe(false);
});
