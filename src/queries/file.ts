import { pathOnHost } from '../core/host-argument.ts';
import { ProbeIncomplete, refuseFailed, type Family, type Frame, type Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** What stands at a path. */
export type FileState =
  | { readonly type: 'absent' }
  | { readonly type: 'link'; readonly linksTo: string }
  | {
      readonly type: 'file';
      /** Octal, four digits: `0644`. */
      readonly mode: string;
      readonly owner: string;
      readonly group: string;
      readonly sizeBytes: number;
      /** Last change of the content, seconds since 1970 with fraction. */
      readonly modifiedAt: number;
      /** `undefined` when larger than `CONTENT_MAX_BYTES`. */
      readonly content: Buffer | undefined;
    }
  | {
      readonly type: 'directory';
      readonly mode: string;
      readonly owner: string;
      readonly group: string;
    }
  | { readonly type: 'other' };

/** Larger files are compared by size and declared digest only. */
export const CONTENT_MAX_BYTES = 256 * 1024;

const SMALL_FILES = `-type f -size -${CONTENT_MAX_BYTES + 1}c`;

/** What `find` prints of each file, a NUL after each: paths and link targets may hold anything else. */
const FIELDS = 8;

/** All files of a host in two runs of `find`: their metadata, then the bytes of the regular ones. */
const files: Family<FileState> = {
  name: 'file',
  scripts: (paths) => [
    sh`find ${paths} -maxdepth 0 -printf '%y\\0%m\\0%u\\0%g\\0%s\\0%T@\\0%l\\0%p\\0'`,
    sh`find ${paths} -maxdepth 0 ${{ text: SMALL_FILES, secrets: [] }} -exec cat -- {} +`,
  ],
  parse(frames, paths) {
    const [metadata, contents] = frames as readonly [Frame, Frame];
    refuseFailed('find', metadata, 1);
    refuseFailed('find', contents, 1);
    const states = new Map<string, FileState>(paths.map((path) => [path, { type: 'absent' }]));
    let offset = 0;
    const fields = metadata.stdout.toString('utf8').split('\0');
    for (let start = 0; start + FIELDS < fields.length; start += FIELDS) {
      const record = fields.slice(start, start + FIELDS);
      const { path, state, contentBytes } = parseRecord(record, contents.stdout, offset);
      states.set(path, state);
      offset += contentBytes;
    }
    if (offset !== contents.stdout.length) {
      throw new ProbeIncomplete('a file changed while it was read');
    }
    return states;
  },
};

/** The state of one path, links not followed. @throws TypeError it is no absolute path */
export function fileAt(path: string): Query<FileState> {
  return { family: files, key: pathOnHost(path) };
}

function parseRecord(record: readonly string[], contents: Buffer, offset: number) {
  const [type, mode = '', owner = '', group = '', size = '', modified = '', linksTo = '', path = ''] = record;
  const access = { mode: mode.padStart(4, '0'), owner, group };
  const sizeBytes = Number(size);
  if (type === 'f') {
    const contentBytes = sizeBytes <= CONTENT_MAX_BYTES ? sizeBytes : 0;
    const content =
      sizeBytes <= CONTENT_MAX_BYTES ? contents.subarray(offset, offset + sizeBytes) : undefined;
    const state: FileState = { type: 'file', ...access, sizeBytes, modifiedAt: Number(modified), content };
    return { path, state, contentBytes };
  }
  return { path, state: otherState(type, access, linksTo), contentBytes: 0 };
}

function otherState(
  type: string | undefined,
  access: { readonly mode: string; readonly owner: string; readonly group: string },
  linksTo: string,
): FileState {
  switch (type) {
    case 'd':
      return { type: 'directory', ...access };
    case 'l':
      return { type: 'link', linksTo };
    default:
      return { type: 'other' };
  }
}
