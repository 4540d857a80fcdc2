/** Opening an endpoint: the launch call, and the way to the viewer's page. */

import * as api from '../api/client';
import { ApiError } from '../api/problem';
import type { LaunchAnswer, Passage, Protocol } from '../api/types';
import { navigate } from '../app/router.svelte';

/** What was launched; enough to launch it again. */
export type LaunchTarget = {
  slug: string;
  endpoint: string;
  name: string;
  /** Known once it was launched. */
  protocol?: Protocol;
};

/** Under this name the browser remembers which launch a connection came from. */
const STORAGE_KEY = 'causeway.launches';

/** Launches that are remembered. */
const REMEMBERED_MAX = 50;

/** A ticket works for a minute; one that is nearly over is not handed on, ms. */
const HANDOFF_MS = 30_000;

/** The last launch of this tab, for the viewer that it opens; never leaves memory. */
let handoff: { connection: string; passage: Passage; at: number } | undefined;

/** Launches and shows the session in this tab. */
export async function openHere(target: LaunchTarget): Promise<void> {
  const answer = await launched(target);
  handoff = {
    connection: answer.connection.id,
    passage: { edge_url: answer.edge_url, ticket: answer.ticket },
    at: performance.now(),
  };
  navigate(pathOf(answer.connection.id));
}

/**
 * Launches and shows the session in a new tab. The tab is opened before the
 * call, while the click still allows it; the viewer in it asks for a ticket of
 * its own.
 */
export async function openInTab(target: LaunchTarget): Promise<void> {
  const tab = window.open('', '_blank');
  if (tab) tab.opener = null;
  try {
    const answer = await launched(target);
    if (tab) tab.location.replace(pathOf(answer.connection.id));
    else navigate(pathOf(answer.connection.id));
  } catch (error) {
    tab?.close();
    throw error;
  }
}

/** The passage that the launch of `connection` gave this tab, once. */
export function takePassage(connection: string): Passage | undefined {
  const taken = handoff;
  handoff = undefined;
  if (taken?.connection !== connection) return undefined;
  return performance.now() - taken.at < HANDOFF_MS ? taken.passage : undefined;
}

/** Which launch `connection` came from, as far as this browser or the server knows. */
export async function originOf(connection: string): Promise<LaunchTarget | undefined> {
  const known = remembered().find(([id]) => id === connection)?.[1];
  if (known) return known;
  return targetOf((await api.connection(connection)).endpoint);
}

/** What this browser remembers of the launch, without a call. */
export function rememberedOrigin(connection: string): LaunchTarget | undefined {
  return remembered().find(([id]) => id === connection)?.[1];
}

/** What `connection` is spoken to in, as far as this browser or the server knows. */
export async function protocolOf(connection: string): Promise<Protocol> {
  return rememberedOrigin(connection)?.protocol ?? (await api.connection(connection)).protocol;
}

/** The launch target of an endpoint, if it is still among my applications. */
export async function targetOf(endpoint: string): Promise<LaunchTarget | undefined> {
  for (const application of await api.applications()) {
    const found = application.endpoints.find(({ id }) => id === endpoint);
    if (found) return { slug: application.slug, endpoint, name: found.name };
  }
  return undefined;
}

export function pathOf(connection: string): string {
  return `/session/${encodeURIComponent(connection)}`;
}

async function launched(
  target: LaunchTarget,
): Promise<Extract<LaunchAnswer, { type: 'connection' }>> {
  const answer = await api.launch(target.slug, target.endpoint);
  if (answer.type !== 'connection') {
    throw new ApiError(
      0,
      'challenge_not_shown',
      'This endpoint asks further questions before it opens, and this page cannot show them yet.',
    );
  }
  remember(answer.connection.id, { ...target, protocol: answer.connection.protocol });
  return answer;
}

type Remembered = [connection: string, target: LaunchTarget][];

function remember(connection: string, target: LaunchTarget): void {
  const launches: Remembered = [[connection, target], ...remembered()];
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(launches.slice(0, REMEMBERED_MAX)));
  } catch {
    // No storage here: opening again asks the server instead.
  }
}

function remembered(): Remembered {
  try {
    const launches: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(launches) ? (launches as Remembered) : [];
  } catch {
    return [];
  }
}
