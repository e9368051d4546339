import type { HelpTopic } from './help-topics.ts';
import { DRIFT } from './drift-help.ts';
import { HISTORY, LOCK, STATUS } from './operate-help.ts';
import { SCHEDULE } from './schedule-help.ts';
import { APPLY, PLAN } from './saved-plan-help.ts';

const RUN = `Usage: run-playbook PLAYBOOK [options]
       run-playbook lab up|down|status|shell|exec
       run-playbook vars HOST
       run-playbook lint [PLAYBOOK]
       run-playbook explain [CODE]
       run-playbook drill PLAYBOOK
       run-playbook plan PLAYBOOK -o FILE, run-playbook apply FILE
       run-playbook drift [PLAYBOOK], run-playbook schedule install --every 15m
       run-playbook status, history [HOST], lock status|release

Brings servers to the state that a playbook declares, over SSH. It reads the
hosts, shows what it will change, asks, changes exactly that, and verifies.

Playbooks: {playbooks}

What to do
  -C, --check            show what would change, touch nothing; exit 2 if any
  -D, --diff             show changed files line by line
  -y, --yes              apply without asking; nobody is asked in CI, without a
                         terminal, or for the lab, whose hosts are throw-away

On which hosts
  -i, --inventory FILE   hosts and variables, in Ansible's YAML format;
                         inventory/hosts.yml when left out
  -l, --limit HOSTS      only these: svr1   web   'svr*'   'web,!svr2'
  -f, --forks N          hosts read at the same time, 10 when left out

With what
  -e, --extra-vars VARS  variables above all others, may be repeated:
                         nginx.port=8080   '{"nginx":{"port":8080}}'   @file.yml
  -t, --tags TAGS        only items of these roles, kinds or tags: nginx,service
      --skip-tags TAGS   no items of these; refused where others need them

While hosts change
      --watch            send requests to the service, and count those that are
                         lost; on by itself where the playbook sets a limit
      --no-watch         do not
      --watch-rate N     requests a second to each address and port, 1 to 1000;
                         50 when left out
      --max-lost N       more lost requests than this fail the run; when left
                         out, the playbook's limit (phase2: 0), or none
      --wait SECONDS     wait so long for hosts that another run has, instead of
                         ending with exit code 6; they are read after that
      --no-rollback      leave a host that failed as it is; otherwise everything
                         the run did on it is taken back
      --rollback-batch   take back the hosts before it as well

Output (the result goes to stdout, progress to stderr)
  -v, --verbose          a line for each step instead of the live view, and what
                         needs no change too; -vv: also the network traffic
  -q, --quiet            nothing but errors; the exit code says the rest
      --json             one JSON document on stdout
      --version
  -h, --help             also: run-playbook lab --help

Examples
  run-playbook phase1                       as shipped: on the built-in lab
  run-playbook phase1 --check --diff        what would change, in full
  run-playbook phase1 -l svr2 -e nginx.port=8080
  run-playbook drift -q || mail-an-alert    from cron

Exit codes
    0  as declared, or made so       5  invalid input, nothing was touched
    1  failed                        6  another run holds a host
    2  changes pending               7  a host changed after it was planned
    3  failed and rolled back        8  as declared, but the service is degraded
    4  a host is unreachable       130  interrupted
`;

const LAB = `Usage: run-playbook lab up                    start the lab if it is not up
       run-playbook lab status                its hosts; exit 0 if all run
       run-playbook lab shell HOST            a root shell in a host
       run-playbook lab exec HOST -- COMMAND  one command in a host, as root;
                                              its exit code is passed on
       run-playbook lab down [--purge]        stop and remove it; --purge: the
                                              cached base system too

The lab is real Debian hosts with systemd, in containers on this machine and in
a network of their own that nothing leaves. It needs root on Debian or Ubuntu.
Playbooks start it by themselves when their inventory is the lab's.

Options
  -i, --inventory FILE   what names the lab and its hosts; inventory/hosts.yml
                         when left out
  -h, --help

RUN_PLAYBOOK_LAB=NAME means another lab, so that several can stand side by side.
`;

const VARS = `Usage: run-playbook vars HOST [options]

Prints every variable of a host, where its value was written, and the values
that it hides.

Options
  -p, --playbook NAME    with the defaults of this playbook's roles
  -i, --inventory FILE   hosts and variables; inventory/hosts.yml when left out
  -e, --extra-vars VARS  variables above all others, may be repeated
  -h, --help

Precedence, lowest first: role default, playbook, all, group, child group, host,
--extra-vars.
`;

const LINT = `Usage: run-playbook lint [PLAYBOOK] [options]

Looks for what is known to go wrong in highly available pairs, in the variables
and on the hosts, and changes nothing. Without PLAYBOOK: for every playbook
whose hosts are in the inventory. A run does the same before its first change.

Options
  -i, --inventory FILE   hosts and variables; inventory/hosts.yml when left out
  -l, --limit HOSTS      only what is about these hosts, and only they are asked
  -e, --extra-vars VARS  variables above all others, may be repeated
      --json             one JSON document on stdout
  -h, --help

Exit codes: 0 nothing, or only warnings; 4 a host is unreachable, what the
others show is told; 5 something that a run would refuse.
`;

const EXPLAIN = `Usage: run-playbook explain CODE        what a code such as HA101 means, why it
                                        matters, and what to do
       run-playbook explain             all codes, a line each

Reads neither inventory nor hosts.

Options
  -h, --help
`;

const DRILL = `Usage: run-playbook drill PLAYBOOK [options]

Breaks running servers on purpose, one fault after the other and on each server
in turn, while it sends requests to the service. Tells what was lost, where the
virtual IP went, and how long it took until all was well again. It only begins
where the playbook has nothing to change and every check holds.

What it does to a server is undone by the server itself if this program, or the
network, is lost in the middle: half a minute after it should have been over.
Ctrl-C puts right what is broken and ends the drill.

Options
  -o, --only FAULTS      only these: stop-nginx,reboot
      --list             what can be done here, and what may be lost; no server
                         is asked
      --repeat N         each fault N times on each server; medians are judged
  -y, --yes              do not ask; needed without a terminal, except for the
                         lab, whose hosts are throw-away
  -i, --inventory FILE   hosts and variables; inventory/hosts.yml when left out
  -e, --extra-vars VARS  variables above all others, may be repeated:
                         drill.rate=50   drill.limits.reboot.lost=5
      --json             one JSON document on stdout
      --markdown [FILE]  a page of Markdown on stdout, or in FILE
  -h, --help

The results are kept in ~/.local/state/run-playbook/drills (XDG_STATE_HOME), and
the next drill shows them beside its own.

Exit codes: 0 no limit was exceeded; 1 a fault could not be done; 4 a host is
unreachable; 5 refused, nothing was broken; 6 another run holds a host; 8 more
was lost than is allowed, or not all is well again; 130 interrupted.
`;

const OPERATE = { status: STATUS, history: HISTORY, lock: LOCK, drift: DRIFT, schedule: SCHEDULE };

/** The help of a command. */
export function helpText(of: HelpTopic, playbooks: readonly string[]): string {
  const named = playbooks.length === 0 ? 'none here' : playbooks.join(', ');
  const texts = { run: RUN.replace('{playbooks}', named), lab: LAB, vars: VARS };
  return { ...texts, lint: LINT, explain: EXPLAIN, drill: DRILL, plan: PLAN, apply: APPLY, ...OPERATE }[of];
}
