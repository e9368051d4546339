import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DriftReport, Finding } from '../core/drift.ts';
import { EXIT, InvalidInput, type ExitCode } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Seen } from '../core/query.ts';
import { candidatesFor, type Candidate } from '../drift/candidates.ts';
import { hostFindings } from '../drift/reading.ts';
import { surveyOf } from '../drift/survey.ts';
import { withHostVars, type VarsFileChange } from '../load/accept-vars.ts';
import { acceptedText } from '../report/accept-text.ts';
import { inkFor, mediumOf } from '../report/ink.ts';
import type { DriftCommand } from './command.ts';
import { ask, isPersonThere } from './confirm.ts';
import { loadSite, type LoadedSite } from './load-site.ts';
import { inventoryOf } from './run-command.ts';
import { lockHolder } from './who-runs.ts';
import type { World } from './world.ts';

const VERSION = ' version';

interface Site extends LoadedSite {
  readonly inventory: Inventory;
  readonly seen: ReadonlyMap<string, Seen>;
}

/** A finding, and the variable that declares what was found. */
interface Accepted {
  readonly finding: Finding;
  readonly host: string;
  readonly path: readonly string[];
  readonly value: Candidate['value'];
}

/**
 * Declares what was found instead of what was declared, as far as variables can say it: a value is taken only when
 * planning with it finds nothing any more.
 */
export async function acceptDrift(
  command: DriftCommand,
  report: DriftReport,
  site: Site,
  world: World,
): Promise<ExitCode> {
  const drifted = report.findings.filter(({ severity, host }) => severity === 'drift' && host !== undefined);
  const accepted: Accepted[] = [];
  for (const finding of drifted) {
    accepted.push(...(await expressed(finding, accepted, { command, report, site, world })));
  }
  const versions = drifted.filter(isVersion);
  const files = await filesOf(accepted, site, world);
  const left = drifted.filter(
    (finding) => !versions.includes(finding) && accepted.every((one) => one.finding !== finding),
  );
  const ink = inkFor(mediumOf(world.stdout, world.env), site.secrets);
  world.stdout.write(
    acceptedText({ files, versions, left: left.filter(isLoaded), isUnloaded: !left.every(isLoaded) }, ink),
  );
  if (files.length === 0 && versions.length === 0) {
    return report.exit;
  }
  const isAsked = !command.yes && isPersonThere(world);
  if (isAsked && !(await ask('Write that?', world, new AbortController().signal))) {
    return EXIT.interrupted;
  }
  for (const { path, after } of files) {
    await write(path, after);
  }
  if (versions.length > 0 && !(await keepOnHosts(versions, site, world))) {
    return EXIT.failed;
  }
  return left.length === 0 ? EXIT.converged : EXIT.changesPending;
}

interface Trial {
  readonly command: DriftCommand;
  readonly report: DriftReport;
  readonly site: Site;
  readonly world: World;
}

/** The variables that together declare what was found; none when they cannot. */
async function expressed(
  finding: Finding,
  before: readonly Accepted[],
  trial: Trial,
): Promise<readonly Accepted[]> {
  const { host = '', role = '' } = finding;
  const vars = trial.site.cluster.find(({ name }) => name === host)?.vars.get(role);
  const taken: Accepted[] = [];
  let left = Number.POSITIVE_INFINITY;
  for (const { path, value } of isVersion(finding) ? [] : candidatesFor(finding, vars)) {
    const one: Accepted = { finding, host, path: [role, ...path], value };
    const rest = await remaining(finding, [...before, ...taken, one], trial);
    if (rest < left) {
      taken.push(one);
      left = rest;
    }
  }
  return left === 0 ? taken : [];
}

/**
 * How many lines are still not as found with these variables; 0 when the finding is gone.
 *
 * A digest of the configuration may have to be written elsewhere in the same set of files; infinite when more would change.
 */
async function remaining(
  finding: Finding,
  accepted: readonly Accepted[],
  { command, report, site, world }: Trial,
): Promise<number> {
  const { host = '' } = finding;
  const seen = site.seen.get(host);
  const known = new Set(report.findings.map(({ id }) => id));
  const own = accepted.filter((one) => one.host === host);
  const extraVars = [
    ...command.extraVars,
    ...own.map(({ path, value }) => JSON.stringify(nested(path, value))),
  ];
  try {
    const inventory = await inventoryOf({ ...command, extraVars }, world);
    const changed = await loadSite({ playbook: report.playbook, limit: undefined }, inventory, world);
    const survey = surveyOf({ ...changed, inventory });
    const member = survey.members.find((one) => one.host === host);
    if (member === undefined || seen === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    const now = hostFindings(member, seen);
    const same = now.find(({ id }) => id === finding.id);
    const isOther = ({ id, resource }: Finding) => !known.has(id) && resource !== finding.resource;
    return now.some(isOther) ? Number.POSITIVE_INFINITY : same === undefined ? 0 : distance(same);
  } catch (error) {
    if (error instanceof InvalidInput) {
      return Number.POSITIVE_INFINITY;
    }
    throw error;
  }
}

function distance({ diff }: Finding): number {
  const [found = [], declared = []] = [diff?.before, diff?.after].map((text) => text?.split('\n'));
  return 1 + declared.filter((line, index) => line !== found[index]).length;
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}

async function filesOf(
  accepted: readonly Accepted[],
  { inventory }: Site,
  { cwd }: World,
): Promise<readonly VarsFileChange[]> {
  const hosts = [...new Set(accepted.map(({ host }) => host))];
  return Promise.all(
    hosts.map((host) =>
      withHostVars(
        resolve(cwd, inventory.source),
        host,
        accepted.filter((one) => one.host === host),
      ),
    ),
  );
}

function isLoaded({ class: is }: Finding): boolean {
  return is !== 'configuration';
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.${process.pid}~`;
  await writeFile(next, text);
  await rename(next, path);
}

/** The version of a package that nobody declares: what the last run left is only what it found. */
function isVersion({ class: is, item, resource }: Finding): boolean {
  return is === 'package' && resource === undefined && item.endsWith(VERSION);
}

/** Whether every host keeps them; what keeps one from it is told. */
async function keepOnHosts(
  versions: readonly Finding[],
  { inventory, secrets }: Site,
  world: World,
): Promise<boolean> {
  const [{ keepVersions }, { connect }, { troubleText }] = await Promise.all([
    import('../operate/keep-packages.ts'),
    import('../transport/index.ts'),
    import('../report/trouble-text.ts'),
  ]);
  const hosts = [...new Set(versions.flatMap(({ host = [] }) => host))];
  const packages = new Map(
    hosts.map((name) => {
      const own = versions.filter(({ host }) => host === name);
      return [name, Object.fromEntries(own.map(({ item, found }) => [packageIn(item), found]))] as const;
    }),
  );
  const { troubles } = await keepVersions(packages, { inventory, connect }, lockHolder('drift --accept'));
  const ink = inkFor(mediumOf(world.stderr, world.env), secrets);
  troubles.forEach((trouble) => world.stderr.write(`${troubleText(trouble, ink)}\n`));
  return troubles.length === 0;
}

/** `nginx` of `nginx version`. */
function packageIn(item: string): string {
  return item.slice(0, -VERSION.length);
}
