/** `run-playbook plan --help` */
export const PLAN = `Usage: run-playbook plan PLAYBOOK -o FILE [options]

Shows what the playbook would change, as --check does, and saves it in FILE:
"run-playbook apply FILE" does exactly that or refuses. FILE holds digests of
what was seen and of what would be done, no content and no secret.

Options
  -o, --output FILE      where the plan is saved, for this user only; replaces a
                         plan, and nothing else
      --sign KEYFILE     sign it with an ed25519 private key: as ssh-keygen
                         writes it, or PEM; without a passphrase
  -D, --diff             show changed files line by line
  -i, --inventory FILE   hosts and variables; inventory/hosts.yml when left out
  -l, --limit HOSTS      only these: svr1   web   'svr*'   'web,!svr2'
  -e, --extra-vars VARS  variables above all others, may be repeated; a secret
                         only as '\${NAME}' or in @file.yml, or it is refused
  -t, --tags TAGS        only items of these roles, kinds or tags: nginx,service
      --skip-tags TAGS   no items of these
  -f, --forks N          hosts read at the same time, 10 when left out
  -v, --verbose          what needs no change too; -vv: also the network traffic
  -q, --quiet            nothing but errors
      --json             one JSON document on stdout
  -h, --help

The digests are keyed: with a key of this user's own, made at the first plan in
~/.local/state/run-playbook/plan-key (XDG_STATE_HOME); or, where somebody else
is to apply it, with RUN_PLAYBOOK_PLAN_KEY from the environment or .env. To make
one: openssl rand -hex 32

Exit codes: as with --check: 0 nothing to change, 2 changes pending, both saved;
4 a host is unreachable, 5 refused, not saved; 8 saved, the service is degraded.
`;

/** `run-playbook apply --help` */
export const APPLY = `Usage: run-playbook apply FILE [options]

Does what the plan in FILE says. The playbook is loaded and the hosts are read
anew, with the arguments in FILE; if a single thing would be done otherwise, or
to something else than was seen, nothing is touched on any host.

Options
      --require-signed-by KEYFILE
                         refuse a plan that the owner of this ed25519 public key
                         has not signed: a .pub file of OpenSSH, or PEM
  -C, --check            touch nothing, only tell whether the plan still holds:
                         exit 2 if so, 0 if it changes nothing, 7 if not
  -D, --diff             show changed files line by line
  -y, --yes              apply without asking
  -f, --forks N          hosts read at the same time, 10 when left out
      --watch            send requests to the service, and count lost ones; on
                         by itself where the playbook sets a limit
      --no-watch         do not
      --watch-rate N     requests a second to each address and port, 1 to 1000
      --max-lost N       more lost requests than this fail the run
      --wait SECONDS     wait so long for hosts that another run has
      --no-rollback      leave a host that failed as it is
      --rollback-batch   take back the hosts before it as well
  -v, --verbose          a line for each step, and what needs no change too
  -q, --quiet            nothing but errors; the exit code says the rest
      --json             one JSON document on stdout
  -h, --help

Exit codes: as for playbooks. 5: FILE is no plan, was changed by a single byte,
is sealed with another key or not signed as it must be. 7: a host, the playbook
or the inventory is no longer as it was when the plan was made.
`;
