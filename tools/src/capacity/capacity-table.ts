import type { Cost, Measured } from './measured.ts';
import { fitIdleSeconds, simulateRun, type Deployment, type Work } from './simulate-run.ts';

/** Days of history that the table assumes: ten years. */
const HISTORY_DAYS = 3_652;
const ASSETS = [10, 100, 1_000, 10_000, 100_000] as const;

/** Size up to which a vacuum, an index build or a copy of a table takes about an hour. */
export const PARTITION_BYTES = 100e9;
/** The most that a single server holds here: a choice, not a limit of PostgreSQL. */
export const SERVER_BYTES = 10e12;
/** The largest possible table: 2^32 pages of 8 KiB. */
const TABLE_BYTES = 2 ** 45;
const MOST_PARTITIONS = 256;

/** The machine of the measurement. */
const MEASURED_ON: Deployment = { processes: 1, concurrency: 4, serverCores: 2, isShared: true };
/** Larger deployments, which were not measured. */
const DEPLOYMENTS = {
  'server 8 cores, 4 workers': { processes: 4, concurrency: 4, serverCores: 8, isShared: false },
  'server 32 cores, 16 workers': { processes: 16, concurrency: 4, serverCores: 32, isShared: false },
} as const satisfies Record<string, Deployment>;

/** The sizes and times for a number of assets. */
export interface Capacity {
  readonly assets: number;
  readonly rows: number;
  readonly bytes: number;
  readonly largestTableBytes: number;
  readonly walBytesPerDay: number;
  /** Partitions by id, so that no part is larger than 100 GB (but at most 256). */
  readonly partitions: number;
  /** Servers, of 10 TB each. */
  readonly servers: number;
  /** Seconds of a first build and of one more day on one server, by deployment. */
  readonly seconds: Readonly<Record<string, { readonly build: number; readonly day: number }>>;
}

/** Rows of one asset after some days, interpolated between the measured ages; beyond these, the last slope goes on. */
export function rowsOfAsset({ rowsByAge }: Measured, days: number): { bars: number; emas: number } {
  const upper = Math.max(
    1,
    rowsByAge.findIndex((point) => point.days >= days),
  );
  const to = rowsByAge.some((point) => point.days >= days) ? upper : rowsByAge.length - 1;
  const [a, b] = [rowsByAge[to - 1], rowsByAge[to]] as [Measured['rowsByAge'][number], Measured['rowsByAge'][number]];
  const share = (days - a.days) / (b.days - a.days);
  return { bars: a.bars + share * (b.bars - a.bars), emas: a.emas + share * (b.emas - a.emas) };
}

/** Computes the sizes and times for a number of assets with ten years of history each. */
export function capacityOf(measured: Measured, assets: number): Capacity {
  const { bars, emas } = rowsOfAsset(measured, HISTORY_DAYS);
  const { bytesPerRow, otherBytesPerAssetDay, largest } = measured;
  const bytes =
    assets *
    (bars * (bytesPerRow.bars.heap + bytesPerRow.bars.index) +
      emas * (bytesPerRow.emas.heap + bytesPerRow.emas.index) +
      HISTORY_DAYS * otherBytesPerAssetDay);
  const largestTableBytes = bytes * largest.share;
  const { build, day } = workPerAsset(measured);
  const secondsOn = (deployment: Deployment) => ({
    build: simulateRun(assets, build, deployment).seconds,
    day: measured.idleRunSeconds + simulateRun(assets, day, deployment).seconds,
  });
  return {
    assets,
    rows: assets * (bars + emas),
    bytes,
    largestTableBytes,
    walBytesPerDay: assets * measured.day.walBytes,
    partitions: Math.min(MOST_PARTITIONS, Math.ceil(largestTableBytes / PARTITION_BYTES)),
    servers: Math.ceil(bytes / SERVER_BYTES),
    seconds: Object.fromEntries(
      Object.entries({ '2 cores, measured kind': MEASURED_ON, ...DEPLOYMENTS }).map(([name, deployment]) => [
        name,
        secondsOn(deployment),
      ]),
    ),
  };
}

/** Results of {@link workPerAsset} by measurement, since fitting one takes eighty simulated runs. */
const works = new WeakMap<Measured, { readonly build: Work; readonly day: Work }>();

/** What the first build of ten years and one more day cost for one asset. */
export function workPerAsset(measured: Measured): { readonly build: Work; readonly day: Work } {
  const known = works.get(measured);
  if (known !== undefined) return known;
  const { bars, emas } = rowsOfAsset(measured, HISTORY_DAYS);
  const work = {
    build: workOf(measured.build, (bars + emas) / 1e6, measured.assets),
    day: workOf(measured.day, 1, measured.assets),
  };
  works.set(measured, work);
  return work;
}

/** The work of one asset: CPU seconds as measured, and as much waiting as makes a simulated run as long as the measured one. */
function workOf(cost: Cost, units: number, assets: number): Work {
  const work = { nodeSeconds: cost.nodeCpuSeconds * units, serverSeconds: cost.serverCpuSeconds * units };
  const idleSeconds = fitIdleSeconds(cost.seconds * units * assets, assets, work, MEASURED_ON);
  return { ...work, idleSeconds };
}

/** The capacity tables as Markdown: sizes, then the times of a first build and of one more day. */
export function capacityText(measured: Measured): string {
  const capacities = ASSETS.map((assets) => capacityOf(measured, assets));
  const deployments = Object.keys((capacities[0] as Capacity).seconds);
  const header = ['assets', 'rows', 'on disk', 'largest table', 'partitions', 'servers', 'WAL a day'];
  const sizes = capacities.map((capacity) => [
    count(capacity.assets),
    count(capacity.rows),
    bytesText(capacity.bytes),
    `${bytesText(capacity.largestTableBytes)}${capacity.largestTableBytes > TABLE_BYTES ? ' (!)' : ''}`,
    count(capacity.partitions),
    count(capacity.servers),
    bytesText(capacity.walBytesPerDay),
  ]);
  const times = (part: 'build' | 'day') =>
    capacities.map((capacity) => [
      count(capacity.assets),
      ...deployments.map((name) => duration((capacity.seconds[name] as { build: number; day: number })[part])),
    ]);
  return [
    'Ten years of every asset, all canonical timeframes, 17 periods:',
    table(header, sizes),
    'First build:',
    table(['assets', ...deployments], times('build')),
    'One more day:',
    table(['assets', ...deployments], times('day')),
  ].join('\n\n');
}

/** A table in Markdown. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A count, from a million on with two significant digits. */
export function count(n: number): string {
  if (n >= 1e9) return `${rounded(n / 1e9)} billion`;
  return n >= 1e6 ? `${rounded(n / 1e6)} million` : n.toLocaleString('en-US');
}

/** Bytes with two significant digits. */
export function bytesText(bytes: number): string {
  const units = ['MB', 'GB', 'TB'];
  let value = bytes / 1e6;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${rounded(value)} ${units[unit]}`;
}

/** A time with two significant digits. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${rounded(seconds)} s`;
  if (seconds < 7_200) return `${rounded(seconds / 60)} min`;
  return seconds < 172_800 ? `${rounded(seconds / 3600)} h` : `${rounded(seconds / 86_400)} days`;
}

/** Two significant digits: more would claim more than was measured. */
function rounded(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en-US');
}
