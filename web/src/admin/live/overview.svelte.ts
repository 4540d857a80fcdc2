/**
 * The live figures: read every two seconds while somebody looks at a page
 * that shows them, and kept for the last minutes.
 */

import { sentenceOf } from '../../api/problem';
import * as api from '../api/client';
import type { Overview } from '../api/answers';
import { addSample, type Samples } from '../core/samples';

/** Time between two readings, ms. */
const EVERY_MS = 2000;

let overview = $state.raw<Overview>();
let problem = $state('');
let samples = $state.raw<Samples>({ times: [], total: [], nodes: {} });
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;
let asking = false;

/** What was last read. */
export function latest(): Overview | undefined {
  return overview;
}

export function overviewProblem(): string {
  return problem;
}

/** What was read in the last minutes. */
export function history(): Samples {
  return samples;
}

/** Reads while somebody watches; returns what ends the watching. */
export function watchOverview(): () => void {
  watchers += 1;
  if (watchers === 1) {
    void readOverview();
    timer = setInterval(() => {
      if (!document.hidden) void readOverview();
    }, EVERY_MS);
  }
  return () => {
    watchers -= 1;
    if (watchers === 0) clearInterval(timer);
  };
}

export async function readOverview(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    const read = await api.overview();
    overview = read;
    samples = addSample(samples, Date.now(), read.nodes);
    problem = '';
  } catch (error) {
    problem = sentenceOf(error);
  } finally {
    asking = false;
  }
}
