import { drawnHosts, type DrawnHost } from './drift-topology-hosts.ts';
import type { VipStatus } from '../core/status.ts';
import type { PageWriting } from './drift-page-findings.ts';
import type { Markup, Tag } from './markup.ts';

/** Pixels, as wide as the text is meant to be read. */
const LINE = 20;
const PADDING = 14;
const GAP = 32;
const PILL = { width: 210, height: 34, gap: 14 };
/** Between a row of hosts and what is above it: room for the lines to the virtual IPs. */
const ROW_GAP = 48;
const LANE = 7;

/** How wide a drawing is, and how many hosts stand beside each other in it. */
export interface Frame {
  readonly name: string;
  readonly width: number;
  readonly columns: number;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Drawing {
  readonly hosts: readonly { readonly host: DrawnHost; readonly box: Box; readonly row: number }[];
  readonly pills: readonly { readonly vip: VipStatus; readonly box: Box }[];
  /** Upper edge of each row of hosts. */
  readonly tops: readonly number[];
  readonly height: number;
}

/** The virtual IPs and the hosts that hold them or may, as a drawing that says what it shows to those who cannot see it. */
export function topology({ report, html, ink }: PageWriting, frame: Frame): Markup {
  const drawing = laidOut(drawnHosts(report, ink.line), report.cluster.vips, frame);
  const { height, hosts, pills } = drawing;
  const [title, description] = [`topology-${frame.name}`, `topology-${frame.name}-text`];
  return html`<svg
    class="topology ${frame.name}"
    role="img"
    aria-labelledby="${title}"
    aria-describedby="${description}"
    viewBox="0 0 ${frame.width} ${height}"
    width="${frame.width}"
    height="${height}"
  >
    <title id="${title}">Virtual IPs and hosts as they stand</title>
    <desc id="${description}">${described(drawing)}</desc>
    ${edges(drawing, html)} ${pills.map(({ vip, box }) => pill(vip, box, html))}
    ${hosts.map(({ host, box }) => card(host, box, html))}
  </svg>`;
}

function described({ hosts, pills }: Drawing): string {
  return [
    ...pills.map(
      ({ vip: { vip, holders } }) => `VIP ${vip} is held by ${holders.join(' and ') || 'nobody'}.`,
    ),
    ...hosts.map(({ host }) => `${[`${host.name}: ${host.status}`, ...host.facts].join(', ')}.`),
  ].join(' ');
}

function laidOut(
  all: readonly DrawnHost[],
  vips: readonly VipStatus[],
  { width, columns: most }: Frame,
): Drawing {
  const columns = Math.max(1, Math.min(most, all.length === 4 ? 2 : all.length));
  const gutter = all.length > columns ? 8 + LANE * vips.length : 0;
  const cardWidth = Math.min(312, (width - gutter - GAP * (columns - 1)) / columns);
  const left = gutter + (width - gutter - columns * cardWidth - (columns - 1) * GAP) / 2;
  const pills = pillRows(vips, { left: gutter, room: width - gutter });
  const tops: number[] = [];
  const hosts: Drawing['hosts'][number][] = [];
  let bottom = Math.max(2 - ROW_GAP, ...pills.map(({ box }) => box.y + box.height));
  for (let first = 0; first < all.length; first += columns) {
    const row = all.slice(first, first + columns);
    const y = bottom + ROW_GAP;
    const height = Math.max(...row.map(heightOf));
    row.forEach((host, column) => {
      const box = { x: left + column * (cardWidth + GAP), y, width: cardWidth, height };
      hosts.push({ host, box, row: tops.length });
    });
    tops.push(y);
    bottom = y + height;
  }
  return { hosts, pills, tops, height: bottom + 2 };
}

/** Wide enough for the longest address, as many beside each other as there is room for. */
function pillRows(
  vips: readonly VipStatus[],
  { left, room }: { readonly left: number; readonly room: number },
): Drawing['pills'] {
  const longest = Math.max(0, ...vips.map(({ vip }) => vip.length));
  const width = Math.min(room, Math.max(PILL.width, 70 + 9 * longest));
  const { height, gap } = PILL;
  const perRow = Math.max(1, Math.floor((room + gap) / (width + gap)));
  return vips.map((vip, index) => {
    const [row, column] = [Math.floor(index / perRow), index % perRow];
    const inRow = Math.min(perRow, vips.length - row * perRow);
    const start = left + (room - inRow * width - (inRow - 1) * gap) / 2;
    return { vip, box: { x: start + column * (width + gap), y: 2 + row * (height + gap), width, height } };
  });
}

function heightOf({ lines, hasRoom }: DrawnHost): number {
  return 2 * PADDING + LINE * (lines.length + (hasRoom ? 1 : 2));
}

/** Lines to hosts that do not hold it first, so that the others lie above them. */
function edges({ hosts, pills, tops }: Drawing, html: Tag): readonly Markup[] {
  const drawn = pills.flatMap(({ vip, box: from }, lane) =>
    hosts
      .filter(({ host }) => vip.members.includes(host.name) || vip.holders.includes(host.name))
      .map(({ host, box, row }) => {
        const isHeld = vip.holders.includes(host.name);
        const shift = (lane - (pills.length - 1) / 2) * LANE * 2;
        const bus = (index: number) => (tops[index] ?? 0) - 16 - lane * LANE;
        const entry = box.x + box.width / 2 + shift;
        const start = `M${from.x + from.width / 2 + (from.y === pills.at(-1)?.box.y ? 0 : shift)} ${from.y + from.height}V${bus(0)}`;
        const around = row === 0 ? '' : `H${4 + lane * LANE}V${bus(row)}`;
        const kind = !isHeld ? 'spare' : vip.holders.length === 1 ? 'held' : 'torn';
        const path = html`<path class="edge ${kind}" d="${`${start}${around}H${entry}V${box.y}`}" />`;
        return { isHeld, path };
      }),
  );
  return drawn.toSorted((a, b) => Number(a.isHeld) - Number(b.isHeld)).map(({ path }) => path);
}

function pill({ vip, holders }: VipStatus, { x, y, width, height }: Box, html: Tag): Markup {
  const isWell = holders.length === 1;
  return html`<svg
    x="${x}"
    y="${y}"
    width="${width}"
    height="${height}"
    class="${isWell ? 'ok' : 'degraded'}"
  >
    <rect class="pill" x="1" y="1" width="${width - 2}" height="${height - 2}" rx="${height / 2 - 1}" />
    <text class="strong" x="${width / 2}" y="${height / 2 + 5}" text-anchor="middle">
      ${isWell ? '✓' : '✗'} VIP ${vip}
    </text>
  </svg>`;
}

function card(host: DrawnHost, { x, y, width, height }: Box, html: Tag): Markup {
  const baseline = (index: number) => PADDING + 14 + index * LINE;
  const [status, below] = host.hasRoom ? [width - PADDING, 0] : [PADDING, 1];
  return html`<svg x="${x}" y="${y}" width="${width}" height="${height}" class="${host.kind}">
    <rect class="card" x="1" y="1" width="${width - 2}" height="${height - 2}" rx="8" />
    <text class="strong" x="${PADDING}" y="${baseline(0)}">${host.title}</text>
    <text class="status" x="${status}" y="${baseline(below)}" text-anchor="${host.hasRoom ? 'end' : 'start'}">
      ${host.status}
    </text>
    ${host.lines.map(
      ({ mark, text, isWrong }, index) =>
        html`<text class="${isWrong ? 'wrong' : 'line'}" x="${PADDING}" y="${baseline(below + index + 1)}">
          ${mark} ${text}
        </text>`,
    )}
  </svg>`;
}
