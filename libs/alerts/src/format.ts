import { type MergedAlert } from './event.ts';
import { type AlertSeverity } from './threshold.ts';

/** Telegram's limit for a text, in UTF-16 units; counted on the text with its markup, which is the stricter reading. */
export const MESSAGE_LIMIT = 4096;

/** The last line of a text that had to be shortened. */
export const TRUNCATION_MARK = '… (truncated)';

const SHOWN_DETAILS = 5;
const SHOWN_IDS = 20;
const TITLE_LIMIT = 256;
const NAME_LIMIT = 64;

const EMOJI: Readonly<Record<AlertSeverity, string>> = { CRITICAL: '🔴', ERROR: '🟠', WARNING: '🟡', INFO: '🔵' };

/** What a message shows besides the alert itself. */
export interface MessageFrame {
  readonly host: string;
  /** Epoch ms of the message; shown in UTC. */
  readonly atMs: number;
  /** Earlier messages that were held back; 0 shows nothing. */
  readonly suppressedCount: number;
}

/** Escapes the three characters that are markup in Telegram's HTML; a lone surrogate becomes U+FFFD. */
export function escapeHtml(text: string): string {
  return replaceLoneSurrogates(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Lays an alert out as Telegram HTML of at most 4096 UTF-16 units. Every value is escaped before markup is added. A message that
 * is too long loses its details first, then the end of its body, and its last line is `… (truncated)`; no tag, entity or
 * surrogate pair is cut in two.
 */
export function formatAlert(alert: MergedAlert, frame: MessageFrame): string {
  const head = headLine(alert.severity, alert.title, frame.suppressedCount);
  const foot = escapeHtml(
    [`run ${clip(alert.runId, NAME_LIMIT)}`, clip(frame.host, NAME_LIMIT), utcText(frame.atMs)].join(' · '),
  );
  return fit(head, [...alert.body, ...idsLine(alert)], alert.details, foot);
}

/**
 * Lays out one message for the alerts beyond the limit of a run, with one line for each.
 *
 * @param alerts at least one, sorted with the most urgent first
 */
export function formatDigest(
  alerts: readonly { readonly alert: MergedAlert; readonly suppressedCount: number }[],
  frame: Omit<MessageFrame, 'suppressedCount'>,
): string {
  const lines = alerts.map(({ alert, suppressedCount }) => {
    const ids = alert.ids.length === 0 ? '' : ` (${idsText(alert.ids)})`;
    return `${EMOJI[alert.severity]} [${alert.severity}] ${clip(alert.title, TITLE_LIMIT)}${ids}${suppressed(suppressedCount)}`;
  });
  const first = alerts[0].alert;
  return formatAlert(
    { ...first, title: `${alerts.length} more alerts in this run`, body: lines, details: [], ids: [] },
    { ...frame, suppressedCount: 0 },
  );
}

/** The text of a message without its markup, for the retry after Telegram refused the markup. */
export function plainText(html: string): string {
  // the only tags are ours; `&amp;` last, or `&amp;lt;` would become a bracket
  return html
    .replace(/<\/?b>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function headLine(severity: AlertSeverity, title: string, suppressedCount: number): string {
  const line = `<b>[${severity}] ${escapeHtml(clip(title, TITLE_LIMIT))}</b>`;
  return `${EMOJI[severity]} ${line}${suppressed(suppressedCount)}`;
}

function suppressed(count: number): string {
  return count > 0 ? ` (+${count} suppressed)` : '';
}

/** Ids as a line of their own, unless the body already lists exactly these. */
function idsLine({ ids, body }: MergedAlert): string[] {
  const list = `[${ids.join(', ')}]`;
  return ids.length === 0 || body.some((line) => line.includes(list)) ? [] : [idsText(ids)];
}

function idsText(ids: readonly number[]): string {
  const shown = ids.slice(0, SHOWN_IDS).join(', ');
  return ids.length > SHOWN_IDS ? `IDs: [${shown}, … and ${ids.length - SHOWN_IDS} more]` : `IDs: [${shown}]`;
}

function fit(head: string, body: readonly string[], details: readonly string[], foot: string): string {
  const bodyText = clean(body.join('\n'));
  const wanted = Math.min(SHOWN_DETAILS, details.length);
  for (let shown = wanted; shown >= 0; shown--) {
    const lines = detailLines(details, shown);
    // escaping a text of megabytes only to see that it does not fit would be a waste
    if (bodyText.length + lines.length > MESSAGE_LIMIT) continue;
    const middle = [bodyText, lines].filter((part) => part !== '').map(escapeHtml);
    const text = layOut(head, middle.join('\n'), foot, shown < wanted);
    if (text.length <= MESSAGE_LIMIT) return text;
  }
  const room = MESSAGE_LIMIT - layOut(head, '…', foot, true).length;
  return layOut(head, `${escapedPrefix(bodyText, room).trimEnd()}…`, foot, true);
}

function detailLines(details: readonly string[], shown: number): string {
  const lines = details.slice(0, shown).map((detail) => `• ${clean(detail).replaceAll('\n', ' ')}`);
  if (details.length > shown) lines.push(`… and ${details.length - shown} more`);
  return lines.join('\n');
}

function layOut(head: string, middle: string, foot: string, isTruncated: boolean): string {
  const parts = middle === '' ? [head, foot] : [head, middle, foot];
  return parts.join('\n\n') + (isTruncated ? `\n${TRUNCATION_MARK}` : '');
}

/** The longest escaped beginning of a raw text within a number of units: whole code points, whole entities. */
function escapedPrefix(raw: string, maxUnits: number): string {
  let out = '';
  for (const character of raw) {
    const escaped = escapeHtml(character);
    if (out.length + escaped.length > maxUnits) break;
    out += escaped;
  }
  return out;
}

/** One line of at most `maxUnits` raw units; the rest becomes an ellipsis. */
function clip(text: string, maxUnits: number): string {
  const line = clean(text).replaceAll('\n', ' ').trim();
  if (line.length <= maxUnits) return line;
  const cut = line.slice(0, maxUnits - 1);
  // a high surrogate at the end has lost its other half
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Line ends of any kind become `\n`; other control characters, which Telegram refuses or drops, become blanks. */
function clean(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/(?!\n)\p{Cc}/gu, ' ')
    .trimEnd();
}

function replaceLoneSurrogates(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function utcText(epochMs: number): string {
  const instant = new Date(epochMs);
  return Number.isNaN(instant.getTime()) ? 'time unknown' : `${instant.toISOString().slice(0, 19)}Z`;
}
