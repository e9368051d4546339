import type { Secret } from 'run-playbook';
import type { HaproxyVars } from './vars.ts';

/** One word of a configuration, with its quotes: `'it''s'`, `"a b"`, `a\ b`. */
const WORD = String.raw`(?:\\.|'[^'\n]*'|"(?:\\.|[^"\\\n])*"|[^\s'"\\])+`;

/** Names of headers and of variables whose values let somebody in; looked at once, whatever a host has there. */
const NAME = String.raw`(?=\S*(?:authorization|password|secret|token|api-?key))\S+`;

/** Every secret that is declared as one and stands in the files. */
export function secretsOf({ certificates, userlists, local }: HaproxyVars): readonly Secret[] {
  return [
    ...Object.values(certificates),
    ...Object.values(userlists).flatMap((users) => Object.values(users)),
    ...(local.stats_auth === undefined ? [] : [local.stats_auth.password]),
  ];
}

/** Where secrets stand in the files, whoever wrote them; a line that is commented out has its secret still. */
export const CONCEALED: readonly RegExp[] = [
  /^[ \t#]*stats\s+auth\s+(.+)$/gm,
  new RegExp(String.raw`^[ \t#]*user\s.*?\b(?:insecure-)?password\s+(${WORD})`, 'gm'),
  // `http-request set-header Authorization "Basic …"`, `http-check send hdr …`, `{ req.hdr(authorization) -m str … }`
  new RegExp(String.raw`\b(?:(?:set|add|replace)-(?:header|value)|hdr)[\s(]+${NAME}\s+(.+)$`, 'gim'),
  new RegExp(String.raw`^[ \t#]*(?:pre)?setenv\s+${NAME}\s+(.+)$`, 'gim'),
  /\btcp-check\s+send(?:-lf)?\s+["']?(?:AUTH|PASS)\b\\?\s+(.+)$/gim,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----\n([^-]+)-----END/g,
];

/** A text whose digest is no hint at a password. */
export function withoutSecrets(text: string): string {
  return CONCEALED.reduce(
    (left, pattern) =>
      left.replaceAll(pattern, (found: string, secret: string) => found.slice(0, found.lastIndexOf(secret))),
    text,
  );
}
