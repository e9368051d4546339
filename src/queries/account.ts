import { accountName } from '../core/host-argument.ts';
import { refuseFailed, type Family, type Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** A user account, as in passwd(5). */
export interface AccountState {
  readonly exists: boolean;
  readonly home: string;
  readonly shell: string;
}

const accounts: Family<AccountState> = {
  name: 'account',
  scripts: (names) => [sh`getent passwd ${names}`],
  parse([frame], names) {
    refuseFailed('getent', frame, 2);
    const entries = new Map(
      (frame?.stdout.toString('utf8') ?? '').split('\n').map((line) => {
        const fields = line.split(':');
        return [fields[0] ?? '', { exists: true, home: fields[5] ?? '', shell: fields[6] ?? '' }] as const;
      }),
    );
    return new Map(names.map((name) => [name, entries.get(name) ?? { exists: false, home: '', shell: '' }]));
  },
};

/** Whether a user exists, and how. @throws TypeError it is no name of a user */
export function accountNamed(name: string): Query<AccountState> {
  return { family: accounts, key: accountName(name) };
}
