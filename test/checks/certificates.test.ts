import { expect, test } from 'vitest';
import { endingCertificates, readCertificate } from '../../src/checks/certificates.ts';
import { CERTIFICATE, KEY } from '../watch/certificate.ts';

const DAY_MS = 86_400_000;

test('a certificate tells its end and its number, anything else nothing', () => {
  expect(readCertificate(CERTIFICATE)).toEqual({
    endsAt: Date.parse('2126-10-29T23:01:14Z'),
    serial: '73535F32C16F5C1FC35510B4A79E2D7170D34201',
  });
  expect([KEY, '', 'no PEM'].map(readCertificate)).toEqual([undefined, undefined, undefined]);
});

test('one that ends soon is drift, one that has ended degrades the service, and others are no news', () => {
  const ending = [300, 13, -1].map((days) => ({
    host: 'svr1',
    name: `/${days}.pem`,
    endsAt: Date.now() + days * DAY_MS,
  }));
  expect(endingCertificates(ending, { days: 14, hint: 'renew it' })).toMatchObject([
    { item: 'certificate /13.pem', severity: 'drift', found: expect.stringMatching(/^ends on \d{4}-/) },
    { item: 'certificate /-1.pem', severity: 'degraded', found: expect.stringMatching(/^ended on \d{4}-/) },
  ]);
  expect(endingCertificates(ending, { days: 0, hint: '' })).toEqual([]);
});
