import { fileSet, quote, role, template, type RoleContext } from 'run-playbook';
import type { HaproxyVars } from '../haproxy/vars.ts';
import type { NginxVars } from '../nginx/vars.ts';
import { rules } from './rules.ts';
import { vars, type CheckScriptVars, type CheckVars } from './vars.ts';

const checkTemplate = template<{
  readonly name: string;
  readonly kind: string;
  readonly address: string;
  readonly port: number;
  /** These two as words of the shell. */
  readonly path: string;
  readonly host: string;
  readonly seconds: string;
  readonly process: string;
  readonly scripts: readonly string[];
}>(import.meta.url, 'check.sh.ejs');

/** Path of the script of one check. */
export function checkPath({ directory }: CheckScriptVars, name: string): string {
  return `${directory}/${name}`;
}

/** Health checks as small scripts: for keepalived, for a person, for anything that reads exit codes. */
export default role({
  name: 'check_script',
  description: 'Health check scripts: http, tcp, process, composite; they tell, and never stop a service.',
  vars,
  rules,
  objections({ vars: { checks } }) {
    return Object.entries(checks).flatMap(([name, check]) => {
      const missing =
        check.kind === 'composite' ? check.all.filter((other) => !Object.hasOwn(checks, other)) : [];
      return missing.map((other) => ({
        rule: 'HA151',
        path: `check_script.checks.${name}.all`,
        what: `names the check ${other}, which is not declared`,
      }));
    });
  },
  resources(context) {
    const { checks, directory } = context.vars;
    const files = Object.entries(checks).map(
      ([name, check]) => [name, { content: render(name, check, context), mode: '0755' }] as const,
    );
    return files.length === 0
      ? []
      : [fileSet({ name: 'check scripts', root: directory, files: Object.fromEntries(files) })];
  },
});

function render(name: string, check: CheckVars, context: RoleContext<CheckScriptVars>): string {
  const none = { address: '', port: 0, path: '', host: '', seconds: '1', process: '', scripts: [] };
  switch (check.kind) {
    case 'http': {
      const asked = {
        port: 80,
        path: '/',
        host: check.address,
        ...ofService(check.service, context),
        ...given(check),
      };
      return checkTemplate({
        ...none,
        ...asked,
        path: quote(asked.path),
        host: quote(asked.host),
        name,
        kind: check.kind,
        address: check.address,
        seconds: seconds(check.timeout_ms),
      });
    }
    case 'tcp':
      return checkTemplate({
        ...none,
        name,
        kind: check.kind,
        address: check.address,
        port: check.port,
        seconds: seconds(check.timeout_ms),
      });
    case 'process':
      return checkTemplate({ ...none, name, kind: check.kind, process: check.process });
    case 'composite':
      return checkTemplate({
        ...none,
        name,
        kind: check.kind,
        scripts: check.all.map((other) => checkPath(context.vars, other)),
      });
  }
}

function given(check: Extract<CheckVars, { kind: 'http' }>) {
  return Object.fromEntries(
    Object.entries({ port: check.port, path: check.path, host: check.host }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

/** The health endpoint that the role of the same host declares. */
function ofService(service: 'nginx' | 'haproxy' | undefined, { host }: RoleContext<CheckScriptVars>) {
  const nginx = host.vars.get('nginx') as NginxVars | undefined;
  const haproxy = host.vars.get('haproxy') as HaproxyVars | undefined;
  if (service === 'nginx' && nginx !== undefined) {
    return { port: nginx.port, path: nginx.health.path, host: nginx.health.server_name };
  }
  if (service === 'haproxy' && haproxy !== undefined) {
    return { port: haproxy.local.port, path: '/healthz' };
  }
  return {};
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
