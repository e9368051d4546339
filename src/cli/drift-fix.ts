import type { DriftReport } from '../core/drift.ts';
import type { ExitCode } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import { quote } from '../core/script.ts';
import type { CommandLine } from '../report/advice.ts';
import type { DriftCommand } from './command.ts';
import type { LoadedSite } from './load-site.ts';
import { performRun } from './run-command.ts';
import { runCommandOf } from './run-options.ts';
import { watchOf } from './watch.ts';
import type { World } from './world.ts';

/**
 * Applies what drifted and nothing else, as carefully as any run; what is only pending, or ignored, stays as it is.
 *
 * @returns how that run ended; the check's own exit code when nothing can be repaired by a run
 */
export async function fixDrift(
  command: DriftCommand,
  report: DriftReport,
  site: LoadedSite & { readonly inventory: Inventory },
  world: World,
): Promise<ExitCode> {
  const only = driftedResources(report);
  if (only.size === 0) {
    return report.exit;
  }
  const run = runCommandOf(report.playbook, {
    inventory: command.inventory,
    limit: command.limit,
    forks: command.forks,
    extraVars: command.extraVars,
    yes: command.yes,
    quiet: command.quiet,
  });
  const watch = watchOf(run, site.playbook, site.cluster);
  return performRun(run, { ...site, watch, only, commandLine: commandLine(command, report) }, world);
}

/** Ids of the resources that repair what drifted, by host. */
function driftedResources({ findings }: DriftReport): ReadonlyMap<string, ReadonlySet<string>> {
  const drifted = findings.filter(({ severity, host, resource }) => severity === 'drift' && host && resource);
  const hosts = [...new Set(drifted.map(({ host }) => host ?? ''))];
  return new Map(
    hosts.map((name) => {
      const own = drifted.filter(({ host }) => host === name);
      return [name, new Set(own.flatMap(({ resource = [] }) => resource))] as const;
    }),
  );
}

function commandLine({ inventory, limit }: DriftCommand, { playbook }: DriftReport): CommandLine {
  return ({ check = false, limit: hosts = [] }) => {
    const chosen = hosts.length > 0 ? hosts.join(',') : limit;
    return [
      'run-playbook',
      'drift',
      playbook,
      ...(check ? [] : ['--fix']),
      ...(inventory === undefined ? [] : ['-i', inventory]),
      ...(chosen === undefined ? [] : ['-l', chosen]),
    ]
      .map(quote)
      .join(' ');
  };
}
