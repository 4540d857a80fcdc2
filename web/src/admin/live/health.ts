/** The health of nodes and edges in words. */

type Words = { tag: string; about: string; look: 'good' | 'warn' | 'bad' | '' };

const HEALTH: Record<string, Words> = {
  ready: { tag: 'ready', look: 'good', about: 'Heard of lately, connected to an edge, with places free.' },
  no_tunnel: { tag: 'no tunnel', look: 'bad', about: 'Heard of lately, but connected to no edge: browsers cannot reach it.' },
  draining: { tag: 'stopping', look: 'warn', about: 'It is about to stop and takes no new connections.' },
  drained: { tag: 'drained', look: 'warn', about: 'An administrator lets it take no new connections.' },
  full: { tag: 'full', look: 'warn', about: 'Every place is taken.' },
  lost: { tag: 'lost', look: 'bad', about: 'Nothing was heard of it for too long.' },
};

/** A health that is not known is shown as it is. */
export function healthWords(health: string): Words {
  return HEALTH[health] ?? { tag: health, about: '', look: '' };
}

const EDGE = {
  live: { tag: 'live', look: 'good', about: 'Heard of lately: browsers are sent to it.' },
  draining: { tag: 'stopping', look: 'warn', about: 'It is about to stop and sends its browsers on to other edges.' },
  lost: { tag: 'lost', look: 'bad', about: 'Nothing was heard of it for too long.' },
} as const satisfies Record<string, Words>;

/** What an edge last told, in words. One that is lost may have told that it stops. */
export function edgeWords(edge: { live: boolean; draining: boolean }): Words {
  if (!edge.live) return EDGE.lost;
  return edge.draining ? EDGE.draining : EDGE.live;
}
