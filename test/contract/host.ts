import { labDown, labUp, missingPackages } from '../../scripts/lab/index.ts';
import type { Connection } from '../../src/core/connection.ts';
import { planHost, type PlanStep } from '../../src/core/plan.ts';
import type { Resource } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import { factsFrom, hostFacts } from '../../src/queries/facts.ts';
import type { ApplyContext } from '../../src/stages/apply.ts';
import { probe } from '../../src/stages/probe.ts';
import { connect } from '../../src/transport/index.ts';
import { doorTo, type Doorway } from './doorway.ts';
import { parseSnapshot, SNAPSHOT, type Snapshot } from './snapshot.ts';

const HOST = { name: 'svr1', address: '172.25.254.131' };

/** Whether this machine cannot run a lab. */
export const cannotRunLab =
  process.getuid?.() !== 0 || process.platform !== 'linux' || missingPackages().length > 0;

/** One real host of a lab of its own, reached over SSH by the real transport. */
export class ContractHost {
  readonly connection: Connection;
  readonly #lab: string;
  readonly #door: Doorway;
  #runs = 0;

  private constructor(lab: string, door: Doorway, connection: Connection) {
    this.#lab = lab;
    this.#door = door;
    this.connection = connection;
  }

  static async start(purpose: string): Promise<ContractHost> {
    const lab = `t-${purpose}-${process.pid}`;
    await labUp({ name: lab, hosts: [HOST] });
    const door = await doorTo(lab, HOST.name, HOST.address);
    return new ContractHost(lab, door, await connect(door.target));
  }

  /** A second connection, as of another controller. */
  connectAgain(): Promise<Connection> {
    return connect(this.#door.target);
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await this.#door.close();
    await labDown({ name: this.#lab });
  }

  /** Runs a script as root, `sh -eu`. @throws Error it did not exit with 0 */
  async run(script: string): Promise<string> {
    const { exit, stderr, stdout } = await this.connection.exec(rawScript(`set -eu\n${script}`), {
      timeoutMs: 60_000,
    });
    if (exit !== 0) {
      throw new Error(`exit ${exit}: ${stderr}${stdout.toString('utf8')}\n${script}`);
    }
    return stdout.toString('utf8');
  }

  async snapshot(script = SNAPSHOT): Promise<Snapshot> {
    const { stdout } = await this.connection.exec(rawScript(script), { timeoutMs: 30_000 });
    return parseSnapshot(stdout.toString('utf8'));
  }

  /** What the resource reads, and what it makes of it. */
  async read(resource: Resource): Promise<{ readonly answers: unknown; readonly step: PlanStep }> {
    const seen = await probe(this.connection, [hostFacts, ...Object.values(resource.reads)]);
    const [step] = planHost(HOST.name, [resource], seen, factsFrom(seen)).steps;
    if (step === undefined) {
      throw new Error('a plan of one resource has one step');
    }
    const entries = Object.entries(resource.reads).map(([name, query]) => [name, seen.answer(query)]);
    return { answers: Object.fromEntries(entries), step };
  }

  /** What a run of its own applies and undoes with. */
  newRun(): ApplyContext {
    this.#runs += 1;
    return { connection: this.connection, runId: `contract${this.#runs}`, listener: () => {} };
  }
}
