import {
  aptPackage,
  fileSet,
  role,
  service,
  sh,
  sysctl,
  type ClusterHost,
  type Resource,
} from 'run-playbook';
import type { PORTS_OF_NGINX } from '../nginx/ports.ts';
import { checks } from './checks.ts';
import type { Context } from './cluster.ts';
import { configurationFiles, unitFile } from './configuration.ts';
import { inspect } from './inspect.ts';
import { servesGeneration, servingProcess } from './live.ts';
import { bindsNonlocal, objections } from './objections.ts';
import { CONCEALED, secretsOf } from './secrets.ts';
import { validation } from './validation.ts';
import { rules } from './rules.ts';
import { survey } from './survey.ts';
import { vars } from './vars.ts';

/** HAProxy from the distribution's packages, its configuration validated as a whole with its certificates, and reloaded. */
export default role({
  name: 'haproxy',
  description: 'HAProxy in front of every host’s nginx: frontends, backends, TLS, health checks.',
  vars,
  rules,
  objections,
  survey,
  inspect,
  checks,
  resources(context): readonly Resource[] {
    return context.vars.state === 'stopped'
      ? [service({ name: 'haproxy', state: 'stopped' })]
      : running(context);
  },
});

/** What stops HAProxy for nginx's sake, where nginx's turn comes first. */
function stoppersOn({ vars: roles }: ClusterHost): readonly string[] {
  const before = [...roles.keys()].slice(0, [...roles.keys()].indexOf('haproxy'));
  const id: typeof PORTS_OF_NGINX = 'task ports of nginx';
  return before.includes('nginx') ? [id] : [];
}

function running(context: Context): readonly Resource[] {
  const { vars: options } = context;
  const haproxy = aptPackage({ name: 'haproxy', ...options.install, units: ['haproxy.service'] });
  const { files, generation } = configurationFiles(context);
  const configuration = fileSet({
    name: 'haproxy',
    root: '/etc/haproxy',
    files,
    ...(options.purge_unmanaged && { purge: ['certs', 'maps'] }),
    validate: validation(context),
    secrets: secretsOf(options),
    conceal: CONCEALED,
    loadedBy: 'haproxy',
    needs: [haproxy.id],
  });
  const unit = fileSet({
    name: 'haproxy unit',
    root: '/etc/systemd/system/haproxy.service.d',
    files: { 'run-playbook.conf': unitFile(options) },
    after: sh`systemctl daemon-reload`,
  });
  const nonlocal = bindsNonlocal(context) ? [sysctl({ name: 'net.ipv4.ip_nonlocal_bind', value: 1 })] : [];
  return [
    haproxy,
    ...nonlocal,
    configuration,
    unit,
    service({
      name: 'haproxy',
      guarded: true,
      loads: [configuration],
      unitFiles: [unit],
      live: servesGeneration(options, generation),
      process: servingProcess(options),
      // A new process that cannot start leaves the one before in its place (2.6.12); after a restart there is none.
      onChange: 'reload-only',
      stoppedBy: stoppersOn(context.host),
      needs: [haproxy.id, ...nonlocal.map(({ id }) => id)],
    }),
  ];
}
