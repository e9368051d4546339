import { httpCheck, playbook, varsOf } from 'run-playbook';
import checkScript from '../roles/check-script/index.ts';
import keepalived from '../roles/keepalived/index.ts';
import nginx from '../roles/nginx/index.ts';

/** nginx on every host, one virtual IP in front: whoever holds it serves, and it leaves a host whose nginx does not. */
export default playbook({
  name: 'phase1',
  description: 'nginx + keepalived, active-passive, one virtual IP.',
  hosts: 'web',
  roles: [nginx, checkScript, keepalived],
  vars: {
    nginx: { vip_follows: true },
    check_script: { checks: { check_nginx: { kind: 'http', service: 'nginx' } } },
    keepalived: { track: ['nginx'], checks: { check_nginx: {} } },
  },
  checks({ hosts }) {
    const [first] = hosts;
    if (first === undefined) {
      return [];
    }
    const { vips } = varsOf(keepalived, first);
    const { port, health } = varsOf(nginx, first);
    return vips.map((vip) => {
      // The health endpoint answers whatever the sites do: a redirect, a login, names of their own.
      const url = `http://${vip.address.split('/')[0]}:${port}${health.path}`;
      return httpCheck({ name: 'HTTP through the VIP', url, host: health.server_name });
    });
  },
});
