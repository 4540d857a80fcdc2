/** How many connections each node had in the last minutes. */

export type Sampled = { id: string; connections: number; capacity: number };

export type Samples = {
  /** When each sample was taken, ms, oldest first. */
  times: number[];
  /** Connections of all nodes together. */
  total: number[];
  /** Connections by the node's id; undefined where it was not there. */
  nodes: Record<string, (number | undefined)[]>;
};

/** How far back samples are kept, ms. */
export const KEPT_MS = 10 * 60_000;

/** The samples with another one, without those that are too old. */
export function addSample(samples: Samples, now: number, nodes: readonly Sampled[]): Samples {
  const from = samples.times.findIndex((time) => time >= now - KEPT_MS);
  const first = from < 0 ? samples.times.length : from;
  const kept = samples.times.length - first;
  const ids = new Set([...Object.keys(samples.nodes), ...nodes.map(({ id }) => id)]);
  const byNode: Samples['nodes'] = {};
  for (const id of ids) {
    const before = samples.nodes[id]?.slice(first) ?? Array.from({ length: kept }, () => undefined);
    const row = [...before, nodes.find((node) => node.id === id)?.connections];
    if (row.some((value) => value !== undefined)) byNode[id] = row;
  }
  return {
    times: [...samples.times.slice(first), now],
    total: [...samples.total.slice(first), nodes.reduce((sum, node) => sum + node.connections, 0)],
    nodes: byNode,
  };
}
