import type { Facts } from '../core/facts.ts';
import type { Reads, Seen } from '../core/query.ts';
import { OK, type Change, type PlanContext, type Resource, type Verdict } from '../core/resource.ts';
import { sh, type Script } from '../core/script.ts';
import { fileAt } from '../queries/file.ts';
import { unitNamed, type UnitState } from '../queries/unit.ts';
import { entriesOf } from '../queries/directory.ts';
import { stampPath, type FileSet } from './file-set.ts';
import { digestOf } from './render.ts';
import { deviationsOf, summarize } from './service-differences.ts';
import { applyService, undoService, type ServiceWork } from './service-scripts.ts';
import { stoppedService } from './stopped-service.ts';

export interface ServiceOptions {
  /** Unit name without suffix: `nginx`. */
  readonly name: string;
  /** `stopped`: it neither runs nor starts at boot; a unit that does not exist is fine. Default `running`. */
  readonly state?: 'running' | 'stopped';
  /** Configuration that the running process must have loaded. */
  readonly loads?: readonly FileSet[];
  /** Drop-ins and unit files that are declared; any other under /etc or /run is removed. */
  readonly unitFiles?: readonly FileSet[];
  /**
   * Exits 0 once the running process serves the wanted configuration; polled up to 12 s after a
   * start, reload or restart.
   */
  readonly live?: Script | ((facts: Facts) => Script);
  /**
   * Prints which process serves. After a reload or restart another one must: for configuration of which `live` sees
   * only a part. Only for a service whose reload starts a process.
   */
  readonly process?: Script;
  /** Exits 0 when a reload cannot bring the new configuration, so that it is not tried. Runs with the new files in place. */
  readonly needsRestart?: Script;
  /** Restarts it where that takes more than `systemctl restart`: what it serves is handed over first. */
  readonly restart?: Script;
  /**
   * How a running process gets new configuration. Default `reload`: one that does not get live falls back to a
   * restart; `reload-only` is for a process that goes on with what it has, and is an error then.
   */
  readonly onChange?: 'reload' | 'reload-only' | 'restart';
  /** A mistake here can cut the host off or move the virtual IP: the change is undone unless it is confirmed. */
  readonly guarded?: boolean;
  /** Told and compared between hosts: what all of them must agree on at any moment. */
  readonly lockstep?: Lockstep;
  /** Ids of what stops it when it changes: it is started again in its turn. */
  readonly stoppedBy?: readonly string[];
  readonly needs?: readonly string[];
}

/** What may not differ between running peers, such as the VRRP version. */
export interface Lockstep {
  /** What the configuration on the host says; only asked when the process is known to have loaded it. */
  onDisk(seen: Seen): string;
  wanted(facts: Facts): string;
}

/** Unit file states that need no `enable`: systemctl(1), is-enabled. */
const STARTS_BY_ITSELF = ['enabled', 'static', 'generated', 'alias'];

/**
 * A systemd service that runs, is enabled, and has loaded its configuration; or one that does neither.
 *
 * Manages: active, enabled, masked, pending daemon-reload, foreign drop-ins and unit overrides, loaded configuration.
 * Probe reads: `systemctl show`; the stamp of the last load and the times of the files it loaded.
 * Change writes: the least of enable, start, reload, restart; the stamp only once the new configuration is live.
 * Undo: former active, enabled and masked state; reload of the restored files.
 * Does not manage: the configuration itself (file sets), drop-ins that packages ship under /usr/lib; of a service
 * that is stopped, anything but that.
 */
export function service(options: ServiceOptions): Resource {
  return options.state === 'stopped' ? stoppedService(options) : runningService(options);
}

function runningService(options: ServiceOptions): Resource {
  const { name, loads = [], unitFiles = [], stoppedBy = [] } = options;
  const query = unitNamed(`${name}.service`);
  const stamp = fileAt(stampPath(name));
  const watched = loads.flatMap((set) => set.paths);
  const declared = new Set([...unitFiles, ...loads].flatMap((set) => set.paths));
  const localDropIns = ['/etc', '/run'].map((base) => `${base}/systemd/system/${name}.service.d`);
  const reads: Reads = {
    unit: query,
    stamp,
    ...Object.fromEntries(localDropIns.map((directory) => [`${directory}/`, entriesOf(directory)])),
    ...Object.fromEntries(loads.flatMap((set) => Object.entries(set.reads))),
  };

  function wantedDigest(facts: Facts): string {
    return digestOf(loads.map((set) => set.digest(facts)));
  }

  /** Drop-ins that systemd has read and ones it has not read yet, and an overridden unit, unless declared. */
  function foreignFiles(seen: Seen, unit: UnitState): readonly string[] {
    const local = /^\/(etc|run)\/systemd\/(system|system\.control)\//;
    const found = [
      ...unit.dropIns.filter((path) => path.includes(`/${name}.service.d/`)),
      ...localDropIns.flatMap((directory) =>
        seen.answer(entriesOf(directory)).map((entry) => `${directory}/${entry}`),
      ),
      ...(unit.load === 'masked' || unit.fragment === '' ? [] : [unit.fragment]),
    ];
    return [...new Set(found)].filter((path) => local.test(path) && !declared.has(path)).toSorted();
  }

  function work(seen: Seen, context: PlanContext): ServiceWork {
    const { facts } = context;
    const unit = seen.answer(query);
    const digest = wantedDigest(facts);
    const last = lastLoad(seen);
    const live = typeof options.live === 'function' ? options.live(facts) : options.live;
    const running =
      (unit.active === 'active' || unit.active === 'reloading') &&
      !stoppedBy.some((id) => context.changes(id));
    const stale =
      !last.untouched || last.digest !== digest || loads.some((set) => set.differsInContent(seen, context));
    return {
      name,
      before: unit,
      foreign: foreignFiles(seen, unit),
      start: !running,
      reload: running && loads.length > 0 && stale,
      enable: !STARTS_BY_ITSELF.includes(unit.unitFile),
      unmask: unit.load === 'masked' || unit.unitFile.startsWith('masked'),
      daemonReload: unit.needsDaemonReload && !unitFiles.some((set) => context.changes(set.id)),
      ...(loads.length > 0 && { stamp: { path: stampPath(name), digest, files: watched } }),
      ...(live !== undefined && { live }),
      ...(options.process !== undefined && { process: options.process }),
      onChange: options.onChange ?? 'reload',
      ...(options.needsRestart !== undefined && { needsRestart: options.needsRestart }),
      ...(options.restart !== undefined && { restart: options.restart }),
    };
  }

  /** The digest last loaded, and whether no file has been written since. */
  function lastLoad(seen: Seen): { readonly digest: string | undefined; readonly untouched: boolean } {
    const state = seen.answer(stamp);
    if (state.type !== 'file') {
      return { digest: undefined, untouched: false };
    }
    const untouched = watched.every((path) => {
      const file = seen.answer(fileAt(path));
      return file.type !== 'file' || file.modifiedAt <= state.modifiedAt;
    });
    return { digest: state.content?.toString('utf8').trim(), untouched };
  }

  /** Only a process that is known to have loaded what is wanted may run while its peers change. */
  function lockstepChange(seen: Seen, facts: Facts): Pick<Change, 'lockstep'> {
    const { lockstep } = options;
    if (lockstep === undefined) {
      return {};
    }
    const runs = seen.answer(query).active === 'active';
    const last = lastLoad(seen);
    const known = last.digest !== undefined && (last.untouched || last.digest === wantedDigest(facts));
    const agrees = runs && known && lockstep.onDisk(seen) === lockstep.wanted(facts);
    const unit = `${name}.service`;
    const quiesce = sh`systemctl stop ${unit}`;
    const resume = runs ? sh`systemctl start ${unit}` : sh`:`;
    return agrees ? {} : { lockstep: { disagrees: runs, quiesce, resume } };
  }

  const sets = [...loads, ...unitFiles];
  const needs = options.needs ?? [];
  /** Whose change may bring the unit: a package, or the file set that writes the unit itself. */
  const bringers = [
    ...needs,
    ...sets
      .filter(({ paths }) => paths.some((path) => path.endsWith(`/${name}.service`)))
      .map(({ id }) => id),
  ];

  return {
    id: `service ${name}`,
    kind: 'service',
    runs: `${name}.service`,
    needs: [...needs, ...stoppedBy, ...sets.map((set) => set.id)],
    reads,
    plan(seen, context): Verdict {
      const unit = seen.answer(query);
      const installing = bringers.some((id) => context.changes(id));
      if (unit.load === 'not-found' && !installing) {
        return {
          is: 'unknown',
          reason: `there is no unit ${name}.service, and nothing in this plan installs it`,
        };
      }
      const todo = work(seen, context);
      const summary = summarize(todo);
      if (summary === '') {
        return OK;
      }
      return {
        is: 'change',
        change: {
          ...change(todo, summary, lockstepChange(seen, context.facts)),
          ...(options.guarded === true && { guarded: true }),
        },
      };
    },
  };
}

function change(todo: ServiceWork, summary: string, lockstep: Pick<Change, 'lockstep'>): Change {
  return {
    summary,
    deviations: deviationsOf(todo),
    ...(todo.foreign.length > 0 && {
      details: todo.foreign.map((path) => `${path}  not declared -> removed`),
      destroys: todo.foreign,
    }),
    // Twice the wait for the new configuration, and what stopping and starting may take.
    timeoutMs: 3 * 60_000,
    apply: applyService(todo),
    undo: undoService(todo),
    ...lockstep,
  };
}
