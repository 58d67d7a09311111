import { BAR_TABLES, TABLES_BY_ASSET } from '@ta/state-store';
import {
  bytesText,
  capacityOf,
  count,
  duration,
  PARTITION_BYTES,
  SERVER_BYTES,
  table,
  workPerAsset,
} from './capacity-table.ts';
import type { Measured } from './measured.ts';
import { shardOf, simulateRun, type Deployment } from './simulate-run.ts';

const ASSETS = [1_000, 10_000, 100_000] as const;

/** Each server of the table; such a server was not measured. */
const SERVER = { serverCores: 8, concurrency: 4, isShared: false } as const;
const WORKERS_PER_SERVER = 4;

/** Tables of one shard: those by asset, and the partitions of `bar_rows` (one per bar table) and `ema_rows` (one). */
const TABLES_PER_SHARD = TABLES_BY_ASSET.length + Object.keys(BAR_TABLES).length + 1;
const LEAST_SHARDS = 32;

/** CPU time that a cluster adds to that of plain servers, from a trial on one machine; here the coordinator bears all of it. */
const CITUS_OVERHEAD = 0.4;

/** The most seconds that a first build (a day) and one more day (an hour) should take. */
const PATIENCE = { build: 86_400, day: 3_600 } as const;

interface Times {
  readonly build: number;
  readonly day: number;
}

/** How a number of assets can be laid out, and which limit is reached first then. */
export interface LayoutChoice {
  readonly assets: number;
  readonly servers: number;
  /** Partitions by id on each server when every server has a database of its own. */
  readonly partitions: number;
  readonly plain: Times;
  readonly citus: Times & { readonly coordinatorBusy: number };
  readonly shards: number;
  readonly assetsOfFullestShard: number;
  readonly largestTableBytes: number;
  readonly tablesPerServer: number;
  /** The share that is used of each limit, the greatest first. */
  readonly pressures: readonly (readonly [what: string, share: number])[];
}

/** Computes the layouts of a number of assets with ten years of history each. */
export function layoutOf(measured: Measured, assets: number): LayoutChoice {
  const { bytes, largestTableBytes, servers } = capacityOf(measured, assets);
  const work = workPerAsset(measured);
  const idle = measured.idleRunSeconds;
  const onEach = { ...SERVER, processes: WORKERS_PER_SERVER };
  const own = (part: 'build' | 'day') => simulateRun(Math.ceil(assets / servers), work[part], onEach).seconds;
  const plain = { build: own('build'), day: idle + own('day') };
  const shards = leastPowerOfTwo(Math.max(LEAST_SHARDS, servers, largestTableBytes / PARTITION_BYTES));
  const cluster: Deployment = { ...SERVER, processes: WORKERS_PER_SERVER * servers, servers, shards };
  const spread = (part: 'build' | 'day') => {
    const { nodeSeconds, serverSeconds } = work[part];
    return simulateRun(
      assets,
      { ...work[part], coordinatorSeconds: CITUS_OVERHEAD * (nodeSeconds + serverSeconds) },
      cluster,
    );
  };
  const [build, day] = [spread('build'), spread('day')];
  const fullest = fullestShard(assets, shards);
  const pressures: (readonly [string, number])[] = [
    ['the disk', bytes / servers / SERVER_BYTES],
    ['the first build', plain.build / PATIENCE.build],
    ['the daily run', plain.day / PATIENCE.day],
  ];
  return {
    assets,
    servers,
    partitions: Math.ceil(largestTableBytes / servers / PARTITION_BYTES),
    plain,
    citus: { build: build.seconds, day: idle + day.seconds, coordinatorBusy: build.coordinatorBusy },
    shards,
    assetsOfFullestShard: fullest,
    largestTableBytes: (largestTableBytes * fullest) / assets,
    tablesPerServer: Math.ceil(shards / servers) * TABLES_PER_SHARD,
    pressures: pressures.sort((a, b) => b[1] - a[1]),
  };
}

function fullestShard(assets: number, shards: number): number {
  const held = new Int32Array(shards);
  for (let asset = 0; asset < assets; asset++) held[shardOf(asset, shards)]++;
  return Math.max(...held);
}

function leastPowerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast));
}

/** The layouts, numbers of servers and first limits as Markdown, and the same for a Citus cluster. */
export function layoutText(measured: Measured): string {
  const choices = ASSETS.map((assets) => layoutOf(measured, assets));
  const share = (value: number) => `${Math.round(value * 100)} %`;
  return [
    'Layout, number of servers, and the limit that is reached first:',
    table(
      ['assets', 'servers', 'layout of each', 'first build', 'one more day', 'first limit', 'second limit'],
      choices.map(({ assets, servers, partitions, plain, pressures }) => [
        count(assets),
        count(servers),
        partitions === 1 ? '`plain`' : `\`partitioned\`, ${partitions} parts`,
        duration(plain.build),
        duration(plain.day),
        ...pressures.slice(0, 2).map(([what, used]) => `${what} (${share(used)})`),
      ]),
    ),
    'The same as one cluster of Citus with as many servers and a coordinator of the same kind:',
    table(
      [
        'assets',
        'shards',
        'fullest shard',
        'its largest table',
        'tables a server',
        'first build',
        'one more day',
        'coordinator busy',
      ],
      choices.map(({ assets, shards, assetsOfFullestShard, largestTableBytes, tablesPerServer, citus }) => [
        count(assets),
        count(shards),
        `${count(assetsOfFullestShard)} assets (mean ${count(Math.round(assets / shards))})`,
        bytesText(largestTableBytes),
        count(tablesPerServer),
        duration(citus.build),
        duration(citus.day),
        share(citus.coordinatorBusy),
      ]),
    ),
  ].join('\n\n');
}
