import { createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidInput } from '../core/error.ts';
import type { Digest } from '../core/saved-plan-digest.ts';
import { quote } from '../core/script.ts';
import { Secret } from '../core/secret.ts';
import { Findings } from './findings.ts';
import { isMissing } from './project.ts';
import { readSecrets } from './secrets.ts';

/** Gives the key where plans are made on one machine and applied on another. */
export const KEY_VARIABLE = 'RUN_PLAYBOOK_PLAN_KEY';

/** Below this the key could be guessed from a plan's digests. */
const SHORTEST_KEY = 32;

/** What saved plans are digested and sealed with. */
export interface PlanKey {
  /** Which key it is; the key cannot be told from it. */
  readonly id: string;
  /** Of values: what was seen, what would be done. */
  readonly digest: Digest;
  /** Of a plan as a whole. */
  readonly seal: Digest;
  /** To be masked wherever it might be shown. */
  readonly secret: Secret;
}

export interface KeyPlace {
  /** `.env` in it may say `RUN_PLAYBOOK_PLAN_KEY=…`, as the environment may. */
  readonly projectDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** This user's own key, when nothing else says one. */
  readonly file: string;
}

/**
 * The key of `RUN_PLAYBOOK_PLAN_KEY`, else the one in this user's key file, which is made where there is none.
 *
 * @throws InvalidInput the key is too short, or its file is open to others or not to us
 */
export async function planKey(place: KeyPlace): Promise<PlanKey> {
  return (await givenKey(place)) ?? keyOf(await ownKey(place.file));
}

/** The same, for reading a plan: no key is made. @throws InvalidInput as `planKey`, and when there is none */
export async function existingPlanKey(place: KeyPlace): Promise<PlanKey> {
  const given = await givenKey(place);
  const own = given === undefined ? await readKey(place.file) : undefined;
  if (given === undefined && own === undefined) {
    const what = `there is no key for saved plans here, neither ${place.file} nor ${KEY_VARIABLE}`;
    const hint = 'apply the plan where it was made; or give both sides one key, and save a new plan';
    throw new InvalidInput([{ what, hint }]);
  }
  return given ?? keyOf(own ?? '');
}

async function givenKey({ projectDir, env }: KeyPlace): Promise<PlanKey | undefined> {
  const findings = new Findings();
  const { values } = await readSecrets(projectDir, env, findings);
  const given = values.get(KEY_VARIABLE);
  if (given === undefined || given === '') {
    return undefined;
  }
  findings.throwIfAny();
  if (given.length < SHORTEST_KEY) {
    const what = `${KEY_VARIABLE} is shorter than ${SHORTEST_KEY} characters`;
    throw new InvalidInput([{ what, hint: 'make one: openssl rand -hex 32' }]);
  }
  return keyOf(given);
}

function keyOf(value: string): PlanKey {
  const keyed =
    (purpose: string): Digest =>
    (text) =>
      createHmac('sha256', value).update(`run-playbook plan ${purpose}\n${text}`).digest('hex');
  return {
    id: keyed('key')('').slice(0, 16),
    digest: keyed('digest'),
    seal: keyed('seal'),
    secret: new Secret(value, KEY_VARIABLE),
  };
}

async function ownKey(file: string): Promise<string> {
  const known = await readKey(file);
  if (known !== undefined) {
    return known;
  }
  try {
    return await makeKey(file);
  } catch (error) {
    throw unusable(file, error);
  }
}

/** A link appears with all its content or not at all, and never over another run's: the first one wins. */
async function makeKey(file: string): Promise<string> {
  const made = randomBytes(32).toString('hex');
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${made}\n`);
    await handle.sync();
    await link(draft, file);
    return made;
  } catch (error) {
    const other = isExisting(error) ? await readKey(file) : undefined;
    if (other === undefined) {
      throw error;
    }
    return other;
  } finally {
    await handle.close();
    await unlink(draft);
  }
}

async function readKey(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      const what = `the key of saved plans, ${file}, is open to other users (mode ${shown})`;
      throw new InvalidInput([{ what, hint: `chmod 600 ${quote(file)}; or remove it, and save plans anew` }]);
    }
    const text = (await readFile(file, 'utf8')).trim();
    if (text.length < SHORTEST_KEY) {
      const what = `the key of saved plans, ${file}, is no key`;
      throw new InvalidInput([{ what, hint: 'remove it, and save plans anew' }]);
    }
    return text;
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error instanceof InvalidInput ? error : unusable(file, error);
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

function unusable(file: string, error: unknown): InvalidInput {
  const why = [error instanceof Error ? error.message : String(error)];
  const hint = `make it usable, or give a key: ${KEY_VARIABLE} in .env`;
  return new InvalidInput([{ what: `the key of saved plans, ${file}, cannot be used`, why, hint }]);
}
