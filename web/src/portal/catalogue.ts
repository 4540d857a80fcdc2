/** My applications, grouped and searched. */

import type { LaunchableEndpoint, MyApplication, Protocol } from '../api/types';

export type ApplicationGroup = { name: string; applications: MyApplication[] };

/**
 * Keeps what matches every word of `query`. A word that names an application
 * or its group keeps all of its endpoints; else only endpoints that it names.
 */
export function search(applications: readonly MyApplication[], query: string): MyApplication[] {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [...applications];
  return applications.flatMap((application) => {
    const about = `${application.name} ${application.slug} ${application.group}`.toLowerCase();
    const open = words.filter((word) => !about.includes(word));
    const endpoints = application.endpoints.filter(({ name, protocol }) =>
      open.every((word) => `${name} ${protocol}`.toLowerCase().includes(word)),
    );
    const kept = open.length === 0 || endpoints.length > 0;
    return kept ? [{ ...application, endpoints }] : [];
  });
}

/** By group and name, those without a group first. */
export function grouped(applications: readonly MyApplication[]): ApplicationGroup[] {
  const groups = new Map<string, MyApplication[]>();
  for (const application of applications) {
    const members = groups.get(application.group) ?? [];
    members.push(application);
    groups.set(application.group, members);
  }
  return [...groups]
    .map(([name, members]) => ({ name, applications: members.sort(byName) }))
    .sort(byName);
}

/** An endpoint with the application that it is opened through. */
export type Place = { application: MyApplication; endpoint: LaunchableEndpoint };

/** Protocols that there are, in the order in which they are offered. */
export function protocolsOf(applications: readonly MyApplication[]): Protocol[] {
  const there = new Set(applications.flatMap(({ endpoints }) => endpoints.map(({ protocol }) => protocol)));
  return (['ssh', 'rdp', 'vnc'] as const).filter((protocol) => there.has(protocol));
}

/** Keeps the endpoints of one protocol, and what has any. */
export function ofProtocol(applications: readonly MyApplication[], protocol: Protocol): MyApplication[] {
  return applications.flatMap((application) => {
    const endpoints = application.endpoints.filter((each) => each.protocol === protocol);
    return endpoints.length > 0 ? [{ ...application, endpoints }] : [];
  });
}

/** Endpoints with a session of mine that goes on. */
export function running(applications: readonly MyApplication[]): Place[] {
  return placesOf(applications).filter(({ endpoint }) => endpoint.connections.length > 0);
}

/** The endpoints of these ids, in their order; those that are gone are left out. */
export function pick(
  applications: readonly MyApplication[],
  ids: readonly string[],
  limit: number,
): Place[] {
  const places = new Map(placesOf(applications).map((place) => [place.endpoint.id, place]));
  return [...new Set(ids)].flatMap((id) => places.get(id) ?? []).slice(0, limit);
}

function placesOf(applications: readonly MyApplication[]): Place[] {
  return applications.flatMap((application) =>
    application.endpoints.map((endpoint) => ({ application, endpoint })),
  );
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name.localeCompare(other.name, undefined, { numeric: true });
}
