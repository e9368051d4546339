import type { Rule } from 'run-playbook';
import { agreementRules } from './rules/agreement.ts';
import { moveRules } from './rules/moves.ts';
import { segmentRules } from './rules/segment.ts';
import { valueRules } from './rules/values.ts';
import { watchingRules } from './rules/watching.ts';

/** What the keepalived role is held to. */
export const rules: readonly Rule[] = [
  ...moveRules,
  ...agreementRules,
  ...valueRules,
  ...watchingRules,
  ...segmentRules,
];
