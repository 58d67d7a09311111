import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

/** One request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly message: { chat_id: string; text: string; parse_mode?: string; link_preview_options?: object };
}

/** What the server does with one request. */
export type Behaviour = (response: ServerResponse, request: IncomingMessage) => void;

/** A local server that plays the Bot API. */
export interface FakeTelegram {
  readonly apiBase: string;
  readonly seen: SeenRequest[];
  /** Behaviours of the next requests; afterwards every message is accepted. */
  answer(...behaviours: Behaviour[]): void;
  close(): Promise<void>;
}

export const accept: Behaviour = (response) => {
  json(200, { ok: true, result: { message_id: 1 } })(response, undefined as never);
};

export function json(status: number, body: object, headers: Record<string, string> = {}): Behaviour {
  return raw(status, JSON.stringify(body), headers);
}

export function raw(status: number, body: string, headers: Record<string, string> = {}): Behaviour {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  };
}

/** An answer as the Bot API words its failures. */
export function refuse(status: number, description: string, parameters: object = {}): Behaviour {
  return json(status, { ok: false, error_code: status, description, parameters });
}

export const hang: Behaviour = () => undefined;

export const reset: Behaviour = (_, request) => void request.socket.destroy();

/** Sends the status and the beginning of a body, then nothing. */
export function stall(status: number): Behaviour {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.write('{"ok":');
  };
}

export async function startFakeTelegram(): Promise<FakeTelegram> {
  const seen: SeenRequest[] = [];
  const behaviours: Behaviour[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({
        method: request.method ?? '',
        path: request.url ?? '',
        contentType: request.headers['content-type'],
        message: JSON.parse(Buffer.concat(chunks).toString('utf8')),
      });
      (behaviours.shift() ?? accept)(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    apiBase: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer: (...next) => void behaviours.push(...next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
