import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { askFromController } from '../../src/stages/ask.ts';
import { CERTIFICATE, KEY } from '../watch/certificate.ts';

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

const teapot: RequestListener = (request, response) => {
  response.writeHead(418, { 'X-Asked': `${request.headers.host} ${request.url}` }).end('short and stout');
};

/** Where it listens. */
async function listening(one: Server): Promise<string> {
  server = one;
  await new Promise((resolve) => {
    one.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  return `127.0.0.1:${(one.address() as AddressInfo).port}`;
}

const TIME = { timeoutMs: 5000 };

test('an answer is told whatever its status, and the Host header is the one asked for', async () => {
  const where = await listening(createServer(teapot));
  expect(await askFromController.http(`http://${where}/tea`, { ...TIME, host: 'pot' })).toMatchObject({
    status: 418,
    headers: { 'x-asked': 'pot /tea' },
  });
});

test('over TLS the certificate counts, unless it is not to be verified', async () => {
  const where = await listening(createTlsServer({ key: KEY, cert: CERTIFICATE }, teapot));
  const url = `https://${where}/tea`;
  await expect(askFromController.http(url, TIME)).rejects.toThrow(/self-signed certificate/);
  expect(await askFromController.http(url, { ...TIME, verify: false, host: 'pot' })).toMatchObject({
    status: 418,
    headers: { 'x-asked': 'pot /tea' },
  });
});
