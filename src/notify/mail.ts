import type { MailTarget, Notification } from '../core/notify.ts';
import { closing, findingLines, headline } from './words.ts';

/** RFC 2045: lines of base64 have at most this many characters. */
const LINE = 76;
/** RFC 2047: an encoded word has at most 75 characters, this many bytes of text. */
const WORD_BYTES = 42;

/** A message as sendmail takes it on stdin. */
export function mailText({ to, from }: MailTarget, message: Notification, now: Date): string {
  const headers = [
    ...(from === undefined ? [] : [`From: ${from}`]),
    `To: ${to.join(', ')}`,
    `Subject: ${headerText(`[run-playbook] ${headline(message)}`)}`,
    `Date: ${now.toUTCString().replace('GMT', '+0000')}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
  ];
  const lines = findingLines(message);
  const body = [headline(message), ...(lines.length === 0 ? [] : ['', ...lines]), '', closing(message), ''];
  const encoded =
    Buffer.from(body.join('\n'))
      .toString('base64')
      .match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return `${[...headers, '', ...encoded].join('\n')}\n`;
}

/** Text in a header: no text can begin a header of its own. */
function headerText(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, ' ');
  if (/^[\x20-\x7e]*$/.test(line)) {
    return line;
  }
  const words: string[] = [];
  let word = '';
  for (const character of line) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`).join('\n ');
}
