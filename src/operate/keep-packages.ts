import { keepPackages } from '../stages/applied.ts';
import { holdLock } from '../stages/lock.ts';
import { askHosts, type Answered, type HostAccess } from './ask-hosts.ts';

/** Versions by package, by host. */
export type PackagesByHost = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * From now on hosts are compared with these versions of packages; no run may be at work there meanwhile.
 *
 * @param holder who does it, for others that find a host locked
 */
export function keepVersions(
  packages: PackagesByHost,
  access: HostAccess,
  holder: string,
): Promise<Answered<string>> {
  return askHosts([...packages.keys()], access, async (connection) => {
    const lock = await holdLock(connection, holder);
    try {
      await keepPackages(connection, packages.get(connection.host) ?? {});
    } finally {
      await lock.release();
    }
    return connection.host;
  });
}
