/** Policy bindings in words. */

import type { PolicyBinding } from '../api/objects';

export type Subject = { kind: 'policies' | 'groups' | 'users'; field: 'policy' | 'group' | 'user'; id: string };

export function subjectOf(binding: Pick<PolicyBinding, 'policy' | 'group' | 'user'>): Subject {
  if (binding.group) return { kind: 'groups', field: 'group', id: binding.group };
  if (binding.user) return { kind: 'users', field: 'user', id: binding.user };
  return { kind: 'policies', field: 'policy', id: binding.policy ?? '' };
}

/** What a binding asks for, before its subject's name. */
export function asks(binding: PolicyBinding): string {
  const { field } = subjectOf(binding);
  const words = {
    policy: binding.negate ? 'must not pass' : 'must pass',
    group: binding.negate ? 'must not be a member of' : 'must be a member of',
    user: binding.negate ? 'must be anybody but' : 'must be',
  };
  return words[field];
}

export type BindingSpec = {
  target: string;
  target_kind: PolicyBinding['target_kind'];
  order: number;
  enabled: boolean;
  negate: boolean;
  timeout_s: number;
  failure_result: boolean;
  policy?: string;
  group?: string;
  user?: string;
};

/** A binding's document with its one subject. */
export function specOf(
  target: { kind: PolicyBinding['target_kind']; id: string },
  subject: { field: 'policy' | 'group' | 'user'; id: string },
  rest: Pick<BindingSpec, 'order' | 'enabled' | 'negate' | 'timeout_s' | 'failure_result'>,
): BindingSpec {
  const { order, enabled, negate, timeout_s, failure_result } = rest;
  return {
    target: target.id,
    target_kind: target.kind,
    order,
    enabled,
    negate,
    timeout_s,
    failure_result,
    [subject.field]: subject.id,
  };
}

/** The order for a new binding behind these: tens, so that others fit in between. */
export function nextOrder(bindings: readonly { order: number }[]): number {
  if (bindings.length === 0) return 0;
  const highest = Math.max(...bindings.map(({ order }) => order));
  return (Math.floor(highest / 10) + 1) * 10;
}
