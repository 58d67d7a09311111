import { afterAll, beforeAll, describe, vi } from 'vitest';
import { hasPostgres } from '../../../../libs/pipeline/test/test-database.ts';
import { postgresArena, type PostgresArena } from './rig/postgres-arena.ts';
import { clockJumpsSuite } from './suites/clock-jumps.ts';
import { connectionLimitsSuite } from './suites/connection-limits.ts';
import { faultsSuite } from './suites/faults.ts';
import { killSuite } from './suites/kills.ts';
import { readerSuite } from './suites/reader.ts';
import { runLockSuite } from './suites/run-lock.ts';
import { signalsSuite } from './suites/signals.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
if (!hasPostgres()) console.warn('SKIPPED on PostgreSQL: resilience (TEST_DATABASE_URL is not set)');

describe.skipIf(!hasPostgres())('On PostgreSQL', () => {
  let arena: PostgresArena | undefined;
  beforeAll(async () => {
    arena = await postgresArena(process.env['TEST_DATABASE_URL'] as string, ['build', 'daily']);
  });
  afterAll(() => arena?.close());
  const theArena = () => arena as PostgresArena;

  killSuite(theArena);
  runLockSuite(theArena);
  signalsSuite(theArena);
  readerSuite(theArena);
  // most of their time is waiting: side by side
  describe.concurrent('that has a fault', () => {
    faultsSuite(theArena);
    connectionLimitsSuite(theArena);
    clockJumpsSuite(theArena);
  });
});
