const RUN = `Usage: run-playbook PLAYBOOK [options]
       run-playbook lab up|down|status|shell|exec
       run-playbook vars HOST

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
  run-playbook phase1 -Cq || mail-an-alert  drift, from cron

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

/** The help of a command. */
export function helpText(of: 'run' | 'lab' | 'vars', playbooks: readonly string[]): string {
  const named = playbooks.length === 0 ? 'none here' : playbooks.join(', ');
  return { run: RUN.replace('{playbooks}', named), lab: LAB, vars: VARS }[of];
}
