/** My applications, grouped and searched. */

import type { MyApplication } from '../api/types';

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

function byName(one: { name: string }, other: { name: string }): number {
  return one.name.localeCompare(other.name, undefined, { numeric: true });
}
