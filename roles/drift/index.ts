import { role } from 'run-playbook';
import { vars } from './vars.ts';

/** Declares nothing on a host: what `run-playbook drift` reports, and what it need not. */
export default role({
  name: 'drift',
  description: 'What run-playbook drift reports of the hosts. Changes nothing.',
  vars,
  resources: () => [],
});
