import { CliError, type Surroundings } from '@ta/cli-kit';
import type { DatabaseTarget, Shard } from '@ta/state-store';
import { assertServer } from './server-only.ts';

/** Largest number of shards; more processes than this make no sense on one server. */
const MOST = 64;

/**
 * The part of all ids that `--shard i/n` names.
 *
 * @throws CliError `CLI_BAD_SHARD`
 */
export function parseShard(text: string): Shard {
  const parts = /^(0|[1-9]\d?)\/([1-9]\d?)$/.exec(text.trim());
  const [index, count] = [Number(parts?.[1]), Number(parts?.[2])];
  if (parts !== null && index < count && count <= MOST) return { index, count };
  throw new CliError('CLI_BAD_SHARD', `--shard: expected i/n with 0 ≤ i < n ≤ ${MOST}, got "${text}"`, {
    hint: 'Example, two processes side by side: --shard 0/2 and --shard 1/2',
  });
}

/**
 * The part of all ids that `--shard i/n` names, on a database that several processes can work on.
 *
 * @throws CliError `CLI_BAD_SHARD`, `CLI_SHARD_NEEDS_SERVER`
 */
export async function parseShardOf(around: Surroundings, text: string, dbUrl: string | undefined): Promise<Shard> {
  const shard = parseShard(text);
  const { resolveDatabaseTarget } = await import('@ta/state-store');
  assertShardable(resolveDatabaseTarget({ dbUrl, env: around.env, workspaceRoot: around.root }));
  return shard;
}

/** The shard as it is typed. */
export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/** The ids of a shard: those where id mod count = index. */
export function idsOfShard(ids: readonly number[], { index, count }: Shard): number[] {
  return ids.filter((id) => id % count === index);
}

/**
 * Refuses shards on an embedded database: they are parallel processes, and it serves only one.
 *
 * @throws CliError `CLI_SHARD_NEEDS_SERVER`
 */
export function assertShardable(target: DatabaseTarget): void {
  assertServer(target, '--shard', 'CLI_SHARD_NEEDS_SERVER', 'Leave --shard out, or set DATABASE_URL or --db-url.');
}
