import type { Surroundings } from '@ta/cli-kit';
import type { Logger } from 'pino';

/** The origin of a record, printed before its text. */
const PLACE = ['component', 'step'] as const;

/**
 * The detail that `--verbose` shows: `HH:MM:SS LEVEL: [component/step] text` through pino-pretty, a stack beneath it.
 * Loaded only when it is used.
 */
export async function detailLogger(around: Pick<Surroundings, 'print' | 'isTty'>): Promise<Logger> {
  // in the bundle a CommonJS module has only a default export
  const [{ default: pino }, { default: pinoPretty }] = await Promise.all([import('pino'), import('pino-pretty')]);
  const pretty = pinoPretty.prettyFactory({
    colorize: around.isTty,
    translateTime: 'SYS:HH:MM:ss',
    ignore: PLACE.join(),
    customPrettifiers: { time: (time) => String(time) },
    messageFormat: (record, messageKey) => {
      const place = PLACE.map((key) => record[key]).filter((part) => typeof part === 'string');
      return `[${place.join('/')}] ${String(record[messageKey])}`;
    },
  });
  const write = (line: string) => around.print(pretty(line).trimEnd());
  return pino({ level: 'debug', base: null }, { write });
}
