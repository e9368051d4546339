import { aptPackage, fileSet, role, service, sh, type Resource } from 'run-playbook';
import { needsRestart, restartBehindProxy } from './behind-proxy.ts';
import { configurationFiles, DEFAULT_ROOT, indexFile, unitFile } from './files.ts';
import { inspect } from './inspect.ts';
import { servesGeneration } from './live.ts';
import { freePorts } from './ports.ts';
import { rules } from './rules.ts';
import { wantedSockets } from './sockets.ts';
import { survey } from './survey.ts';
import { vars } from './vars.ts';

/** nginx from the distribution's packages, its configuration validated as a whole and reloaded, never restarted without need. */
export default role({
  name: 'nginx',
  description: 'nginx with sites, upstreams, a health endpoint, and restarts of its own after a crash.',
  vars,
  rules,
  survey,
  inspect,
  resources(context): readonly Resource[] {
    const { vars: options, host } = context;
    const nginx = aptPackage({ name: 'nginx', ...options.install, units: ['nginx.service'] });
    const { files, generation } = configurationFiles(context, nginx.id);
    const secrets = Object.values(options.basic_auth).flatMap((users) => Object.values(users));
    const page = fileSet({
      name: 'nginx page',
      root: DEFAULT_ROOT,
      files: { 'index.html': indexFile(host.name) },
    });
    const configuration = fileSet({
      name: 'nginx',
      root: '/etc/nginx',
      files,
      ...(options.purge_unmanaged_sites && { purge: ['sites-enabled'] }),
      validate: sh`nginx -t -q -c "$RP_ROOT/nginx.conf"`,
      secrets,
      // Password files: also the hashes that stood there before.
      conceal: [/^[^\s:#]+:(\S+)$/gm],
      loadedBy: 'nginx',
      needs: [nginx.id],
    });
    const unit = fileSet({
      name: 'nginx unit',
      root: '/etc/systemd/system/nginx.service.d',
      files: { 'run-playbook.conf': unitFile(options) },
      after: sh`systemctl daemon-reload`,
    });
    return [
      ...freePorts(options, host),
      nginx,
      ...(Object.keys(options.sites).length === 0 ? [page] : []),
      configuration,
      unit,
      service({
        name: 'nginx',
        guarded: true,
        loads: [configuration],
        unitFiles: [unit],
        live: servesGeneration(options, generation),
        needsRestart: needsRestart(wantedSockets(options, host)),
        ...(options.proxied && { restart: restartBehindProxy() }),
        needs: [nginx.id],
      }),
    ];
  },
});
