import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as api from '../src/index.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  /** `../core/plan.ts` as `src/core/plan.ts`; a package as it is. */
  readonly what: string;
  /** Gone once compiled. */
  readonly isType: boolean;
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const files = ['src', 'roles', 'playbooks', 'scripts'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[jt]s$/.test(path))
    .map((path) => sourceFile(`${folder}/${path}`)),
);

function sourceFile(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const written = [
    ...text.matchAll(/^(?:import|export)(?<type> type)?[^;'"]*?from '(?<what>[^']+)'/gm),
    ...text.matchAll(/^import '(?<what>[^']+)'/gm),
    ...text.matchAll(/(?<type>typeof )?import\(\s*'(?<what>[^']+)'/g),
  ];
  const imports = written.map(({ groups }) => {
    const what = groups?.['what'] ?? '';
    return {
      what: what.startsWith('.') ? normalize(join(dirname(path), what)) : what,
      isType: groups?.['type'] !== undefined,
    };
  });
  return { path, text, imports };
}

/** Which files outside its own folder, and which packages, the code of a folder may import. */
const MAY_IMPORT: Readonly<Record<string, readonly RegExp[]>> = {
  'src/core/': [/^node:(util|net|path)$/, /^valibot$/, /^zx\/core$/],
  'src/queries/': [/^src\/core\//],
  'src/resources/': [/^src\/(core|queries)\//, /^node:(crypto|fs|url)$/, /^ejs$/],
  'src/checks/': [/^src\/(core|queries)\//, /^node:crypto$/],
  'src/stages/': [/^src\/(core|queries)\//, /^node:(crypto|https?|timers\/promises)$/],
  'src/transport/': [/^src\/core\//, /^node:/, /^ssh2(-promise)?$/, /^zx\/core$/],
  'src/report/': [/^src\/core\//, /^node:/, /^(listr2|diff)$/],
  'src/load/': [/^src\/core\//, /^scripts\/lab\/paths\.ts$/, /^node:/, /^(yaml|dotenv|jiti|valibot)$/],
  'src/watch/': [/^src\/core\/watch\.ts$/, /^node:/],
  'src/operate/': [/^src\/(core|queries|stages)\//, /^node:crypto$/],
  'src/drill/': [/^src\/(core|queries|stages)\//, /^node:/],
  'src/drift/': [/^src\/(core|operate|queries|stages)\//, /^node:crypto$/],
  'src/notify/': [/^src\/core\//, /^node:/],
  'src/schedule/': [/^src\/core\//, /^node:/],
  'src/cli/': [
    /^src\/(core|drift|drill|load|notify|operate|report|schedule|transport|watch)\//,
    /^src\/(run|lint)\.ts$/,
    /^scripts\/lab\//,
    /^node:/,
    /^commander$/,
  ],
  'src/lint.ts': [/^src\/(core|stages)\//],
  'src/run.ts': [/^src\/(core|queries|stages)\//, /^node:/],
  'src/index.ts': [/^src\/(core|queries|resources|checks)\//, /^valibot$/],
  'scripts/lab/': [/^node:/, /^zx\/core$/],
  'roles/': [/^run-playbook$/],
  'playbooks/': [/^run-playbook$/, /^roles\/[\w-]+\/(index|vars)\.ts$/],
};

describe('imports go one way', () => {
  test.each(Object.entries(MAY_IMPORT))('%s', (folder, allowed) => {
    const own = files.filter(({ path }) => path.startsWith(folder));
    expect(own.length).toBeGreaterThan(0);
    const strays = own.flatMap(({ path, imports }) =>
      imports
        .filter(({ what }) => !what.startsWith(folder) && !allowed.some((pattern) => pattern.test(what)))
        .map(({ what }) => `${path} imports ${what}`),
    );
    expect(strays).toEqual([]);
  });

  test('every file of src is in one of these folders', () => {
    const folders = Object.keys(MAY_IMPORT);
    const homeless = files.filter(
      ({ path }) => path.startsWith('src/') && !folders.some((folder) => path.startsWith(folder)),
    );
    expect(homeless.map(({ path }) => path)).toEqual([]);
  });

  test('a role knows other roles by their types only', () => {
    const strays = files.flatMap(({ path, imports }) => {
      const role = /^roles\/[\w-]+\//.exec(path)?.[0];
      return imports
        .filter(
          ({ what, isType }) =>
            role !== undefined && what.startsWith('roles/') && !what.startsWith(role) && !isType,
        )
        .map(({ what }) => `${path} imports ${what}`);
    });
    expect(strays).toEqual([]);
  });
});

describe('each package has one place', () => {
  /** Types cost nothing and bind nobody; everything else is loaded here and nowhere else. */
  const PLACES: Readonly<Record<string, readonly string[]>> = {
    listr2: ['src/report/listr-view.ts'],
    'ssh2-promise': ['src/transport/ssh.ts'],
    'zx/core': ['scripts/lab/error.ts', 'scripts/lab/local.ts', 'src/transport/shell.ts'],
    ejs: ['src/resources/template.ts'],
    dotenv: ['src/load/secrets.ts'],
    commander: ['src/cli/parse.ts'],
    jiti: ['src/load/module.ts'],
    yaml: ['src/load/yaml-edit.ts', 'src/load/yaml.ts'],
    diff: ['src/report/file-diff.ts'],
  };

  test.each(Object.entries(PLACES))('%s', (name, places) => {
    const loaders = files.filter(({ imports }) =>
      imports.some(({ what, isType }) => what === name && !isType),
    );
    expect(loaders.map(({ path }) => path).toSorted()).toEqual(places);
  });

  test('ssh2 comes through ssh2-promise, which brings the one it was tested with', () => {
    const loaders = files.filter(({ imports }) =>
      imports.some(({ what, isType }) => what === 'ssh2' && !isType),
    );
    expect(loaders.map(({ path }) => path)).toEqual([]);
  });

  test('a dependency that nothing imports is no dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const imported = new Set(
      files.flatMap(({ imports }) => imports.map(({ what }) => what.replace(/\/.*/, ''))),
    );
    expect(Object.keys(dependencies).filter((name) => !imported.has(name))).toEqual([]);
  });
});

describe('every file', () => {
  test('has at most 250 lines', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 251);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('is named in kebab-case', () => {
    expect(files.filter(({ path }) => !/^[a-z0-9./-]+$/.test(path)).map(({ path }) => path)).toEqual([]);
  });

  test('is finished: no TODO, no console.log, no debugger', () => {
    const unfinished = files.filter(({ text }) =>
      /\b(TODO|FIXME)\b|console\.(log|debug)\(|^\s*debugger\b/m.test(text),
    );
    expect(unfinished.map(({ path }) => path)).toEqual([]);
  });

  test('ends the process in no library', () => {
    const ending = files.filter(
      ({ path, text }) => /\bprocess\.exit\(/.test(text) && !path.startsWith('src/cli/'),
    );
    expect(ending.map(({ path }) => path)).toEqual([]);
  });
});

test('test folders mirror src, besides the rings of their own', () => {
  const folders = readdirSync(join(ROOT, 'test'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const rings = ['contract', 'faults', 'golden', 'lab', 'roles', 'ssh'];
  const mirrored = readdirSync(join(ROOT, 'src'));
  const strays = folders
    .map(({ name }) => name)
    .filter((name) => !rings.includes(name) && !mirrored.includes(name));
  expect(strays).toEqual([]);
});

describe('what roles and playbooks can import is frozen: adding is a decision, removing breaks users', () => {
  test('values', () => {
    expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
      [
        "DRIFT_CLASSES",
        "Secret",
        "absolutePath",
        "answersFor",
        "aptPackage",
        "arpAnswers",
        "arpTable",
        "certificateAt",
        "cidr",
        "digestOf",
        "directory",
        "endingCertificates",
        "entriesOf",
        "excludeEachOther",
        "factsFrom",
        "fileAt",
        "fileSet",
        "haproxyState",
        "hostFacts",
        "hostName",
        "httpCheck",
        "ipAddress",
        "ipv4Address",
        "listenerObservations",
        "outputOf",
        "packageNamed",
        "playbook",
        "port",
        "quote",
        "rawScript",
        "readCertificate",
        "renderContent",
        "role",
        "secret",
        "service",
        "sh",
        "sysctl",
        "systemUser",
        "task",
        "tcpListeners",
        "template",
        "text",
        "unitNamed",
        "v",
        "varsOf",
        "whole",
      ]
    `);
  });

  test('types', () => {
    const text = readFileSync(join(ROOT, 'src/index.ts'), 'utf8');
    const lists = [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)];
    const types = lists.flatMap(([, isType, names = '']) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && (isType !== undefined || name.startsWith('type ')))
        .map((name) => name.replace(/^type /, '')),
    );
    expect(types.toSorted()).toMatchInlineSnapshot(`
      [
        "Absent",
        "Action",
        "Answers",
        "ArpState",
        "Ask",
        "Change",
        "Check",
        "CheckDeviation",
        "Cluster",
        "ClusterHost",
        "Content",
        "Deviation",
        "DriftClass",
        "Facts",
        "Fault",
        "FaultLimits",
        "FaultScripts",
        "FileDiff",
        "FileSet",
        "FileSetOptions",
        "FileSpec",
        "FileState",
        "HaproxyServer",
        "HaproxyState",
        "HttpAnswer",
        "HttpCheckOptions",
        "IgnoreRule",
        "Inspection",
        "Interface",
        "Judgement",
        "LabFault",
        "Lockstep",
        "Objection",
        "Observation",
        "Output",
        "PackageOptions",
        "PackageState",
        "PlanContext",
        "Playbook",
        "Query",
        "Reads",
        "Resource",
        "Role",
        "RoleContext",
        "Rule",
        "Script",
        "Seen",
        "ServiceOptions",
        "Shell",
        "ShellArgument",
        "Socket",
        "Standing",
        "Survey",
        "SysctlOptions",
        "SystemUserOptions",
        "TaskOptions",
        "TcpListener",
        "Template",
        "UnitState",
        "Verdict",
        "WatchTarget",
      ]
    `);
  });
});
