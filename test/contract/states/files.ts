import { fileSet, rawScript, sh, type FileSet, type FileSetOptions } from '../../../src/index.ts';
import type { State } from '../state.ts';

const ROOT = '/etc/rp-contract';
const STAMP = '/var/lib/run-playbook/loaded/rp-contract';

const cleanUp = `rm -rf ${ROOT} ${STAMP} /etc/rp-other`;

/** Old, so that a copy that does not keep the time is seen. */
const OLD = "touch -h -d '2001-02-03 04:05:06.789'";

const HOSTILE = `it's "quoted" $(touch /tmp/pwned) \`id\` \\ %s ä€𝄞 \t
# no newline at the end`;

function set(files: FileSetOptions['files'], more: Partial<FileSetOptions> = {}): FileSet {
  return fileSet({ name: 'contract', root: ROOT, files, ...more });
}

const HELLO = set({ hello: { content: 'hello\n' } });

export const fileStates: readonly State[] = [
  {
    about: 'nothing there, not even the root',
    given: '',
    resource: set({
      hello: { content: 'hello\n' },
      'a/b/c': { content: HOSTILE, mode: '0640', owner: 'deploy', group: 'adm' },
      'a/x/d': { content: '' },
    }),
    plan: 'change',
    writes: [`${ROOT}/a/b/c`, `${ROOT}/a/x/d`, `${ROOT}/hello`],
    holds: `[ "$(stat -c '%a %U:%G' ${ROOT}/a/b/c)" = '640 deploy:adm' ]; [ ! -e /tmp/pwned ]
[ "$(stat -c '%a %U:%G' ${ROOT}/a/b)" = '755 root:root' ]; [ ! -s ${ROOT}/a/x/d ]`,
  },
  {
    about: 'as declared, hostile content included',
    given: `mkdir ${ROOT}; printf %s ${sh`${HOSTILE}`.text} >${ROOT}/hello`,
    cleanUp,
    resource: set({ hello: { content: HOSTILE }, none: { absent: true } }),
    plan: 'ok',
  },
  {
    about: 'other content, mode and owner, of long ago',
    given: `mkdir ${ROOT}; printf '\\0\\377binary' >${ROOT}/hello; chown deploy:adm ${ROOT}/hello; chmod 4711 ${ROOT}/hello; ${OLD} ${ROOT}/hello`,
    cleanUp,
    resource: HELLO,
    plan: 'change',
    writes: [`${ROOT}/hello`],
  },
  {
    about: 'one right, one wrong: the right one is left alone',
    given: `mkdir ${ROOT}; echo hello >${ROOT}/hello; echo wrong >${ROOT}/other; ${OLD} ${ROOT}/*`,
    cleanUp,
    resource: set({ hello: { content: 'hello\n' }, other: { content: 'right\n' } }),
    plan: 'change',
    writes: [`${ROOT}/other`],
  },
  {
    about: 'a larger file than is ever read',
    given: `mkdir ${ROOT}; head -c 300000 /dev/zero >${ROOT}/hello`,
    cleanUp,
    resource: HELLO,
    plan: 'change',
    writes: [`${ROOT}/hello`],
  },
  {
    about: 'only the mode wrong, of a file that a service has loaded',
    given: `mkdir -p ${ROOT} ${STAMP.slice(0, STAMP.lastIndexOf('/'))}; echo hello >${ROOT}/hello; chmod 0666 ${ROOT}/hello; ${OLD} ${ROOT}/hello; echo 0123 >${STAMP}`,
    cleanUp,
    resource: set({ hello: { content: 'hello\n' } }, { loadedBy: 'rp-contract' }),
    plan: 'change',
    writes: [`${ROOT}/hello`],
    holds: `[ "$(stat -c '%a %Y' ${ROOT}/hello)" = "644 $(date -d '2001-02-03 04:05:06' +%s)" ]; [ -s ${STAMP} ]`,
  },
  {
    about: 'other content in a file that a service has loaded: known to be unloaded from before it changes',
    given: `mkdir -p ${ROOT} ${STAMP.slice(0, STAMP.lastIndexOf('/'))}; echo old >${ROOT}/hello; echo 0123 >${STAMP}; ${OLD} ${STAMP} ${ROOT}/hello`,
    cleanUp,
    resource: set({ hello: { content: 'hello\n' } }, { loadedBy: 'rp-contract' }),
    plan: 'change',
    writes: [`${ROOT}/hello`, STAMP],
    holds: `[ ! -e ${STAMP} ]`,
  },
  {
    about: 'a link in its place, to a file that matters',
    given: `mkdir ${ROOT}; echo precious >/etc/rp-other; ln -s /etc/rp-other ${ROOT}/hello; ${OLD} ${ROOT}/hello`,
    cleanUp,
    resource: HELLO,
    plan: 'change',
    writes: [`${ROOT}/hello`],
    holds: `[ "$(cat /etc/rp-other)" = precious ]; [ ! -h ${ROOT}/hello ]`,
  },
  {
    about: 'a link to nowhere in its place',
    given: `mkdir ${ROOT}; ln -s "no
where	at all" ${ROOT}/hello`,
    cleanUp,
    resource: HELLO,
    plan: 'change',
    writes: [`${ROOT}/hello`],
  },
  {
    about: 'a pipe in its place',
    given: `mkdir ${ROOT}; mkfifo ${ROOT}/hello`,
    cleanUp,
    resource: HELLO,
    plan: 'change',
    writes: [`${ROOT}/hello`],
  },
  {
    about: 'a directory in its place',
    given: `mkdir -p ${ROOT}/hello; echo precious >${ROOT}/hello/file`,
    cleanUp,
    resource: set({ hello: { content: 'hello\n' }, other: { content: 'x\n' } }),
    plan: 'unknown',
  },
  {
    about: 'a file and a link that should not be there',
    given: `mkdir ${ROOT}; echo x >${ROOT}/file; ln -s file ${ROOT}/link; ${OLD} ${ROOT}/*`,
    cleanUp,
    resource: set({ file: { absent: true }, link: { absent: true } }),
    plan: 'change',
    writes: [`${ROOT}/file`, `${ROOT}/link`],
  },
  {
    about: 'strangers with odd names in a purged directory',
    given: `mkdir -p ${ROOT}/own/below; cd ${ROOT}/own; echo hello >hello; echo a >-rf; echo b >'with space'; echo c >'new
line'; ln -s hello '*'; echo d >.hidden; ${OLD} ./*`,
    cleanUp,
    resource: set({ 'own/hello': { content: 'hello\n' } }, { purge: ['own'] }),
    plan: 'change',
    writes: ['*', '-rf', '.hidden', 'new\nline', 'with space'].map((name) => `${ROOT}/own/${name}`),
    holds: `[ "$(ls ${ROOT}/own)" = "below
hello" ]`,
  },
  {
    about: 'a set that its validator accepts, parents missing',
    given: 'mkdir /etc/rp-other',
    cleanUp,
    resource: set(
      { 'sub/hello': { content: 'hello\n', mode: '0600' } },
      {
        root: '/etc/rp-other/deep/root',
        validate: sh`[ "$(cat "$RP_ROOT/sub/hello")" = hello ] && [ "$RP_ROOT" = /etc/rp-other/deep/root ]`,
      },
    ),
    plan: 'change',
    writes: ['/etc/rp-other/deep/root/sub/hello'],
  },
  {
    about:
      'a validator that sees the files that nobody declared beside the new ones, and not the removed one',
    given: `mkdir ${ROOT}; echo stranger >${ROOT}/stranger; echo old >${ROOT}/old`,
    cleanUp,
    resource: set(
      { hello: { content: 'hello\n' }, old: { absent: true } },
      { validate: sh`[ -s "$RP_ROOT/stranger" ] && [ -s "$RP_ROOT/hello" ] && [ ! -e "$RP_ROOT/old" ]` },
    ),
    plan: 'change',
    writes: [`${ROOT}/hello`, `${ROOT}/old`],
  },
  {
    about: 'something to run after the files are in place',
    given: '',
    cleanUp,
    resource: set(
      { hello: { content: 'hello\n' } },
      { after: rawScript(`cat ${ROOT}/hello >/run/rp-after || echo gone >/run/rp-after`) },
    ),
    plan: 'change',
    writes: [`${ROOT}/hello`],
    holds: '[ "$(cat /run/rp-after)" = hello ]',
  },
];
