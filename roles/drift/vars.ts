import { DRIFT_CLASSES, text, v, whole } from 'run-playbook';
import { notifyTarget } from './notify.ts';

const day = v.pipe(v.string(), v.isoDate('should be a day: 2026-12-31'));

const pattern = text((value) => value.trim() !== '', 'a name, `*` for anything');
const reason = text((value) => value.trim() !== '', 'a reason');

const ignore = v.strictObject({
  host: v.optional(v.pipe(pattern, v.description('Hosts; `*` stands for anything.'))),
  class: v.optional(
    v.pipe(
      v.picklist(DRIFT_CLASSES, `should be one of ${DRIFT_CLASSES.join(', ')}`),
      v.description('What kind of thing, as reports name it.'),
    ),
  ),
  item: v.optional(v.pipe(pattern, v.description('Items, as reports name them; `*` stands for anything.'))),
  reason: v.pipe(reason, v.description('Why; shown beside what is ignored.')),
  until: v.optional(
    v.pipe(day, v.description('The last day; afterwards it is reported again, and so is the rule.')),
  ),
});

const window = v.strictObject({
  from: v.pipe(v.string(), v.isoTimestamp('should be a moment: 2026-12-31T01:00:00Z')),
  until: v.pipe(v.string(), v.isoTimestamp('should be a moment: 2026-12-31T03:00:00Z')),
  host: v.optional(v.pipe(pattern, v.description('Hosts; `*` stands for anything.'))),
  reason: v.pipe(reason, v.description('Shown instead of what is found.')),
});

/** Variables of the drift role. */
export const vars = v.strictObject({
  ignore: v.pipe(
    v.optional(v.array(ignore), []),
    v.description('What drift checks need not report, each with its reason.'),
  ),
  maintenance: v.pipe(
    v.optional(v.array(window), []),
    v.description('When hosts are worked on and nothing of them is reported.'),
  ),
  notify: v.pipe(
    v.optional(v.array(notifyTarget), []),
    v.description(
      'Who is told by run-playbook drift --notify of what is new, and once when all is well again.',
    ),
  ),
  certificate_days: v.pipe(
    v.optional(whole({ min: 0, max: 365, what: 'days (0-365)' }), 14),
    v.description('Days before its end from which a certificate is reported.'),
  ),
});

export type DriftVars = v.InferOutput<typeof vars>;
