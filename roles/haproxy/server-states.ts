import type { Cluster, ClusterHost, Output, Query, Reads, Seen } from 'run-playbook';
import { answersOn, socketOn, socketsOf } from './admin-socket.ts';

/** What one HAProxy says of one server. */
export interface ServerState {
  readonly backend: string;
  readonly server: string;
  /** `UP`, `DOWN`, `MAINT`, `DRAIN`, `no check`, with what it is about to become. */
  readonly status: string;
  /** How the last check ended: `L7OK`; `INI` or nothing before the first one. */
  readonly check: string;
}

/** What a check reads to know the servers' states on every host. */
export function stateReads(cluster: Cluster): Reads {
  return Object.fromEntries(socketsOf(cluster).map((socket) => [socket, statesOn(socket)]));
}

/** The servers as the HAProxy of this host sees them; undefined when it does not answer. */
export function statesBy(host: ClusterHost, seen: Seen): readonly ServerState[] | undefined {
  const { exit, stdout } = seen.answer(statesOn(socketOn(host)));
  const [head = '', ...rows] = stdout.split('\n').filter((row) => row !== '');
  const names = head.replace(/^# /, '').split(',');
  const column = (row: readonly string[], name: string) => row[names.indexOf(name)] ?? '';
  return exit === 0 && names[0] === 'pxname'
    ? rows
        .map((row) => row.split(','))
        .map((row) => ({
          backend: column(row, 'pxname'),
          server: column(row, 'svname'),
          status: column(row, 'status'),
          check: column(row, 'check_status').replace(/^\* ?/, ''),
        }))
    : undefined;
}

/** It gets requests, and a check has said that it may; without checks there is nothing to wait for. */
export function isUp({ status, check }: ServerState): boolean {
  return status === 'no check' || (status.startsWith('UP') && /^L\dOKC?$/.test(check));
}

function statesOn(socket: string): Query<Output> {
  return answersOn(socket, 'print ask("show stat -1 4 -1");');
}
