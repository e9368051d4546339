import { writeFileSync } from 'node:fs';
import checkScript from '../roles/check-script/index.ts';
import drift from '../roles/drift/index.ts';
import drill from '../roles/drill/index.ts';
import haproxy from '../roles/haproxy/index.ts';
import keepalived from '../roles/keepalived/index.ts';
import nginx from '../roles/nginx/index.ts';
import type { Role } from '../src/core/role.ts';
import { driftSchemaPage } from './docs/drift-schema.ts';
import { rolePage } from './docs/role-page.ts';
import { rulesPage } from './docs/rules-page.ts';

const ROLES: readonly Role[] = [nginx, keepalived, haproxy, checkScript, drift, drill];

/** Pages made of the code, by path below the repository; a test holds them to it. */
export const PAGES: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(
    ROLES.map((role) => [`docs/roles/${role.name.replaceAll('_', '-')}.md`, () => rolePage(role)]),
  ),
  'docs/rules.md': () => rulesPage(ROLES),
  'docs/drift.schema.json': driftSchemaPage,
};

if (process.argv[1]?.endsWith('docs.js') === true) {
  for (const [path, text] of Object.entries(PAGES)) {
    writeFileSync(path, `${text()}\n`);
  }
}
