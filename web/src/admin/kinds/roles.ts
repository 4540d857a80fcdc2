/** The roles in words. */

import type { Role } from '../api/objects';

export const ROLES: readonly { value: Role; label: string; help: string }[] = [
  { value: 'user', label: 'User', help: 'opens what policies allow' },
  { value: 'operator', label: 'Operator', help: 'also keeps the applications named below' },
  { value: 'auditor', label: 'Auditor', help: 'also reads everything' },
  { value: 'admin', label: 'Administrator', help: 'reads and writes everything' },
];
