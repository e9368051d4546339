import { RunError, formatTrouble } from '../core/error.ts';
import { pendingSteps } from '../core/plan.ts';
import type { RunRequest } from '../core/request.ts';
import { sh } from '../core/script.ts';
import type { Session } from './session.ts';

const TIMEOUT_MS = 10_000;

/** How a host stood when it failed, kept before anything is taken back; a host that does not answer has none. */
export async function keepEvidence(session: Session, request: RunRequest): Promise<void> {
  const { connection, host, trouble, plan } = session;
  if (request.keepEvidence === undefined || connection === undefined) {
    return;
  }
  try {
    const { stdout } = await connection.exec(
      sh`echo '# failed units'; systemctl --no-pager --plain --failed
echo '# listeners'; ss -Hltnp
echo '# disk'; df -h / /var /run
echo '# journal'; journalctl --no-pager -o short-iso-precise -n 300`,
      { timeoutMs: TIMEOUT_MS },
    );
    session.evidence = await request.keepEvidence(
      host,
      [
        trouble === undefined ? 'the run was stopped' : formatTrouble(trouble),
        '# plan',
        ...(plan === undefined ? [] : pendingSteps(plan)).map(
          (step) => `${step.resource.id}: ${step.is === 'change' ? step.change.summary : step.reason}`,
        ),
        stdout.toString('utf8'),
      ].join('\n'),
    );
  } catch (error) {
    if (!(error instanceof RunError)) {
      throw error;
    }
  }
}
