import type { Connection } from '../core/connection.ts';
import { RunError, formatTrouble } from '../core/error.ts';
import { pendingSteps } from '../core/plan.ts';
import type { RunRequest } from '../core/request.ts';
import { sh } from '../core/script.ts';
import type { Session } from './session.ts';

const TIMEOUT_MS = 10_000;

/**
 * How a host stood when it failed, kept before anything is taken back; as far as the host answers.
 *
 * What cannot be written down here is told: taking back matters more.
 */
export async function keepEvidence(session: Session, request: RunRequest): Promise<void> {
  const { connection, host, trouble, plan } = session;
  if (request.keepEvidence === undefined || session.evidence !== undefined) {
    return;
  }
  const text = [
    trouble === undefined ? 'the run was stopped' : formatTrouble(trouble),
    '# plan',
    ...(plan === undefined ? [] : pendingSteps(plan)).map(
      (step) => `${step.resource.id}: ${step.is === 'change' ? step.change.summary : step.reason}`,
    ),
    connection === undefined ? '# the host does not answer' : await standing(connection),
  ].join('\n');
  try {
    session.evidence = await request.keepEvidence(host, text);
  } catch (error) {
    if (trouble !== undefined && error instanceof Error) {
      const why = [...(trouble.why ?? []), `no evidence is kept: ${error.message}`];
      session.trouble = { ...trouble, why };
    }
  }
}

async function standing(connection: Connection): Promise<string> {
  try {
    const { stdout } = await connection.exec(
      sh`echo '# failed units'; systemctl --no-pager --plain --failed
echo '# listeners'; ss -Hltnp
echo '# disk'; df -h / /var /run
echo '# journal'; journalctl --no-pager -o short-iso-precise -n 300`,
      { timeoutMs: TIMEOUT_MS },
    );
    return stdout.toString('utf8');
  } catch (error) {
    if (!(error instanceof RunError)) {
      throw error;
    }
    return `# the host does not answer: ${error.trouble.what}`;
  }
}
