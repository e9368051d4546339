/** Commands with a help of their own, `run` being the one without a name. */
export const HELP_TOPICS = [
  'run',
  'lab',
  'vars',
  'lint',
  'explain',
  'drill',
  'plan',
  'apply',
  'status',
  'history',
  'lock',
  'drift',
  'schedule',
] as const;

export type HelpTopic = (typeof HELP_TOPICS)[number];
