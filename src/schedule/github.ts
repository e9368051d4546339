import { quote } from '../core/script.ts';
import { cronOf, intervalText } from './interval.ts';
import type { Job, Schedule } from './schedule.ts';

/**
 * A workflow of GitHub Actions, in the project: it runs where GitHub's runners can reach the hosts.
 *
 * The key and the known hosts come from the repository's secrets and stand in files of the runner only while it works.
 */
export function githubFiles({ project, projectDir, args, every }: Job): Schedule {
  const command = ['npx', 'run-playbook', ...args, '--markdown'].map(quote).join(' ');
  const content = `# Written by run-playbook schedule install: drift check of ${project.replaceAll(/[\r\n]/g, ' ')}, every ${intervalText(every)}.
# Secrets of the repository: SSH_PRIVATE_KEY and SSH_KNOWN_HOSTS, and DOTENV with the lines of .env if there are any.
name: drift
on:
  schedule:
    - cron: '${cronOf(every)}'
  workflow_dispatch: {}
permissions:
  contents: read
concurrency:
  group: run-playbook-drift
jobs:
  drift:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
          cache: npm
      - run: npm ci
      - name: Keys
        env:
          SSH_PRIVATE_KEY: \${{ secrets.SSH_PRIVATE_KEY }}
          SSH_KNOWN_HOSTS: \${{ secrets.SSH_KNOWN_HOSTS }}
          DOTENV: \${{ secrets.DOTENV }}
        run: |
          umask 077
          mkdir -p ~/.ssh
          printf '%s\\n' "$SSH_PRIVATE_KEY" >~/.ssh/id_ed25519
          printf '%s\\n' "$SSH_KNOWN_HOSTS" >~/.ssh/known_hosts
          [ -z "$DOTENV" ] || printf '%s\\n' "$DOTENV" >.env
      - name: Drift
        run: ${JSON.stringify(`${command} >> "$GITHUB_STEP_SUMMARY"`)}
`;
  return {
    files: [{ path: `${projectDir}/.github/workflows/run-playbook-drift.yml`, mode: '0644', content }],
    start: [],
    stop: [],
    clear: [],
  };
}
