import { expect, test } from 'vitest';
import { listenerObservations, type Listening } from '../../src/checks/listeners.ts';

const WANTED = { address: '0.0.0.0', port: 80 };

/** What is told of listeners as `nginx 0.0.0.0:80`. */
function told(listeners: readonly string[], listening: Partial<Listening> = {}) {
  const found = listeners.map((text) => {
    const [name = '', address = '', port] = text.split(/ |:(?=\d+$)/);
    return { address, port: Number(port), processes: name === '?' ? [] : [{ name, pid: 1 }] };
  });
  const subject = { host: 'svr1', program: 'nginx', wanted: [WANTED], besides: [], ...listening };
  return listenerObservations(subject, found).map(
    ({ item, found: is, expected }) => `${item} ${is} / ${expected}`,
  );
}

test('the sockets of the configuration are no news', () => {
  expect(told(['nginx 0.0.0.0:80', 'sshd 0.0.0.0:22'])).toEqual([]);
});

test('a socket that the program has beside its configuration is told, once', () => {
  expect(told(['nginx 0.0.0.0:80', 'nginx 0.0.0.0:81', 'nginx 0.0.0.0:81'])).toEqual([
    '0.0.0.0:81/tcp nginx, beside its configuration / nobody',
  ]);
  expect(told(['nginx 0.0.0.0:80', 'nginx 0.0.0.0:81'], { besides: undefined })).toEqual([]);
  expect(
    told(['nginx 0.0.0.0:80', 'nginx 0.0.0.0:81'], { besides: [{ address: '0.0.0.0', port: 81 }] }),
  ).toEqual([]);
});

test('a listener that takes more than is wanted is told', () => {
  expect(told(['nginx 0.0.0.0:80'], { wanted: [{ address: '10.0.0.1', port: 80 }] })).toEqual([
    '0.0.0.0:80/tcp nginx, beside its configuration / nobody',
  ]);
  expect(told(['nginx *:80'])).toEqual(['*:80/tcp nginx, beside its configuration / nobody']);
});

test('a socket that nobody has is told of a program that runs', () => {
  expect(told(['nginx 127.0.0.1:80'])).toEqual(['0.0.0.0:80/tcp nobody / nginx']);
  expect(told([])).toEqual([]);
});

test('a socket that somebody else has is told, whether the program runs or not', () => {
  expect(told(['apache2 10.0.0.1:80'])).toEqual(['0.0.0.0:80/tcp apache2 / nginx']);
  expect(told(['? 0.0.0.0:80', 'nginx 0.0.0.0:443'], { besides: undefined })).toEqual([
    '0.0.0.0:80/tcp no process that ss names / nginx',
  ]);
});

test('IPv6 is told in brackets', () => {
  expect(told(['nginx :::80'], { wanted: [] })).toEqual([
    '[::]:80/tcp nginx, beside its configuration / nobody',
  ]);
});
