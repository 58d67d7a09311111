import type { Surroundings } from '@ta/cli-kit';
import type { Logger } from 'pino';

/** Where a record comes from: they stand in front of its text. */
const PLACE = ['component', 'step'] as const;

/**
 * The detail that `--verbose` shows: `HH:MM:SS LEVEL: [component/step] text` through pino-pretty, a stack beneath it.
 * Loaded when it is asked for only.
 */
export async function detailLogger(around: Pick<Surroundings, 'print' | 'isTty'>): Promise<Logger> {
  // bundled, a CommonJS module has its default only
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
