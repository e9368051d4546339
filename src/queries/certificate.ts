import type { Family, Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** A file with a certificate in PEM, links followed. */
export interface CertificateFile {
  /** The first certificate in it, and nothing else that may be in it, such as a key; undefined when there is none. */
  readonly pem: string | undefined;
  /** How long ago it was written, by the host's own clock; undefined when it does not exist. */
  readonly ageSeconds: number | undefined;
}

const certificates: Family<CertificateFile> = {
  name: 'certificate',
  scripts: (paths) =>
    paths.map(
      (path) => sh`echo $(($(date +%s) - $(stat -L -c %Y -- ${path}))) || exit 1
sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p;/^-----END CERTIFICATE-----/q' -- ${path}`,
    ),
  parse: (frames, paths) =>
    new Map(
      paths.map((path, index) => {
        const [age = '', ...lines] = frames[index]?.stdout.toString('utf8').split('\n') ?? [];
        const pem = lines.join('\n').trim();
        return [
          path,
          {
            pem: pem === '' ? undefined : pem,
            ageSeconds: frames[index]?.exit === 0 && /^-?\d+$/.test(age) ? Number(age) : undefined,
          },
        ] as const;
      }),
    ),
};

/** The certificate that a file begins with; keys beside it never leave the host. */
export function certificateAt(path: string): Query<CertificateFile> {
  return { family: certificates, key: path };
}
