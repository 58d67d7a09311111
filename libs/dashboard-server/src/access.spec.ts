import { describe, expect, it } from 'vitest';
import { assertPolicy, denial, isLoopback, type RequestFacts } from './access.ts';

const LOCAL = { host: '127.0.0.1', port: 4180, token: null };
const GOOD: RequestFacts = {
  method: 'GET',
  path: '/api/runs',
  host: '127.0.0.1:4180',
  origin: undefined,
  fetchSite: 'same-origin',
  cookie: undefined,
  authorization: undefined,
};
const statusOf = (change: Partial<RequestFacts>, policy: Parameters<typeof denial>[0] = LOCAL) =>
  denial(policy, { ...GOOD, ...change })?.status ?? null;

describe('who is answered', () => {
  it('this machine reads, under each of its names', () => {
    for (const host of ['127.0.0.1:4180', 'localhost:4180', '[::1]:4180']) expect(statusOf({ host })).toBe(null);
    expect(statusOf({ method: 'HEAD', origin: 'http://127.0.0.1:4180', fetchSite: undefined })).toBe(null);
  });

  it('a method that could write is refused', () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'get']) {
      expect([method, statusOf({ method })]).toStrictEqual([method, 405]);
    }
  });

  it('a Host that is not this server is refused: a foreign name may point here', () => {
    const foreign = [
      ...[
        'evil.example',
        'evil.example:4180',
        '127.0.0.1',
        '127.0.0.1:80',
        '127.0.0.1:4181',
        '127.0.0.1:4180.evil.example',
      ],
      ...['localhost.evil.example:4180', '0.0.0.0:4180', '', ' 127.0.0.1:4180', '127.0.0.1:4180@evil.example'],
    ];
    for (const host of foreign) expect([host, statusOf({ host })]).toStrictEqual([host, 403]);
    expect(statusOf({ host: undefined })).toBe(403);
  });

  it('a foreign Origin and a request from another site are refused', () => {
    for (const origin of [
      'null',
      'http://evil.example',
      'https://127.0.0.1:4180',
      'http://localhost:4180',
      'http://127.0.0.1',
    ]) {
      expect([origin, statusOf({ origin })]).toStrictEqual([origin, 403]);
    }
    for (const fetchSite of ['cross-site', 'same-site', 'other']) expect(statusOf({ fetchSite })).toBe(403);
  });

  it('with a token, only who carries it is answered, even from other machines', () => {
    const token = 'a-secret-of-thirty-characters!';
    const policy = { host: '0.0.0.0', port: 4180, token, isSession: (id: string) => id === 'known' };
    const host = 'trading-box:4180';
    expect(statusOf({ host }, policy)).toBe(401);
    expect(statusOf({ host, cookie: 'x=1; ta_ui=known' }, policy)).toBe(null);
    expect(statusOf({ host, authorization: `Bearer ${token}` }, policy)).toBe(null);
    // the token itself is no cookie
    for (const wrong of [`ta_ui=${token}`, 'ta_ui=knownx', 'ta_ui=', 'xta_ui=known']) {
      expect(statusOf({ host, cookie: wrong }, policy)).toBe(401);
    }
    expect(statusOf({ host, cookie: 'ta_ui=known', origin: 'http://evil.example' }, policy)).toBe(403);
    expect(statusOf({ host: 'evil"><script>', cookie: 'ta_ui=known' }, policy)).toBe(403);
  });

  it('another site may lead to the page, and to nothing else, however the address is written', () => {
    const fetchSite = 'cross-site';
    for (const path of ['/', '/index.html']) expect([path, statusOf({ path, fetchSite })]).toStrictEqual([path, null]);
    for (const path of [
      '/api/runs',
      '/%61pi/runs',
      '/a%70i/runs',
      '/%2e/api/runs',
      '//api/runs',
      '/assets/a.js',
      '/x',
    ]) {
      expect([path, statusOf({ path, fetchSite })]).toStrictEqual([path, 403]);
    }
  });
});

describe('where it may listen', () => {
  it('an address of other machines needs a token that cannot be guessed', () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.0.0.1.example.com', '']) {
      expect([host, isLoopback(host)]).toStrictEqual([host, false]);
      expect(() => assertPolicy({ host, token: null })).toThrow(expect.objectContaining({ code: 'DASH_NEEDS_TOKEN' }));
      expect(() => assertPolicy({ host, token: 'short' })).toThrow(
        expect.objectContaining({ code: 'DASH_NEEDS_TOKEN' }),
      );
      assertPolicy({ host, token: 'x'.repeat(16) });
    }
    for (const host of ['127.0.0.1', '127.9.9.9', 'localhost', '::1']) assertPolicy({ host, token: null });
  });
});
