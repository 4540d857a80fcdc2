/** Opening an endpoint: the launch call, and the way to the viewer's page. */

import * as api from '../api/client';
import type { Challenge } from '../api/flow-types';
import type { LaunchAnswer, Passage, Protocol } from '../api/types';
import { navigate, redirect } from '../app/router.svelte';

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

/** The question that the last launch led to, for the page that asks it. */
let asked: Challenge | undefined;

/** Launches and shows the session in this tab, or first what is asked before it. */
export async function openHere(target: LaunchTarget): Promise<void> {
  const answer = await api.launch(target.slug, target.endpoint);
  if (answer.type === 'connection') hand(answer, target);
  else asked = answer;
  navigate(placeOf(answer));
}

/**
 * Launches and shows the session in a new tab. The tab is opened before the
 * call, while the click still allows it; the page in it asks for a ticket, or
 * for the question, on its own.
 */
export async function openInTab(target: LaunchTarget): Promise<void> {
  const tab = window.open('', '_blank');
  if (tab) tab.opener = null;
  try {
    const answer = await api.launch(target.slug, target.endpoint);
    if (answer.type === 'connection') remember(answer.connection.id, target, answer.connection.protocol);
    if (tab) tab.location.replace(placeOf(answer));
    else navigate(placeOf(answer));
  } catch (error) {
    tab?.close();
    throw error;
  }
}

/** The last answer of a flow opened its connection: on to the session, in the flow's place. */
export function arrive(answer: Opened, challenge: Challenge | undefined): void {
  if (challenge) hand(answer, targetAsked(challenge));
  redirect(pathOf(answer.connection.id));
}

/** What a flow is for, to launch it again. */
export function targetAsked({ application, endpoint }: Challenge): LaunchTarget {
  return { slug: application.slug, endpoint: endpoint.id, name: endpoint.name, protocol: endpoint.protocol };
}

/** The question that the launch of `execution` gave this tab, once. */
export function takeChallenge(execution: string): Challenge | undefined {
  const taken = asked;
  asked = undefined;
  return taken?.execution === execution ? taken : undefined;
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

type Opened = Extract<LaunchAnswer, { type: 'connection' }>;

function placeOf(answer: LaunchAnswer): string {
  if (answer.type === 'connection') return pathOf(answer.connection.id);
  return `/flow/${encodeURIComponent(answer.execution)}`;
}

function hand({ connection, edge_url, ticket }: Opened, target: LaunchTarget): void {
  handoff = { connection: connection.id, passage: { edge_url, ticket }, at: performance.now() };
  remember(connection.id, target, connection.protocol);
}

/** Endpoints that this browser launched, the last one first. */
export function recentEndpoints(): string[] {
  return remembered().map(([, target]) => target.endpoint);
}

type Remembered = [connection: string, target: LaunchTarget][];

function remember(connection: string, target: LaunchTarget, protocol: Protocol): void {
  const launches: Remembered = [[connection, { ...target, protocol }], ...remembered()];
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
