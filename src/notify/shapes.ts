import type { Notification, WebhookTarget } from '../core/notify.ts';
import { closing, findingLines, headline } from './words.ts';

/** Slack refuses a section with more; api.slack.com/reference/block-kit/blocks. */
const SLACK_SECTION = 2900;

/** What a webhook is sent. */
export function bodyFor({ shape }: WebhookTarget, message: Notification): unknown {
  switch (shape) {
    case 'json':
      return message;
    case 'slack':
      return slackBody(message);
    case 'teams':
      return teamsBody(message);
  }
}

function slackBody(message: Notification): unknown {
  const lines = findingLines(message).map((line) => `• ${escaped(line)}`);
  return {
    text: escaped(headline(message)),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: headline(message).slice(0, 150) } },
      ...(lines.length === 0
        ? []
        : [{ type: 'section', text: markup(lines.join('\n').slice(0, SLACK_SECTION)) }]),
      { type: 'context', elements: [markup(escaped(closing(message)))] },
    ],
  };
}

function markup(text: string): unknown {
  return { type: 'mrkdwn', text };
}

/** Slack's three control characters; everything else is text, api.slack.com/reference/surfaces/formatting. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** An adaptive card, as the webhooks of Teams' workflows take it. */
function teamsBody(message: Notification): unknown {
  const color = message.state === 'in-sync' ? 'good' : message.state === 'drifted' ? 'warning' : 'attention';
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            block(headline(message), { weight: 'bolder', size: 'medium', color }),
            ...findingLines(message).map((line) => block(line, { spacing: 'small' })),
            block(closing(message), { isSubtle: true, size: 'small' }),
          ],
        },
      },
    ],
  };
}

function block(text: string, more: Readonly<Record<string, unknown>>): unknown {
  return { type: 'TextBlock', text: withoutMarkdown(text), wrap: true, ...more };
}

/** Paths and names are shown as they are. */
function withoutMarkdown(text: string): string {
  return text.replaceAll(/[\\*_[\]`~]/g, String.raw`\$&`);
}
