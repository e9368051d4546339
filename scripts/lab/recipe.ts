import { createHash } from 'node:crypto';

/** The Debian release a host runs when none is named. */
export const DEFAULT_RELEASE = 'bookworm';

/** Everything that decides what is in a base tree: two equal recipes make interchangeable trees. */
export interface Recipe {
  readonly release: string;
  readonly packages: readonly string[];
  readonly sources: readonly string[];
  readonly dpkgOptions: readonly string[];
  /** Runs inside the finished tree. */
  readonly customize: string;
}

// A plain server: no curl, no python, nothing of what the playbooks install.
const PACKAGES = [
  'ca-certificates',
  'dbus',
  'iproute2',
  'iputils-arping',
  'iputils-ping',
  'less',
  'libpam-systemd',
  'openssh-server',
  'procps',
  'sudo',
  'systemd',
  'systemd-sysv',
];

// What hosts can install: downloaded with all dependencies, not installed.
const OFFERED = ['haproxy', 'iputils-arping', 'keepalived', 'libfaketime', 'nginx'];

const MASKED = [
  'apt-daily-upgrade.timer',
  'apt-daily.timer',
  'console-getty.service',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'fstrim.timer',
  'getty.target',
  'systemd-resolved.service',
];

// Names in the pool carry no epoch: apt would have to guess how the % of 1%3a2.2.7 is quoted.
const CUSTOMIZE = `
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get clean
apt-get --yes --quiet --download-only --reinstall --no-install-recommends install ${OFFERED.join(' ')}
mkdir -p /srv/apt
cd /srv/apt
for deb in /var/cache/apt/archives/*.deb; do
  name=$(dpkg-deb --show --showformat '\${Package}_\${Version}_\${Architecture}' "$deb" | sed 's/_[0-9]*:/_/').deb
  mv "$deb" "$name"
  dpkg-deb --field "$name"
  echo "Filename: ./$name"
  echo "Size: $(stat -c %s "$name")"
  echo "SHA256: $(sha256sum "$name" | cut -d' ' -f1)"
  echo
done > Packages
{
  echo 'Origin: run-playbook lab'
  echo 'Suite: lab'
  echo "Architectures: $(dpkg --print-architecture) all"
  echo "Date: $(date -Ru | sed 's/+0000/UTC/')"
  echo 'SHA256:'
  echo " $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) Packages"
} > Release

rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/* /var/cache/apt/*.bin
echo 'deb [trusted=yes] file:/srv/apt ./' > /etc/apt/sources.list
echo 'Acquire::Languages "none";' > /etc/apt/apt.conf.d/90lab
apt-get --quiet update

useradd --create-home --shell /bin/bash --password '*' deploy
install -d -m 0700 -o deploy -g deploy /home/deploy/.ssh
echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy
chmod 0440 /etc/sudoers.d/deploy
visudo --check --quiet

rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id /etc/resolv.conf
ln -s /etc/machine-id /var/lib/dbus/machine-id
: > /etc/machine-id
: > /etc/resolv.conf
echo 'LANG=C.UTF-8' > /etc/default/locale
systemctl enable systemd-networkd.service ssh.service
systemctl mask ${MASKED.join(' ')}
rm -rf /var/log/*.log /var/log/apt/* /var/cache/apt/archives/*.deb /tmp/* /var/tmp/*
`;

/**
 * The recipe of release `release`.
 *
 * `$RUN_PLAYBOOK_LAB_MIRROR` replaces `http://deb.debian.org`.
 */
export function recipe(release: string): Recipe {
  const mirror = process.env['RUN_PLAYBOOK_LAB_MIRROR'] || 'http://deb.debian.org';
  return {
    release,
    packages: PACKAGES,
    sources: [
      `deb ${mirror}/debian ${release} main`,
      `deb ${mirror}/debian ${release}-updates main`,
      `deb ${mirror}/debian-security ${release}-security main`,
    ],
    dpkgOptions: [
      'path-exclude=/usr/share/man/*',
      'path-exclude=/usr/share/locale/*',
      'path-exclude=/usr/share/doc/*',
    ],
    customize: CUSTOMIZE,
  };
}

/** The directory name of a recipe's tree: the release and a hash of all that goes in. */
export function recipeKey(of: Recipe): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([of, process.arch]))
    .digest('hex');
  return `${of.release}-${hash.slice(0, 12)}`;
}
