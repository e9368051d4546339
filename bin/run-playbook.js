#!/usr/bin/env node
// Plain JavaScript that old versions of Node understand too, or they could not be told apart.
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';

const MAIN = new URL('../dist/src/cli/main.js', import.meta.url);

const [major, minor] = process.versions.node.split('.').map(Number);
const [argument, ...others] = process.argv.slice(2);

if (major < 20 || (major === 20 && minor < 19)) {
  refuse(
    `run-playbook needs Node.js 20.19 or newer, this is ${process.versions.node}`,
    'install a newer one: https://nodejs.org',
  );
} else if (argument === '--version' && others.length === 0) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${version}\n`);
} else if (!existsSync(MAIN)) {
  refuse(
    'run-playbook is not built yet: dist/ is missing',
    'in its folder run: npm ci (or, with packages installed: npm run build)',
  );
} else {
  module.enableCompileCache?.();
  const { launch } = await import(MAIN.href);
  await launch();
}

function refuse(what, hint) {
  process.stderr.write(`${what}\n  do    ${hint}\n`);
  process.exitCode = 5;
}
