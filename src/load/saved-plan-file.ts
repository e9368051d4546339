import { randomBytes, timingSafeEqual } from 'node:crypto';
import { lstat, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { InvalidInput, type Trouble } from '../core/error.ts';
import { SAVED_PLAN_VERSION, type SavedPlan, type SealedPlan } from '../core/saved-plan.ts';
import { isMissing } from './project.ts';
import { KEY_VARIABLE, type PlanKey } from './saved-plan-key.ts';
import { isSignedBy, type Signer } from './saved-plan-signature.ts';

const AGAIN = 'save a new plan: run-playbook plan PLAYBOOK -o FILE';

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const texts = v.array(v.string());

/** What a file must be besides sealed: somebody else's program may have the key. */
const SHAPE: v.GenericSchema<unknown, SealedPlan> = v.strictObject({
  format: v.literal('run-playbook plan'),
  version: v.literal(SAVED_PLAN_VERSION),
  program: v.string(),
  madeAt: v.string(),
  madeBy: v.string(),
  key: v.string(),
  arguments: v.strictObject({
    playbook: v.string(),
    inventory: v.exactOptional(v.string()),
    limit: v.exactOptional(v.string()),
    tags: texts,
    skipTags: texts,
    extraVars: texts,
  }),
  playbook: v.strictObject({ name: v.string(), digest }),
  hosts: v.array(
    v.strictObject({
      host: v.string(),
      target: v.string(),
      connection: digest,
      variables: digest,
      changes: v.array(
        v.strictObject({
          id: v.string(),
          summary: v.string(),
          reads: digest,
          observed: digest,
          change: digest,
        }),
      ),
    }),
  ),
  signature: v.exactOptional(
    v.strictObject({ publicKey: v.string(), value: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)) }),
  ),
  seal: digest,
});

/** The one text of a plan's file: any other with the same meaning is refused. */
function printed(plan: object): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/** The text of a plan's file, sealed and perhaps signed. */
export function sealedText(plan: SavedPlan, key: PlanKey, sign: Signer | undefined): string {
  const signed = { ...plan, ...(sign !== undefined && { signature: sign(printed(plan)) }) };
  return printed({ ...signed, seal: key.seal(printed(signed)) });
}

/**
 * The plan in a file, unless a single byte of it is not as it was written.
 *
 * @param file as errors name it
 * @throws InvalidInput with what is wrong
 */
export function openPlan(file: string, text: string, key: PlanKey): SealedPlan {
  const plan = parsed(file, text);
  const { version, key: id } = plan as Partial<SealedPlan>;
  if (version !== SAVED_PLAN_VERSION) {
    const readable = `this program reads version ${SAVED_PLAN_VERSION}`;
    throw refusal(file, {
      what: `is a plan of version ${JSON.stringify(version)}; ${readable}`,
      hint: AGAIN,
    });
  }
  if (key.id !== id) {
    throw refusal(file, {
      what: 'was sealed with another key than the one here',
      why: [
        `a plan is for the user and machine that made it, unless both sides have the same ${KEY_VARIABLE}`,
      ],
      hint: 'apply it where it was made; or give both sides one key, and save a new plan',
    });
  }
  const { seal, ...signed } = plan as SealedPlan;
  const isPrinted = isPrintedAs(plan, text);
  if (!isPrinted || !isEqual(seal, key.seal(printed(signed)))) {
    throw refusal(file, {
      what: 'was changed after it was saved: its seal does not fit its content',
      why: isPrinted ? undefined : ['it is not even written as run-playbook writes plans'],
      hint: AGAIN,
    });
  }
  const shaped = v.safeParse(SHAPE, plan);
  if (!shaped.success) {
    const why = shaped.issues.map((issue) => `${v.getDotPath(issue) ?? 'the document'}: ${issue.message}`);
    throw refusal(file, { what: 'is sealed, but is no plan', why, hint: AGAIN });
  }
  return shaped.output;
}

/**
 * @param required who must have signed it; undefined: whoever has, must have signed just this
 * @throws InvalidInput unsigned, signed by another key, or the signature does not fit
 */
export function refuseWrongSignature(file: string, plan: SealedPlan, required: string | undefined): void {
  const { seal: _seal, signature, ...unsigned } = plan;
  if (signature === undefined) {
    if (required !== undefined) {
      throw refusal(file, { what: 'is not signed', hint: 'run-playbook plan … --sign KEYFILE' });
    }
    return;
  }
  if (!isSignedBy(signature, printed(unsigned))) {
    throw refusal(file, { what: 'its signature does not fit its content', hint: AGAIN });
  }
  if (required !== undefined && signature.publicKey !== required) {
    const why = [`signed by ${signature.publicKey}`, `wanted    ${required}`];
    throw refusal(file, { what: 'is signed by another key', why, hint: 'have it signed by who may' });
  }
}

/** @throws InvalidInput there is no such file, it cannot be read, or is no text */
export async function readPlanFile(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
  } catch (error) {
    if (isMissing(error)) {
      throw new InvalidInput([{ what: `there is no plan ${file}`, hint: AGAIN }]);
    }
    throw refusal(
      file,
      error instanceof TypeError
        ? { what: 'is no saved plan, or was changed: not UTF-8', hint: AGAIN }
        : { what: 'cannot be read', why: [messageOf(error)] },
    );
  }
}

/**
 * Finds out early whether a plan can be written there.
 *
 * @throws InvalidInput the folder does not exist, or something else than a plan stands there, which nobody meant to lose
 */
export async function refuseForeignFile(file: string): Promise<void> {
  const folder = await lstat(dirname(file)).catch(() => undefined);
  if (folder === undefined) {
    throw refusal(file, { what: `there is no folder ${dirname(file)}` });
  }
  const found = await lstat(file).catch(() => undefined);
  if (found !== undefined && !(found.isFile() && isPlan(await readPlanFile(file)))) {
    throw refusal(file, { what: 'exists and is no saved plan', hint: 'name another file with -o' });
  }
}

/** Writes the file as a whole or not at all, for this user only. @throws InvalidInput it cannot be written */
export async function writePlanFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw refusal(file, { what: 'the plan cannot be written', why: [messageOf(error)] });
  }
}

function parsed(file: string, text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's words repeat the text, and the file may be any, by mistake.
    throw refusal(file, { what: 'is no saved plan, or was changed: not JSON', hint: AGAIN });
  }
  if (!isPlan(text)) {
    throw refusal(file, { what: 'is no saved plan', hint: AGAIN });
  }
  return value as object;
}

function isPlan(text: string): boolean {
  return text.startsWith('{\n  "format": "run-playbook plan",\n');
}

function isPrintedAs(plan: object, text: string): boolean {
  try {
    return printed(plan) === text;
  } catch (error) {
    // Nested so deeply that it cannot be printed.
    if (error instanceof RangeError) {
      return false;
    }
    throw error;
  }
}

function isEqual(one: unknown, other: string): boolean {
  const bytes = Buffer.from(typeof one === 'string' ? one : '');
  return bytes.length === other.length && timingSafeEqual(bytes, Buffer.from(other));
}

function refusal(file: string, trouble: Trouble): InvalidInput {
  return new InvalidInput([{ ...trouble, what: `${file}: ${trouble.what}` }]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
