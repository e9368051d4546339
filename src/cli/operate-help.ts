/** `run-playbook status --help` */
export const STATUS = `Usage: run-playbook status [options]

Shows how the hosts stand right now, and changes nothing: services, keepalived's
state, who carries each virtual IP, who holds a host's lock, undos that a host
will carry out by itself and when, runs that have not ended, the last run; and
how the last drift check from here ended, when, and whether one is missing.

Options
  -i, --inventory FILE   hosts; inventory/hosts.yml when left out
  -l, --limit HOSTS      only these
      --json             one JSON document on stdout
  -h, --help

Exit codes: 0 all well; 4 a host is unreachable; 8 degraded: a virtual IP on no
host or on two, a service that is enabled and does not run, a host that could
not take a virtual IP over.
`;

/** `run-playbook history --help` */
export const HISTORY = `Usage: run-playbook history [HOST] [options]

Lists the runs that were made from here, the last one first: when, who, which
playbook, how it ended, what it changed. With HOST: the runs on this host, those
too that its own log tells of and that were made elsewhere.

Options
  -n, --number N         at most so many; 20 when left out
  -i, --inventory FILE   where HOST is; inventory/hosts.yml when left out
      --json             one JSON document on stdout: every change, with digests
                         of what was there before and after
  -h, --help

Every run that could change something is kept in ~/.local/state/run-playbook/
history (XDG_STATE_HOME), and on each host that it changed in
/var/log/run-playbook/audit.log, for root only. "not ended" is a run that goes
on, or was killed. Exit codes: 0; 4 HOST is unreachable, what is known here is
shown.
`;

/** `run-playbook lock --help` */
export const LOCK = `Usage: run-playbook lock status [HOST...]
       run-playbook lock release --force HOST...

A run locks every host that it may change, and the lock dies with the run. So
there is nothing to be cleaned up after one that was killed. "release" is for a
run that goes on and must not: it changes nothing more on these hosts. A host
that it was in the middle of takes the change back by itself, or the next run
makes it as declared.

Options
      --force            needed for release: a run is thrown out
  -y, --yes              do not ask; needed without a terminal
  -i, --inventory FILE   hosts; inventory/hosts.yml when left out
      --json             status: one JSON document on stdout
  -h, --help

Exit codes of status: 0 no host is locked; 6 one is; 4 a host is unreachable.
Of release: 0 none is locked any more; 1 a lock could not be taken away; 4 a
host is unreachable; 130 the answer was no.
`;
