/** `run-playbook schedule --help` */
export const SCHEDULE = `Usage: run-playbook schedule install [PLAYBOOK] --every 15m [options]
       run-playbook schedule status
       run-playbook schedule remove

Has drift checks made again and again, from this machine or by GitHub: what is
new is told to those whom drift.notify names in the inventory. What is written
is shown and asked for first; installing again changes what differs. Nothing
secret stands in any of the files: passwords are read from .env at each check.

Options of install
      --every INTERVAL   5m 10m 15m 20m 30m 1h 2h 3h 4h 6h 8h 12h 1d
      --on SCHEDULER     systemd: a hardened service and a timer, which makes up
                         for a check that was missed (when left out); cron; or
                         github: a workflow of GitHub Actions in this project
      --metrics FILE     each check leaves metrics there, for Prometheus
  -i, --inventory FILE   hosts and variables; inventory/hosts.yml when left out
  -y, --yes              do not ask
      --json             status: one JSON document on stdout
  -h, --help

systemd and cron need root: sudo npx run-playbook schedule install. The checks
are then made as the user who called sudo, with the keys and known hosts of
that user.

Exit codes: 0; of status 2 when the schedule is not as installed or not active,
1 when there is none; 5 invalid input or not root; 130 the answer was no.
`;
