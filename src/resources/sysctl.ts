import { OK, type Resource } from '../core/resource.ts';
import { joinScripts, sh, type Script } from '../core/script.ts';
import { fileAt } from '../queries/file.ts';
import { oneBlank, sysctlNamed } from '../queries/sysctl.ts';
import { KEEP, RESTORE } from './undo-directory.ts';

export interface SysctlOptions {
  /** `net.ipv4.ip_nonlocal_bind` */
  readonly name: string;
  readonly value: string | number;
  readonly needs?: readonly string[];
}

/**
 * A kernel setting, now and after a reboot.
 *
 * Manages: the running value, and one file in /etc/sysctl.d that sets it at boot.
 * Probe reads: /proc/sys and that file.
 * Change writes: the file by one rename, then the running value.
 * Undo: the former file and running value.
 * Does not manage: other files that set the same name later in the boot order.
 */
export function sysctl(options: SysctlOptions): Resource {
  const { name } = options;
  const value = oneBlank(String(options.value));
  const path = `/etc/sysctl.d/90-run-playbook-${name}.conf`;
  const line = `# managed by run-playbook\n${name} = ${value}\n`;
  const running = sysctlNamed(name);
  const file = fileAt(path);
  return {
    id: `sysctl ${name}`,
    kind: 'sysctl',
    needs: options.needs ?? [],
    reads: { running, file },
    plan(seen) {
      const now = seen.answer(running);
      if (now === undefined) {
        return { is: 'unknown', reason: `the kernel has no setting ${name}` };
      }
      const kept = seen.answer(file);
      const persisted = kept.type === 'file' && kept.content?.toString('utf8') === line;
      const parts = [now !== value && `running ${now} -> ${value}`, !persisted && `${path} -> ${value}`];
      const summary = parts.filter((part) => part !== false).join(', ');
      if (summary === '') {
        return OK;
      }
      return {
        is: 'change',
        change: {
          summary,
          deviations: [
            ...(now === value
              ? []
              : [{ item: `${name} (running)`, class: 'sysctl' as const, found: now, expected: value }]),
            ...(persisted
              ? []
              : [
                  {
                    item: path,
                    class: 'sysctl' as const,
                    found: kept.type === 'absent' ? 'absent' : 'another value or text',
                    expected: `${name} = ${value}`,
                  },
                ]),
          ],
          apply: joinScripts([
            ...(persisted ? [] : [KEEP, writeScript(path, line)]),
            ...(now === value ? [] : [sh`sysctl -q -w ${`${name}=${value}`}`]),
          ]),
          undo: joinScripts([
            ...(persisted ? [] : [RESTORE, sh`restore ${path}`]),
            ...(now === value ? [] : [sh`sysctl -q -w ${`${name}=${now}`}`]),
          ]),
        },
      };
    },
  };
}

function writeScript(path: string, line: string): Script {
  return sh`keep ${path}
printf %s ${line} >${path}.run-playbook
chmod 0644 ${path}.run-playbook
mv -fT -- ${path}.run-playbook ${path}`;
}
