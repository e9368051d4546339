import type { HostName } from './pair.ts';

/** One thing that somebody did to a host by hand. */
export interface Drift {
  readonly host: HostName;
  readonly about: string;
  readonly plant: string;
  /** What check must tell: words of the change, by its id. */
  readonly told: Readonly<Record<string, string | readonly string[]>>;
  /** Beginnings of paths that the repair writes anew, equal to what was there but for the time. */
  readonly rewrites: readonly string[];
  /** Beginnings of paths that neither plan nor repair is about, and that planting itself changed. */
  readonly leaves?: readonly string[];
}

export interface Batch {
  readonly about: string;
  readonly drifts: readonly Drift[];
}

/** Every file that phase 1 manages, by the change that repairs it. */
export const FILES: Readonly<Record<string, string>> = {
  '/etc/nginx/nginx.conf': 'files nginx',
  '/etc/nginx/sites-enabled/default.conf': 'files nginx',
  '/etc/nginx/run-playbook-health.conf': 'files nginx',
  '/var/www/run-playbook/index.html': 'files nginx page',
  '/etc/systemd/system/nginx.service.d/run-playbook.conf': 'files nginx unit',
  '/usr/local/libexec/ha/check_nginx': 'files check scripts',
  '/etc/tmpfiles.d/run-playbook-ha-track.conf': 'files keepalived track files',
  '/usr/local/libexec/ha/vrrp_state': 'files keepalived state script',
  '/etc/keepalived/keepalived.conf': 'files keepalived',
  '/etc/systemd/system/keepalived.service.d/run-playbook.conf': 'files keepalived unit',
};

const STAMPS = '/var/lib/run-playbook/loaded/';
/** A service that stops and starts says so here. */
const RUN_TIME = '/run/ha-track/';
const RELOAD = 'configuration not loaded -> loaded';

/** Whose process has to load the file again. */
const LOADED_BY: Readonly<Record<string, string>> = {
  'files nginx': 'service nginx',
  'files keepalived': 'service keepalived',
};

/** The same thing done to every managed file. */
function toEveryFile(
  host: HostName,
  about: string,
  {
    plant,
    told,
    reloads,
  }: {
    readonly plant: (path: string) => string;
    readonly told: (path: string) => string;
    readonly reloads: boolean;
  },
): readonly Drift[] {
  return Object.entries(FILES).map(([path, id]) => {
    const loader = reloads ? LOADED_BY[id] : undefined;
    return {
      host,
      about: `${path} ${about}`,
      plant: plant(path),
      told: { [id]: `${path}  ${told(path)}`, ...(loader !== undefined && { [loader]: RELOAD }) },
      rewrites: [path, ...(loader === undefined ? [] : [STAMPS])],
    };
  });
}

function ofService(
  host: HostName,
  name: string,
  {
    about,
    plant,
    told,
    rewrites = [],
    leaves = [],
  }: {
    readonly about: string;
    readonly plant: string;
    readonly told: string | readonly string[];
    readonly rewrites?: readonly string[];
    readonly leaves?: readonly string[];
  },
): Drift {
  return {
    host,
    about: `${name} ${about}`,
    plant,
    told: { [`service ${name}`]: told },
    rewrites: [STAMPS, ...rewrites],
    leaves,
  };
}

const stopped = (host: HostName, name: string) =>
  ofService(host, name, {
    about: 'stopped',
    plant: `systemctl stop ${name}`,
    told: 'stopped -> running',
    rewrites: [RUN_TIME],
  });

const disabled = (host: HostName, name: string) =>
  ofService(host, name, {
    about: 'disabled, though running',
    plant: `systemctl disable -q ${name} 2>/dev/null`,
    told: 'disabled -> enabled',
    rewrites: [
      '/etc/systemd/system/multi-user.target.wants/',
      '/etc/rc',
      '/etc/init.d/',
      '/var/lib/systemd/',
    ],
  });

const masked = (host: HostName, name: string, { now }: { readonly now: boolean }) =>
  ofService(host, name, {
    about: now ? 'masked and stopped' : 'masked, though running',
    plant: `systemctl mask -q ${now ? '--now ' : ''}${name}`,
    told: now ? ['masked -> unmasked', 'stopped -> running'] : 'masked -> unmasked',
    rewrites: [RUN_TIME],
  });

const removed = (host: HostName, name: string): Drift => ({
  host,
  about: `package ${name} removed`,
  plant: `DEBIAN_FRONTEND=noninteractive apt-get remove -y -q ${name} >/dev/null 2>&1`,
  told: { [`package ${name}`]: 'not installed -> installed', [`service ${name}`]: 'stopped -> running' },
  rewrites: [
    STAMPS,
    RUN_TIME,
    '/var/lib/',
    '/etc/rc',
    '/etc/init.d/',
    '/etc/systemd/system/multi-user.target.wants/',
  ],
  leaves: ['/var/lib/dpkg/', '/var/cache/', '/var/lib/systemd/deb-systemd-helper-', '/etc/ld.so.cache'],
});

function foreignDropIn(
  host: HostName,
  name: string,
  { base, read }: { readonly base: '/etc' | '/run'; readonly read: boolean },
): Drift {
  const path = `${base}/systemd/system/${name}.service.d/00-hand.conf`;
  return ofService(host, name, {
    about: `with a foreign drop-in in ${base}, ${read ? 'read' : 'not read yet'}`,
    plant: `mkdir -p ${base}/systemd/system/${name}.service.d
printf '[Service]\nNice=5\n' >${path}
${read ? 'systemctl daemon-reload' : ':'}
[ "$(systemctl show -P DropInPaths ${name} | grep -c ${path})" = ${read ? 1 : 0} ]`,
    told: `${path}  not declared -> removed`,
    leaves: [`/run/systemd/system/${name}.service.d`],
  });
}

const overridden = (host: HostName, name: string) =>
  ofService(host, name, {
    about: 'overridden by a whole unit in /etc',
    plant: `cp /lib/systemd/system/${name}.service /etc/systemd/system/${name}.service; systemctl daemon-reload`,
    told: `/etc/systemd/system/${name}.service  not declared -> removed`,
  });

/** Drifts that do not hide each other are planted together; each is looked for by itself. */
export const DRIFTS: readonly Batch[] = [
  {
    about: 'a hand edit of every managed file, and every managed file deleted',
    drifts: [
      ...toEveryFile('svr1', 'edited', {
        plant: (path) => `echo '# edited by hand' >>${path}`,
        told: () => 'content changed',
        reloads: true,
      }),
      ...toEveryFile('svr2', 'deleted', {
        plant: (path) => `rm ${path}`,
        told: () => 'absent -> written',
        reloads: true,
      }),
    ],
  },
  {
    about: 'the mode or the owner of every managed file changed, and packages removed',
    drifts: [
      removed('svr1', 'nginx'),
      removed('svr2', 'keepalived'),
      ...toEveryFile('svr1', 'with another mode', {
        plant: (path) => `chmod 0666 ${path}`,
        told: () => 'mode 0666 -> ',
        reloads: false,
      }),
      ...toEveryFile('svr2', 'with another owner', {
        plant: (path) => `chown deploy:adm ${path}`,
        told: () => 'owner deploy:adm -> root:root',
        reloads: false,
      }),
    ],
  },
  {
    about: 'units stopped or disabled',
    drifts: [
      stopped('svr1', 'nginx'),
      disabled('svr1', 'keepalived'),
      disabled('svr2', 'nginx'),
      stopped('svr2', 'keepalived'),
    ],
  },
  {
    about: 'units masked',
    drifts: [
      masked('svr1', 'nginx', { now: false }),
      masked('svr1', 'keepalived', { now: true }),
      masked('svr2', 'nginx', { now: true }),
      masked('svr2', 'keepalived', { now: false }),
    ],
  },
  {
    about: 'drop-ins and whole units that nobody declared, links, users, run-time files',
    drifts: [
      foreignDropIn('svr1', 'nginx', { base: '/etc', read: true }),
      foreignDropIn('svr2', 'nginx', { base: '/run', read: true }),
      overridden('svr1', 'nginx'),
      {
        host: 'svr1',
        about: 'the distribution’s default site linked again',
        plant: 'ln -s /etc/nginx/sites-available/default /etc/nginx/sites-enabled/default',
        told: {
          'files nginx': '/etc/nginx/sites-enabled/default  present -> absent',
          'service nginx': RELOAD,
        },
        rewrites: [STAMPS],
      },
      {
        host: 'svr1',
        about: 'the track file of nginx deleted',
        plant: 'rm /run/ha-track/nginx',
        told: { 'task track file of nginx': '/run/ha-track/nginx absent' },
        rewrites: ['/run/ha-track/'],
      },
      overridden('svr2', 'keepalived'),
      {
        host: 'svr2',
        about: 'the page replaced by a link',
        plant: 'ln -sf /etc/hostname /var/www/run-playbook/index.html',
        told: { 'files nginx page': '/var/www/run-playbook/index.html  a link -> written' },
        rewrites: ['/var/www/run-playbook/'],
      },
      {
        host: 'svr2',
        about: 'the user of the check scripts deleted',
        plant: 'userdel -f keepalived_script',
        told: { 'user keepalived_script': 'absent -> system user without login' },
        rewrites: ['/etc/passwd', '/etc/shadow', '/etc/group', '/etc/gshadow', '/etc/.pwd.lock', '/etc/sub'],
        leaves: ['/etc/passwd-', '/etc/shadow-', '/etc/group-', '/etc/gshadow-'],
      },
      ofService('svr2', 'nginx', {
        about: 'run with something else than is known: its stamp deleted',
        plant: 'rm /var/lib/run-playbook/loaded/nginx',
        told: RELOAD,
      }),
      // Last: a daemon-reload of another drift would have them read.
      foreignDropIn('svr1', 'keepalived', { base: '/etc', read: false }),
      foreignDropIn('svr2', 'keepalived', { base: '/run', read: false }),
    ],
  },
];
