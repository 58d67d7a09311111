import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A file of daily prices, and the asset that it belongs to. */
export interface PriceFile {
  readonly id: number;
  readonly path: string;
}

/** Price files that are there up to a day, and a day longer each time. */
export interface GrowingPrices {
  readonly ids: readonly number[];
  /** The newest day of the files as they are now. */
  day(): string;
  /** Makes the files a day longer. */
  grow(): void;
  /** The files as they are now. */
  files(): readonly PriceFile[];
}

const DAY = /\d{4}-\d{2}-\d{2}/;

/** Price files as they were some days before all of them ended. */
export function growingPrices(files: readonly PriceFile[], folder: string, daysBefore: number): GrowingPrices {
  const tables = files.map(({ id, path: from }) => {
    const [header, ...lines] = readFileSync(from, 'utf8').trimEnd().split(/\r?\n/) as [string, ...string[]];
    return { id, header, lines, to: path.join(folder, `${id}.csv`) };
  });
  const lastDays = tables.map(({ lines }) => lines.map(dayOf).sort().at(-1) as string);
  let newest = daysAfter(lastDays.sort()[0] as string, -daysBefore);
  const write = () => {
    for (const { header, lines, to } of tables)
      writeFileSync(to, `${[header, ...lines.filter((line) => dayOf(line) <= newest)].join('\n')}\n`);
  };
  write();
  return {
    ids: tables.map(({ id }) => id),
    day: () => newest,
    grow() {
      newest = daysAfter(newest, 1);
      write();
    },
    files: () => tables.map(({ id, to }) => ({ id, path: to })),
  };
}

function dayOf(line: string): string {
  const day = DAY.exec(line)?.[0];
  if (day === undefined) throw new Error(`no day in the line ${line}`);
  return day;
}

function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}
