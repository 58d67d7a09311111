import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiError, ask, prefetch } from '../src/api-client.ts';

describe('an answer of the server', () => {
  let answer: (response: ServerResponse) => void = () => undefined;
  /** Called when the status of an answer is here, before its body is read. */
  let arrived = (): void => undefined;
  const server = createServer((_request, response) => answer(response.setHeader('Connection', 'close')));
  /** The status and the first bytes of a body that is longer. */
  const begin = (response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 });
    response.write('{"assets":[');
  };

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const fetchHere = globalThis.fetch;
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      const response = await fetchHere(`http://127.0.0.1:${port}${path}`, init);
      arrived();
      return response;
    });
  });
  afterEach(() => {
    arrived = () => undefined;
    server.closeAllConnections();
  });
  afterAll(() => {
    vi.unstubAllGlobals();
    server.close();
  });

  it('is the value that it holds', async () => {
    answer = (response) => response.end('{"assets":[1]}');
    expect(await ask('assets')).toStrictEqual({ assets: [1] });
  });

  it('that is given up while its body comes rejects with the abort, and is no value', async () => {
    const given = new AbortController();
    answer = begin;
    arrived = () => given.abort();
    await expect(ask('assets', {}, given.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('that breaks off while its body comes is an error', async () => {
    answer = begin;
    arrived = () => server.closeAllConnections();
    const failure = await ask('assets').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect((failure as Error).message).toContain('broke off');
  });

  it('that is no JSON is an error, which names the status where that is one', async () => {
    answer = (response) => response.end('<html>');
    await expect(ask('assets')).rejects.toThrow('The answer of the server broke off.');
    answer = (response) => response.writeHead(502).end('<html>');
    await expect(ask('assets')).rejects.toThrow('The server answered 502.');
  });

  it('that refuses is an error in the words of the server', async () => {
    answer = (response) => response.writeHead(400).end('{"error":"No.","hint":"Ask again."}');
    await expect(ask('assets')).rejects.toThrow('No. Ask again.');
  });

  it('that was requested early and is given up rejects with the abort, too', async () => {
    const given = new AbortController();
    answer = (response) => response.end('{"assets":[1]}');
    prefetch('assets', '');
    arrived = () => given.abort();
    await expect(ask('assets', {}, given.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
