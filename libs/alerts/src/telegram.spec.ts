import { describe, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../test/virtual-clock.ts';
import { AlertError } from './errors.ts';
import { type AlertTransport, type TransportAnswer, type TransportRequest } from './ports.ts';
import { createScrub } from './secret.ts';
import { type Allowance, createTelegramChat, type Delivery } from './telegram.ts';

const botToken = '7654321:AAH-planted';
const target = { botToken, chatId: '-100200', apiBase: 'https://api.telegram.org' };

type Step = Partial<TransportAnswer> | AlertError | Error;

const ok: Step = { status: 200, body: '{"ok":true}' };
const offline = new AlertError('ALERT_NETWORK', 'network error (ECONNREFUSED)');
const late = new AlertError('ALERT_TIMEOUT', 'no complete answer within 10000 ms');
const limited = (retryAfter?: number, header: string | null = null): Step => ({
  status: 429,
  retryAfter: header,
  body: JSON.stringify({ ok: false, error_code: 429, parameters: { retry_after: retryAfter } }),
});
const refused = (status: number, description: string, parameters: object = {}): Step => ({
  status,
  body: JSON.stringify({ ok: false, error_code: status, description, parameters }),
});

interface Play {
  readonly delivery: Delivery;
  readonly requests: TransportRequest[];
  readonly waits: number[];
}

async function play(steps: readonly Step[], allow?: (clock: VirtualClock) => Allowance): Promise<Play> {
  const clock = virtualClock();
  const requests: TransportRequest[] = [];
  const transport: AlertTransport = async (request) => {
    const step = steps[requests.push(request) - 1];
    if (step instanceof Error) throw step;
    return { status: 200, retryAfter: null, body: null, ...step };
  };
  const chat = createTelegramChat({ target, transport, clock, scrub: createScrub(botToken), requestTimeoutMs: 10_000 });
  const endless = { remainingMs: () => 90_000 - clock.monotonicMs(), signal: new AbortController().signal };
  const delivery = await clock.until(chat.send('<b>a &lt; b</b>', allow?.(clock) ?? endless));
  return { delivery, requests, waits: clock.waits };
}

describe('the request', () => {
  it('posts HTML without link previews to the chat', async () => {
    const { delivery, requests } = await play([ok]);
    expect(delivery).toEqual({ isDelivered: true });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      url: 'https://api.telegram.org/bot7654321:AAH-planted/sendMessage',
      timeoutMs: 10_000,
    });
    expect(JSON.parse(requests[0].body)).toEqual({
      chat_id: '-100200',
      text: '<b>a &lt; b</b>',
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    });
  });
});

describe('a server that limits the rate', () => {
  it('is obeyed to the second', async () => {
    const { delivery, waits } = await play([limited(2), ok]);
    expect(delivery.isDelivered).toBe(true);
    expect(waits).toEqual([2000]);
  });
  it('is waited for 60 seconds at most', async () => {
    expect((await play([limited(3600), ok])).waits).toEqual([60_000]);
  });
  it('may name the time in the header instead', async () => {
    expect((await play([{ status: 429, retryAfter: '7', body: 'busy' }, ok])).waits).toEqual([7000]);
    expect((await play([limited(2, '7'), ok])).waits).toEqual([2000]);
  });
  for (const [name, step] of [
    ['no time', limited()],
    ['a date', limited(undefined, 'Fri, 02 Jan 2026 03:05:05 GMT')],
    ['a negative time', limited(-1)],
    ['no body', { status: 429, body: null }],
  ] as const) {
    it(`is waited for 5 seconds when it names ${name}`, async () => {
      expect((await play([step, ok])).waits).toEqual([5000]);
    });
  }
  it('is asked three times at most', async () => {
    const { delivery, requests, waits } = await play([limited(1), limited(1), limited(1), ok]);
    expect(requests).toHaveLength(3);
    expect(waits).toEqual([1000, 1000]);
    expect(delivery).toMatchObject({ isDelivered: false, code: 'ALERT_RATE_LIMITED' });
  });
});

describe('a failing network or server', () => {
  it('is tried again after 1 and 3 seconds', async () => {
    const { delivery, waits } = await play([offline, { status: 502, body: '<html>' }, ok]);
    expect(delivery.isDelivered).toBe(true);
    expect(waits).toEqual([1000, 3000]);
  });
  it('is given up after three attempts', async () => {
    for (const [step, code] of [
      [offline, 'ALERT_NETWORK'],
      [late, 'ALERT_TIMEOUT'],
      [{ status: 500 }, 'ALERT_SERVER'],
    ] as const) {
      const { delivery, requests } = await play([step, step, step, ok]);
      expect(requests).toHaveLength(3);
      expect(delivery).toMatchObject({ isDelivered: false, code });
    }
  });
  it('shares its three attempts with rate limits', async () => {
    const { requests, waits } = await play([offline, limited(2), { status: 503 }, ok]);
    expect(requests).toHaveLength(3);
    expect(waits).toEqual([1000, 2000]);
  });
});

describe('a refusal', () => {
  it('of the markup is answered with the plain text, once', async () => {
    const { delivery, requests, waits } = await play([
      refused(400, "Bad Request: can't parse entities: Unsupported start tag"),
      ok,
    ]);
    expect(delivery.isDelivered).toBe(true);
    expect(waits).toEqual([]);
    expect(JSON.parse(requests[1].body)).toEqual({
      chat_id: '-100200',
      text: 'a < b',
      link_preview_options: { is_disabled: true },
    });
  });
  it('of the markup twice is final', async () => {
    const { delivery, requests } = await play([refused(400, 'Bad entity'), refused(400, 'Bad entity'), ok]);
    expect(requests).toHaveLength(2);
    expect(delivery).toMatchObject({ code: 'ALERT_REFUSED' });
  });
  it('of the markup costs none of the three attempts', async () => {
    const { delivery } = await play([offline, offline, refused(400, 'Bad entity'), ok]);
    expect(delivery.isDelivered).toBe(true);
  });
  for (const [status, description, reason] of [
    [400, 'Bad Request: chat not found', 'HTTP 400 Bad Request: chat not found (check TELEGRAM_CHAT_ID)'],
    [401, 'Unauthorized', 'HTTP 401 Unauthorized (check TELEGRAM_BOT_TOKEN)'],
    [403, 'Forbidden', 'HTTP 403 Forbidden (the bot may not write to this chat: start it or add it)'],
    [404, 'Not Found', 'HTTP 404 Not Found (check TELEGRAM_BOT_TOKEN)'],
    [302, '', 'HTTP 302 (check TELEGRAM_API_BASE: redirects are not followed)'],
  ] as const) {
    it(`with ${status} is final and explained`, async () => {
      const { delivery, requests } = await play([refused(status, description), ok]);
      expect(requests).toHaveLength(1);
      expect(delivery).toEqual({ isDelivered: false, code: 'ALERT_REFUSED', reason });
    });
  }
  it('of a group that became a supergroup names its new id', async () => {
    const { delivery } = await play([refused(400, 'group upgraded', { migrate_to_chat_id: -100123 })]);
    expect(delivery).toMatchObject({ reason: 'HTTP 400 group upgraded (set TELEGRAM_CHAT_ID to -100123)' });
  });
});

describe('an answer that is odd', () => {
  it('counts as delivered when a 200 breaks off: once more would be twice', async () => {
    expect((await play([{ status: 200, body: null }])).delivery).toEqual({ isDelivered: true });
  });
  for (const body of ['<html>Welcome to our hotel</html>', '', '{}', 'null', '[1]', '{"ok":"yes"}']) {
    it(`counts as failed when a 200 says '${body}'`, async () => {
      const { delivery, requests } = await play([{ status: 200, body }, ok]);
      expect(requests).toHaveLength(1);
      expect(delivery).toMatchObject({ isDelivered: false, code: 'ALERT_ANSWER' });
    });
  }
  it('is judged by its own error code when a 200 says that it is none', async () => {
    const limitedInside = { status: 200, body: '{"ok":false,"error_code":429,"parameters":{"retry_after":4}}' };
    expect((await play([limitedInside, ok])).waits).toEqual([4000]);
    const deniedInside = { status: 200, body: '{"ok":false,"error_code":401,"description":"Unauthorized"}' };
    expect((await play([deniedInside, ok])).delivery).toMatchObject({ code: 'ALERT_REFUSED' });
  });
  it('is told in one short line', async () => {
    const { delivery } = await play([refused(400, `a\nb\u0007${'x'.repeat(5000)}`)]);
    expect(delivery).toMatchObject({
      reason: expect.stringMatching(/^HTTP 400 a b x{190,} \(check TELEGRAM_CHAT_ID\)$/),
    });
  });
});

describe('the time for alerts', () => {
  it('lets nothing start when it is used up', async () => {
    const { delivery, requests } = await play([ok], () => ({
      remainingMs: () => 0,
      signal: new AbortController().signal,
    }));
    expect(requests).toHaveLength(0);
    expect(delivery).toEqual({ isDelivered: false, code: 'ALERT_BUDGET', reason: 'no time left for alerts' });
  });
  it('shortens the request it has little left for', async () => {
    const { requests } = await play([ok], () => ({ remainingMs: () => 400, signal: new AbortController().signal }));
    expect(requests[0].timeoutMs).toBe(400);
  });
  it('is not spent on a wait that does not end in it', async () => {
    const { delivery, waits } = await play([limited(60), ok], () => ({
      remainingMs: () => 20_000,
      signal: new AbortController().signal,
    }));
    expect(waits).toEqual([]);
    expect(delivery).toMatchObject({
      code: 'ALERT_RATE_LIMITED',
      reason: expect.stringContaining('no time left to wait 60 s'),
    });
  });
  it('ends a request when it is over, also one that ignores its signal', async () => {
    const clock = virtualClock();
    const stop = new AbortController();
    const transport = () => new Promise<TransportAnswer>(() => undefined);
    const chat = createTelegramChat({ target, transport, clock, scrub: (text) => text, requestTimeoutMs: 10_000 });
    const sending = chat.send('x', { remainingMs: () => 1000, signal: stop.signal });
    stop.abort();
    expect(await sending).toMatchObject({ isDelivered: false, code: 'ALERT_BUDGET' });
  });
  it('ends a wait when it is over', async () => {
    const stop = new AbortController();
    const { delivery, requests } = await play([offline, ok], (clock) => {
      void clock.sleep(500).then(() => stop.abort());
      return { remainingMs: () => 90_000, signal: stop.signal };
    });
    expect(requests).toHaveLength(1);
    expect(delivery).toMatchObject({ code: 'ALERT_BUDGET' });
  });
});

describe('a secret', () => {
  it('in a description of the server is masked', async () => {
    const echo = `no such path /bot${encodeURIComponent(botToken)}/sendMessage (${botToken})`;
    const { delivery } = await play([refused(404, echo)]);
    expect(delivery).toMatchObject({ reason: expect.stringContaining('/bot***/sendMessage (***)') });
  });
  it('in what a broken transport throws is never shown', async () => {
    const { delivery } = await play([new Error(`fetch https://api.telegram.org/bot${botToken} failed`)]);
    expect(delivery).toMatchObject({ code: 'ALERT_INTERNAL', reason: 'the transport broke its contract' });
  });
});
