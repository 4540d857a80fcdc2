/** The settings catalogue, read once while the page is open. */

import { sentenceOf } from '../../api/problem';
import * as api from '../api/client';
import { catalogueOf, type Catalogue } from '../core/settings';

type State = { status: 'loading' | 'ready'; catalogue: Catalogue } | { status: 'failed'; problem: string; catalogue: Catalogue };

const NONE: Catalogue = new Map();

let state = $state.raw<State>({ status: 'loading', catalogue: NONE });
let asked = false;

export function settingsCatalogue(): State {
  if (!asked) {
    asked = true;
    queueMicrotask(() => void read());
  }
  return state;
}

async function read(): Promise<void> {
  try {
    const { items } = await api.settingsCatalogue();
    state = { status: 'ready', catalogue: catalogueOf(items) };
  } catch (error) {
    state = { status: 'failed', problem: sentenceOf(error), catalogue: NONE };
  }
}
