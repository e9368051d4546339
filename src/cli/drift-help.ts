/** `run-playbook drift --help` */
export const DRIFT = `Usage: run-playbook drift [PLAYBOOK] [options]
       run-playbook drift history [-n N] [--json]   earlier checks
       run-playbook drift show ID [--json]          one of them, or since when a
                                                    finding of theirs is there

Compares the hosts with what is declared and with how the last run left them,
looks at how the service stands, and changes nothing. What looks wrong is looked
at twice before it is reported. Without PLAYBOOK: the one last applied here.

Options
  -i, --inventory FILE   hosts and variables; inventory/hosts.yml when left out
  -l, --limit HOSTS      only what is found on these
  -e, --extra-vars VARS  variables above all others, may be repeated
  -f, --forks N          hosts read at the same time, 10 when left out
      --explain          who and when, as far as a host knows: times of files,
                         sudo, SSH sessions, dpkg, auditd, our own log
      --fix              apply what drifted, and nothing else: the plan is shown
                         and asked for, and it is as safe as any run
      --accept           declare what was found instead, in host_vars/ beside
                         the inventory, where a variable can say it
  -y, --yes              with --fix and --accept: do not ask
      --notify           tell those whom the inventory names under drift.notify
                         what is new, and once when all is well again
      --probe-user USER  log in as USER, who may do nothing as root but run the
                         probe; what lets USER do so is printed by the next two
      --print-sudoers USER   a file for /etc/sudoers.d
      --print-probe HOST     the probe: /usr/local/sbin/run-playbook-probe there
  -D, --diff             show what differs in files
  -q, --quiet            nothing but errors; the exit code says the rest
      --json             one JSON document on stdout (docs/drift.schema.json)
      --markdown [FILE]  as a page of Markdown; without FILE added to the
                         summary of a GitHub job, else printed
      --junit FILE       as JUnit XML, a test suite per host
      --html FILE        as one page that needs nothing else, with every diff
      --metrics FILE     for Prometheus, by its node exporter's textfile
                         collector; FILE ends in .prom
  -n, --number N         history: at most so many checks; 20 when left out
  -h, --help

Exit codes: 0 in sync; 2 drift; 4 a host is unreachable; 8 the service is
degraded. The heaviest counts (8, 4, 2), everything is reported. Where the
project has changed since the last run and the host has not, it is a pending
change and no drift. Files are written whole or not at all; where one cannot be
written and all is in sync, the exit code is 1.

Every check is kept in ~/.local/state/run-playbook/drift (XDG_STATE_HOME) for
400 days, at most 50 MiB, without secrets and large diffs; ID is how its id, or
a finding's, begins. Alert rules and a dashboard are in docs/monitoring.
`;
