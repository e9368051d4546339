// Templates are read beside the compiled roles, so they are copied there after a build.
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

for (const role of readdirSync(`${root}/roles`)) {
  const templates = `${root}/roles/${role}/templates`;
  if (existsSync(templates)) {
    cpSync(templates, `${root}/dist/roles/${role}/templates`, { recursive: true });
  }
}
