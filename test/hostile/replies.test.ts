import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { parseHostLine } from '../../src/core/audit.ts';
import { buildProbe } from '../../src/core/probe.ts';
import { ProbeIncomplete, type Frame, type Query } from '../../src/core/query.ts';
import { rawScript, sh } from '../../src/core/script.ts';
import { mask, Secret } from '../../src/core/secret.ts';
import { keepalivedStatus } from '../../src/operate/keepalived-status.ts';
import { armedUndos, keptUndos } from '../../src/operate/undo-status.ts';
import { accountNamed } from '../../src/queries/account.ts';
import { entriesOf } from '../../src/queries/directory.ts';
import { hostFacts } from '../../src/queries/facts.ts';
import { CONTENT_MAX_BYTES, fileAt } from '../../src/queries/file.ts';
import { tcpListeners } from '../../src/queries/listener.ts';
import { outputOf } from '../../src/queries/output.ts';
import { packageNamed } from '../../src/queries/package.ts';
import { sysctlNamed } from '../../src/queries/sysctl.ts';
import { unitNamed } from '../../src/queries/unit.ts';
import { lockHolderOf } from '../../src/stages/lock.ts';
import { stopScript } from '../../src/transport/kill-script.ts';
import { Masking, WholeCharacters, type Filter } from '../../src/transport/output.ts';
import { Preamble } from '../../src/transport/preamble.ts';
import { SudoDialogue } from '../../src/transport/sudo-dialogue.ts';
import { startMark } from '../../src/transport/wrapper.ts';
import { CONCEALED } from '../../roles/haproxy/secrets.ts';
import { agreement } from '../../roles/keepalived/lockstep.ts';
import { readSegment } from '../../roles/keepalived/segment.ts';
import { concealer } from '../../src/resources/file-difference.ts';
import { withoutOldSecrets } from '../../src/report/old-secrets.ts';
import { ensure, expectSame, holds, PATIENT } from './support/cases.ts';
import { hostileText } from './support/strings.ts';

const NONCE = 'd0d0cafe';

/** What looks like a part of a reply, but for the nonce that nobody on the host knows. */
const forgery = fc.oneof(
  fc.constantFrom(
    '\n',
    '\n\n',
    ' 0 0\n',
    '\nd0d0caff 0 0\n',
    '\n0 0\n',
    '\nd0d0caf',
    'rp-run-other 1.',
    'held\n',
    '\0',
  ),
  fc.nat(12).map((index) => `\n ${index} 0\n`),
  hostileText(),
);
const bytes = fc
  .array(
    fc.oneof(
      forgery.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 8 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts));

const reply = fc.array(fc.record({ stdout: bytes, exit: fc.nat(255) }), { minLength: 1, maxLength: 5 });

function framed(frames: readonly Frame[]): Buffer {
  return Buffer.concat(
    frames.flatMap(({ stdout, exit }, index) => [stdout, Buffer.from(`\n${NONCE} ${index} ${exit}\n`)]),
  );
}

/** What is read; undefined when it is said to be incomplete, which is asked again. */
function unlessIncomplete<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProbeIncomplete) {
      return undefined;
    }
    throw error;
  }
}

function outputs(count: number) {
  return [...Array(count).keys()].map((index) => outputOf(sh`echo ${index}`));
}

describe('a reply of a host', () => {
  test('is told apart where its parts end, whatever they print', PATIENT, async () => {
    await holds(
      fc.property(reply, (frames) => {
        const queries = outputs(frames.length);
        const seen = buildProbe(queries, NONCE).read(framed(frames));
        const found = queries.map((query) => seen.answer(query));
        expectSame(
          found.flatMap(({ stdout, exit }) => [stdout, exit]),
          frames.flatMap(({ stdout, exit }) => [stdout.toString(), exit]),
        );
      }),
    );
  });

  test('that is cut off or changed is incomplete, or one that a host could give', PATIENT, async () => {
    const damage = fc.record({
      from: fc.nat(200),
      bytes: fc.nat(20),
      by: fc.oneof(bytes, fc.constant(Buffer.alloc(0))),
    });
    await holds(
      fc.property(reply, damage, (frames, { from, bytes: length, by }) => {
        const whole = framed(frames);
        const damaged = Buffer.concat([whole.subarray(0, from), by, whole.subarray(from + length)]);
        const queries = outputs(frames.length);
        const seen = unlessIncomplete(() => buildProbe(queries, NONCE).read(damaged));
        const exits = queries.map((query) => seen?.answer(query).exit ?? 0);
        ensure(
          exits.every((exit) => Number.isInteger(exit) && exit >= 0 && exit <= 999),
          `exits are ${exits}`,
        );
      }),
    );
    await holds(
      fc.property(reply, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (frames, part) => {
        const whole = framed(frames);
        const cut = whole.subarray(0, Math.floor(whole.length * part));
        const probe = buildProbe(outputs(frames.length), NONCE);
        ensure(unlessIncomplete(() => probe.read(cut)) === undefined, 'is taken for whole');
      }),
    );
  });
});

/** Every family with the names that it was asked for. */
const QUERIES: readonly Query<unknown>[] = [
  accountNamed('root'),
  entriesOf('/etc'),
  fileAt('/etc/motd'),
  hostFacts,
  outputOf(rawScript(':')),
  packageNamed('nginx'),
  sysctlNamed('a.b'),
  tcpListeners,
  unitNamed('nginx.service'),
];

/** What they print on a host, to be damaged. */
const PRINTED: readonly string[] = [
  'root:x:0:0:root:/root:/bin/bash\n',
  '/etc\0motd\0/etc\0a b\0',
  'f\x00644\0root\0root\x005\x001.5\0\0/etc/motd\0',
  'ID=debian\nVERSION_ID="12"\nRP_SYSTEMD=1\n2: host0    inet 192.0.2.1/24 scope global host0\n',
  'nginx ii  1.22.1-9\n',
  'nginx:\n  Installed: (none)\n  Candidate: 1.22.1-9\n',
  'a.b\t4\t5\n',
  'LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=43,fd=5))\n',
  'LoadState=loaded\nActiveState=active\nSubState=running\nNRestarts=0\n',
  '/etc/motd',
];

test('whatever a host prints for a question is an answer, or none', PATIENT, async () => {
  const parts = fc.array(
    fc.oneof(fc.constantFrom(...PRINTED), hostileText(), fc.constantFrom('\n', '\0', '9'.repeat(400))),
    {
      maxLength: 5,
    },
  );
  const stdout = fc.oneof(
    parts.map((texts) => Buffer.from(texts.join(''))),
    bytes,
  );
  const frame = fc.record({ stdout, exit: fc.constantFrom(0, 1, 2, 127) });
  await holds(
    fc.property(fc.constantFrom(...QUERIES), frame, frame, ({ family, key }, first, second) => {
      const frames = [first, second].slice(0, family.scripts([key]).length);
      const answers = unlessIncomplete(() => family.parse(frames, [key]));
      ensure(answers === undefined || answers.has(key), 'says nothing about what was asked');
      if (family.name === 'file' && answers !== undefined) {
        const state = answers.get(key) as { readonly content?: Buffer; readonly sizeBytes?: number };
        const { content, sizeBytes } = state;
        ensure(content === undefined || content.length === sizeBytes, 'another size than said');
        ensure((content?.length ?? 0) <= CONTENT_MAX_BYTES, 'too large');
      }
    }),
  );
});

test('whatever a host says of itself is shown as far as it makes sense', PATIENT, async () => {
  const words = fc.constantFrom(
    'vip 192.0.2.1',
    'says a 1',
    'instance VI_1',
    'heard x arp 1 2',
    '1 2 3',
    '\n',
    ' ',
    '{"v":1}',
  );
  const said = fc.array(fc.oneof(words, hostileText()), { maxLength: 6 }).map((parts) => parts.join(''));
  await holds(
    fc.property(said, fc.nat(3), (stdout, exit) => {
      const output = { stdout, exit };
      keepalivedStatus(output);
      readSegment(output);
      keptUndos(output);
      ensure(
        armedUndos(output).every(({ leftMs }) => Number.isFinite(leftMs) && leftMs >= 0),
        'an undo without a time',
      );
      ensure(
        lockHolderOf(output)?.pids.every((pid) => Number.isSafeInteger(pid) && pid > 0) !== false,
        'a process without a number',
      );
      ensure(parseHostLine(stdout) === undefined, 'a line of a log');
    }),
  );
});

/** What a filter gives for a stream that is cut into chunks. */
function throughFilter(filter: Filter, chunks: readonly Buffer[]): readonly Buffer[] {
  return [...chunks.map((chunk) => filter.push(chunk)), filter.end()];
}

const chunks = (text: fc.Arbitrary<Buffer>) =>
  fc.tuple(text, fc.array(fc.nat(40), { maxLength: 6 })).map(([whole, cuts]) => {
    const borders = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
    return borders.slice(1).map((border, index) => whole.subarray(borders[index], border));
  });

describe('a stream of a host', () => {
  test('is the same however it is cut, and no character of it is torn apart', PATIENT, async () => {
    await holds(
      fc.property(chunks(bytes), (cut) => {
        const found = throughFilter(new WholeCharacters(), cut);
        ensure(Buffer.concat(found).equals(Buffer.concat(cut)), 'bytes are missing');
      }),
    );
    await holds(
      fc.property(chunks(hostileText().map((text) => Buffer.from(text))), (cut) => {
        const found = throughFilter(new WholeCharacters(), cut).map((part) => part.toString());
        ensure(found.join('') === Buffer.concat(cut).toString(), 'a character is torn apart');
      }),
    );
  });

  test('shows no secret, however it is cut', PATIENT, async () => {
    const secrets = [new Secret('hunter2-hunter2'), new Secret('swordfish\n;$(x)'), new Secret('fish')];
    const texts = fc.array(
      fc.oneof(
        fc.constantFrom(...secrets.map((secret) => secret.reveal()), 'sword', 'hunter2-'),
        hostileText(),
      ),
      {
        maxLength: 6,
      },
    );
    await holds(
      fc.property(chunks(texts.map((parts) => Buffer.from(parts.join('')))), (cut) => {
        const found = Buffer.concat(throughFilter(new Masking(secrets), cut)).toString();
        ensure(!secrets.some((secret) => found.includes(secret.reveal())), `shows ${JSON.stringify(found)}`);
        ensure(mask(found, secrets) === found, 'is masked only in part');
      }),
    );
  });

  test('says which processes may be killed in digits only', PATIENT, async () => {
    const told = fc.tuple(bytes, fc.oneof(fc.nat().map(String), hostileText()), bytes);
    const stream = told.map(([before, group, after]) =>
      Buffer.concat([before, Buffer.from(`${startMark('n')} ${group}.`), after]),
    );
    await holds(
      fc.property(chunks(stream), (cut) => {
        const preamble = new Preamble(startMark('n'));
        cut.forEach((chunk) => preamble.push(chunk));
        const { group = '' } = preamble;
        ensure(/^(?:|[1-9]\d*)$/.test(group) && group !== '1', `a group ${JSON.stringify(group)}`);
        ensure(
          !/[;&|`$(]/.test(
            stopScript(group, 0)
              .split('\n')[0]
              ?.replace(/ \|\| exit 0$/, '') ?? '',
          ),
          'a command',
        );
      }),
    );
  });

  test('gets a password only when asked by sudo itself, and once', PATIENT, async () => {
    const noise = fc.oneof(
      hostileText(),
      fc.constantFrom('rp-ask-', 'rp-up-', '[sudo] password for root: ', 'Password:'),
    );
    await holds(
      fc.property(
        fc.array(noise, { maxLength: 6 }),
        fc.array(fc.constantFrom('rp-ask-n0nce', 'rp-up-n0nce', ''), { maxLength: 6 }),
        (words, marks) => {
          const dialogue = new SudoDialogue('n0nce', []);
          let said = '';
          const steps = words.flatMap((word, index) => {
            said += `${word}${marks[index] ?? ''}`;
            return [dialogue.next(said)];
          });
          const asked = said.includes('rp-ask-n0nce');
          const count = (step: string) => steps.filter((one) => one === step).length;
          ensure(count('password') <= (asked ? 1 : 0), 'asked by nobody');
          ensure(count('script') <= (said.includes('rp-up-n0nce') ? 1 : 0), 'let in by nobody');
        },
      ),
    );
  });
});

describe('a file of a host that would keep a pattern busy for ever', () => {
  const SIZE = CONTENT_MAX_BYTES;
  const repeated = (text: string) => text.repeat(Math.ceil(SIZE / text.length)).slice(0, SIZE);
  const contents: readonly string[] = [
    ...[' ', '\n', '\t', '#', '# ', ' #\n', 'a', '\\', '"', "'", '{', '}', '(', '-', 'a '].map(repeated),
    ...[
      'user ',
      'stats auth ',
      'setenv ',
      'hdr ',
      'set-header ',
      'tcp-check send ',
      '-----BEGIN PRIVATE KEY-----\n',
    ].flatMap((word) => [
      repeated(word),
      `${word}${repeated(' ')}`,
      `${word}${repeated('token')}`,
      `${word}${repeated('password ')}`,
    ]),
    ...[
      'virtual_ipaddress {',
      'vrrp_instance ',
      'vrrp_version ',
      'auth_pass ',
      'unicast_peer ',
      'virtual_router_id ',
    ].flatMap((word) => [repeated(word), `${word}${repeated(' ')}`, repeated(`${word}\n`)]),
    `password ${repeated(' ')}`,
  ];

  test('is compared in time all the same', PATIENT, () => {
    for (const content of contents) {
      const started = process.cpuUsage().user;
      concealer([], [...CONCEALED, /\bauth_pass[ \t]+(\S+)/g, /^[^\s:#]+:(\S+)$/gm])(content);
      agreement(content, [{ id: 1, addresses: ['192.0.2.1'] }]);
      withoutOldSecrets(content, 'password [secret] for [secret] if x\n');
      const took = process.cpuUsage().user - started;
      ensure(took < 3_000_000, `${JSON.stringify(content.slice(0, 40))} took ${took} µs`);
    }
  });
});
