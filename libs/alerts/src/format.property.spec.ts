import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MergedAlert } from './event.ts';
import { escapeHtml, formatAlert, formatDigest, MESSAGE_LIMIT, plainText, TRUNCATION_MARK } from './format.ts';

const settings = { numRuns: 100 };

/** Texts that hurt: every UTF-16 unit, halves of pairs, markup, entities, long runs of what escapes to five units. */
const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('<b>', '</b>', '&lt;', '&amp;', '&', '<', '>', '😀', '\n', '\r\n', '… (truncated)'),
);
const text = fc
  .tuple(fc.array(piece, { maxLength: 8 }), fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 400 })))
  .map(([pieces, times]) => pieces.join('').repeat(times));

const alerts: fc.Arbitrary<MergedAlert> = fc.record({
  event: fc.constant('component_failed' as const),
  severity: fc.constantFrom('INFO', 'WARNING', 'ERROR', 'CRITICAL'),
  title: text,
  body: fc.array(text, { maxLength: 6 }),
  details: fc.array(text, { maxLength: 9 }),
  ids: fc.uniqueArray(fc.integer({ min: 1, max: 2147483647 }), { maxLength: 40 }),
  runId: text,
});
const frames = fc.record({
  host: text,
  atMs: fc.integer({ min: 0, max: 4e12 }),
  suppressedCount: fc.nat({ max: 1000 }),
});

function expectSendable(html: string): void {
  expect(html.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
  // exactly one pair of tags, and outside of it no bracket
  expect(html.match(/[<>]/g)).toHaveLength(4);
  expect(html).toMatch(/^[^<>]*<b>[^<>]*<\/b>[^<>]*$/);
  // every ampersand begins a whole entity
  expect(html.replace(/&(amp|lt|gt);/g, '')).not.toContain('&');
  expect(html).not.toMatch(/\p{Surrogate}/u);
}

describe('formatAlert', () => {
  it('always makes a text Telegram can read', () => {
    fc.assert(
      fc.property(alerts, frames, (alert, frame) => expectSendable(formatAlert(alert, frame))),
      settings,
    );
  });
  it('closes with the mark exactly when something did not fit', () => {
    fc.assert(
      fc.property(alerts, frames, (alert, frame) => {
        const html = formatAlert(alert, frame);
        const isWhole = !html.endsWith(`\n${TRUNCATION_MARK}`);
        const shownDetails = alert.details
          .slice(0, 5)
          .map((detail) => escapeHtml(printable(detail).replaceAll('\n', ' ')));
        const body = escapeHtml(printable(alert.body.join('\n')));
        if (isWhole) for (const part of [body, ...shownDetails]) expect(html).toContain(part);
        else expect(body.length + shownDetails.join('\n• ').length).toBeGreaterThan(1000);
      }),
      settings,
    );
  });
  it('is the same text without markup as plain text, never longer', () => {
    fc.assert(
      fc.property(alerts, frames, (alert, frame) => {
        const html = formatAlert(alert, frame);
        const [before, inside, after] = html.split(/<\/?b>/);
        expect(escapeHtml(plainText(html))).toBe(before + inside + after);
        expect(plainText(html).length).toBeLessThan(html.length);
      }),
      settings,
    );
  });
});

describe('formatDigest', () => {
  it('always makes a text Telegram can read', () => {
    const drafts = fc.array(fc.record({ alert: alerts, suppressedCount: fc.nat({ max: 9 }) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(drafts, frames, (many, frame) => expectSendable(formatDigest(many, frame))),
      settings,
    );
  });
});

/** What the layout makes of raw text, written a second time on purpose. */
function printable(raw: string): string {
  const lines = raw.split(/\r\n|[\r\u2028\u2029]/).join('\n');
  const shown = [...lines].map((c) => (c !== '\n' && /\p{Cc}/u.test(c) ? ' ' : c)).join('');
  return shown.trimEnd();
}
