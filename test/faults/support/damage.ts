import { onHost, type HostName } from '../../lab/support/pair.ts';

/** Something done to a host that lasts until it is repaired. */
export interface Damage {
  readonly inflict: string;
  readonly repair: string;
}

/** Of a fault that lies in what is wanted. */
export const NONE: Damage = { inflict: ':', repair: ':' };

/** Whatever `work` does, the damage is repaired after it. */
export async function damaged<T>(
  name: string,
  host: HostName,
  { inflict, repair }: Damage,
  work: () => Promise<T>,
): Promise<T> {
  await onHost(name, host, inflict);
  try {
    return await work();
  } finally {
    await onHost(name, host, repair);
  }
}

/** A program that does something else in the case of `pattern`, which is of its arguments. */
export function otherwise(program: string, pattern: string, deed: string): Damage {
  return {
    inflict: `cp -a ${program} ${program}.real
cat >${program}.new <<'END'
#!/bin/sh
case "$*" in ${pattern}) ${deed} ;; esac
exec ${program}.real "$@"
END
chmod 0755 ${program}.new
mv ${program}.new ${program}`,
    repair: `mv ${program}.real ${program}`,
  };
}

/** A directory on a small file system of its own. */
function small(directory: string): Damage {
  return {
    inflict: `mkdir -p ${directory}; rm -rf /root/copy; cp -a ${directory} /root/copy
mount -t tmpfs -o mode=$(stat -c %a ${directory}),size=8m tmpfs ${directory}
cp -a /root/copy/. ${directory}/`,
    repair: `rm -f ${directory}/.full*; rm -rf /root/copy; cp -a ${directory} /root/copy; umount -l ${directory}
find ${directory} -mindepth 1 -delete; cp -a /root/copy/. ${directory}/; rm -rf /root/copy`,
  };
}

/** Takes the last byte. */
const fill = (directory: string) => `dd if=/dev/zero of=${directory}/.full bs=64k count=200 2>/dev/null || :
dd if=/dev/zero of=${directory}/.full2 bs=1k count=200 2>/dev/null || :`;

/** A directory whose file system has no byte left. */
export function full(directory: string): Damage {
  const { inflict, repair } = small(directory);
  return { inflict: `${inflict}\n${fill(directory)}`, repair };
}

/** A directory whose file system has no byte left from when a program is run as in `pattern`. */
export function fullFrom(directory: string, program: string, pattern: string): Damage {
  return both(small(directory), otherwise(program, pattern, fill(directory)));
}

/** One thing done after the other, and repaired the other way round. */
export function both(first: Damage, second: Damage): Damage {
  return {
    inflict: `${first.inflict}\n${second.inflict}`,
    repair: `${second.repair}\n${first.repair}`,
  };
}

/** A directory that nobody can write to. */
export function readOnly(directory: string): Damage {
  return {
    inflict: `mount --bind ${directory} ${directory}; mount -o remount,ro,bind ${directory}`,
    repair: `umount -l ${directory}`,
  };
}
