import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { type FetchLike, fetchTransport } from '../src/fetch-transport.ts';
import { type AlertClock } from '../src/ports.ts';
import { createScrub } from '../src/secret.ts';
import { createTelegramChat, type Delivery } from '../src/telegram.ts';
import {
  accept,
  type Behaviour,
  type FakeTelegram,
  hang,
  json,
  raw,
  refuse,
  reset,
  stall,
  startFakeTelegram,
} from './fake-telegram.ts';

const botToken = '7654321:AAH-planted_secret';

/** Real requests, but the waits between them take no time and are written down. */
function hastyClock(waits: number[]): AlertClock {
  return { ...systemClock, sleep: async (durationMs) => void waits.push(durationMs) };
}

let server: FakeTelegram;
beforeEach(async () => {
  server = await startFakeTelegram();
});
afterEach(() => server.close());

interface Sent {
  readonly delivery: Delivery;
  readonly waits: number[];
}

async function send(apiBase = server.apiBase, requestTimeoutMs = 5_000): Promise<Sent> {
  const waits: number[] = [];
  const chat = createTelegramChat({
    target: { botToken, chatId: '42', apiBase },
    transport: fetchTransport(),
    clock: hastyClock(waits),
    scrub: createScrub(botToken),
    requestTimeoutMs,
  });
  const delivery = await chat.send('<b>hello</b> &amp; more', {
    remainingMs: () => 90_000,
    signal: new AbortController().signal,
  });
  return { delivery, waits };
}

describe('over HTTP', () => {
  it('a message is a POST of JSON to the path with the token', async () => {
    expect((await send()).delivery).toEqual({ isDelivered: true });
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      path: `/bot${botToken}/sendMessage`,
      contentType: 'application/json',
      message: {
        chat_id: '42',
        text: '<b>hello</b> &amp; more',
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
      },
    });
  });

  const cases: [string, Behaviour[], { requests: number; waits: number[]; code?: string }][] = [
    ['400 is final', [refuse(400, 'Bad Request: chat not found')], { requests: 1, waits: [], code: 'ALERT_REFUSED' }],
    ['400 over entities is retried as plain text', [refuse(400, "can't parse entities")], { requests: 2, waits: [] }],
    ['401 is final', [refuse(401, 'Unauthorized')], { requests: 1, waits: [], code: 'ALERT_REFUSED' }],
    ['403 is final', [refuse(403, 'Forbidden')], { requests: 1, waits: [], code: 'ALERT_REFUSED' }],
    ['429 waits as the body says', [refuse(429, 'Too Many', { retry_after: 2 })], { requests: 2, waits: [2000] }],
    ['429 waits as the header says', [raw(429, 'slow', { 'retry-after': '7' })], { requests: 2, waits: [7000] }],
    ['429 waits 5 s without a word', [raw(429, '')], { requests: 2, waits: [5000] }],
    ['500 is retried', [raw(500, 'oops')], { requests: 2, waits: [1000] }],
    [
      '500 three times is final',
      [raw(500, ''), raw(502, ''), raw(503, '')],
      { requests: 3, waits: [1000, 3000], code: 'ALERT_SERVER' },
    ],
    ['a reset is retried', [reset, reset], { requests: 3, waits: [1000, 3000] }],
    ['garbage after 200 is final', [raw(200, '{"ok":tru')], { requests: 1, waits: [], code: 'ALERT_ANSWER' }],
    ['garbage after 400 is final', [raw(400, '\u0000\u0001')], { requests: 1, waits: [], code: 'ALERT_REFUSED' }],
    [
      'a redirect is not followed',
      [raw(307, '', { location: '/elsewhere' })],
      { requests: 1, waits: [], code: 'ALERT_REFUSED' },
    ],
    [
      'an ok of false after 200 is final',
      [json(200, { ok: false })],
      { requests: 1, waits: [], code: 'ALERT_REFUSED' },
    ],
  ];
  for (const [name, behaviours, { requests, waits, code }] of cases) {
    it(name, async () => {
      server.answer(...behaviours);
      const sent = await send();
      expect(server.seen).toHaveLength(requests);
      expect(sent.waits).toEqual(waits);
      expect(sent.delivery).toMatchObject(code === undefined ? { isDelivered: true } : { isDelivered: false, code });
    });
  }

  it('a server that never answers is given up in time and tried again', async () => {
    server.answer(hang, accept);
    expect(await send(server.apiBase, 1_500)).toEqual({ delivery: { isDelivered: true }, waits: [1000] });
  });
  it('a body that stalls after an error does not hold the run', async () => {
    server.answer(stall(400));
    expect((await send(server.apiBase, 1_500)).delivery).toMatchObject({ code: 'ALERT_REFUSED' });
  });
  it('a body that stalls after 200 is a delivered message, sent once', async () => {
    server.answer(stall(200));
    expect((await send(server.apiBase, 1_500)).delivery).toEqual({ isDelivered: true });
    expect(server.seen).toHaveLength(1);
  });
  it('a closed port is a network error with its code and without the URL', async () => {
    const { delivery } = await send(await closedPort());
    expect(delivery).toEqual({ isDelivered: false, code: 'ALERT_NETWORK', reason: 'network error (ECONNREFUSED)' });
  });
  it('no failure shows the token, not even the one of a client that quotes the URL', async () => {
    // Node's fetch does: "Request cannot be constructed from a URL that includes credentials: <all of it>"
    const { delivery } = await send('http://user:password@127.0.0.1:9');
    expect(delivery).toEqual({ isDelivered: false, code: 'ALERT_NETWORK', reason: 'network error' });
  });
});

describe('fetchTransport', () => {
  const request = { url: 'http://127.0.0.1/', body: '{}', timeoutMs: 50, signal: new AbortController().signal };

  it('ends in time with a client that ignores its signal', async () => {
    const deaf: FetchLike = () => new Promise(() => undefined);
    await expect(fetchTransport(deaf)(request)).rejects.toMatchObject({ code: 'ALERT_TIMEOUT' });
  });
  it('does not start when it is stopped already', async () => {
    const stopped = { ...request, signal: AbortSignal.abort() };
    await expect(fetchTransport()(stopped)).rejects.toMatchObject({ name: 'AlertError', code: 'ALERT_TIMEOUT' });
  });
  it('finds the system code behind several layers', async () => {
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const layered: FetchLike = async () => {
      throw new TypeError('fetch failed', { cause: new AggregateError([refused]) });
    };
    await expect(fetchTransport(layered)(request)).rejects.toThrow('network error (ECONNREFUSED)');
  });
  it('keeps no cause, whose text may quote the URL', async () => {
    const quoting: FetchLike = async (url) => {
      throw new TypeError(`cannot fetch ${url}`, { cause: new Error(url) });
    };
    const url = `http://127.0.0.1/bot${botToken}`;
    const error: Error = await fetchTransport(quoting)({ ...request, url }).catch((thrown) => thrown);
    expect(error.cause).toBeUndefined();
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('AAH-planted_secret');
  });
});

/** An address where nothing listens: the port was free a moment ago. */
async function closedPort(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return `http://127.0.0.1:${port}`;
}
