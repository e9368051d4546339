import type { Rule } from 'run-playbook';
import { referenceRules } from './rules/references.ts';
import { serviceRules } from './rules/service.ts';
import { socketRules } from './rules/sockets.ts';

/** What the haproxy role is held to. */
export const rules: readonly Rule[] = [...socketRules, ...referenceRules, ...serviceRules];
