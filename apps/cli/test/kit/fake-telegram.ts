import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as it arrived. */
export interface Received {
  readonly path: string;
  readonly chatId: string;
  readonly text: string;
  readonly parseMode: string;
}

/** An answer of the server. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Plays Telegram on a local port. */
export interface FakeTelegram {
  readonly received: Received[];
  /** Environment that leads alerts here. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers of the next messages, in order; `ok` when there are no more. */
  answerNext(...answers: readonly Answer[]): void;
  close(): Promise<void>;
}

export const TOKEN = '7461001:planted-token-AAEhBP0av28';
export const CHAT_ID = '-100746100142';

/** Starts the server. */
export async function fakeTelegram(): Promise<FakeTelegram> {
  const received: Received[] = [];
  const answers: Answer[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
    request.on('end', () => {
      const body = JSON.parse(text) as { chat_id: string; text: string; parse_mode: string };
      const { chat_id: chatId, parse_mode: parseMode } = body;
      received.push({ path: request.url ?? '', chatId, text: body.text, parseMode });
      const answer = answers.shift() ?? { status: 200, body: { ok: true, result: { message_id: received.length } } };
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    env: {
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_CHAT_ID: CHAT_ID,
      TELEGRAM_API_BASE: `http://127.0.0.1:${port}`,
    },
    answerNext: (...next) => void answers.push(...next),
    close: () => new Promise((resolve) => void (server.closeAllConnections(), server.close(() => resolve()))),
  };
}
