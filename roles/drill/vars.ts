import { v, whole } from 'run-playbook';
import { FAULT_NAMES } from './names.ts';

const seconds = (max: number) => whole({ min: 1, max, what: `seconds (1-${max})` });

const limit = v.strictObject({
  lost: v.optional(
    v.pipe(
      whole({ min: 0, max: 1_000_000, what: 'a number of requests' }),
      v.description('Requests that may be lost.'),
    ),
  ),
  outage_ms: v.optional(
    v.pipe(
      whole({ min: 0, max: 3_600_000, what: 'milliseconds' }),
      v.description('Longest time without an answered request.'),
    ),
  ),
});

/** Variables of the drill role. */
export const vars = v.strictObject({
  rate: v.pipe(
    v.optional(whole({ min: 1, max: 1000, what: 'requests per second (1-1000)' }), 100),
    v.description('Requests per second to each watched port.'),
  ),
  whole_within: v.pipe(
    v.optional(seconds(3600), 60),
    v.description('Seconds in which the cluster has to be whole again.'),
  ),
  reboot_within: v.pipe(
    v.optional(seconds(3600), 600),
    v.description('The same after a reboot; a physical server needs minutes.'),
  ),
  limits: v.pipe(
    v.optional(v.record(v.picklist(FAULT_NAMES, `should be a fault: ${FAULT_NAMES.join(', ')}`), limit), {}),
    v.description(
      'What clients may notice, by fault; replaces the limits that run-playbook drill --list shows.',
    ),
  ),
});

export type DrillVars = v.InferOutput<typeof vars>;
