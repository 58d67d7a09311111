#!/usr/bin/env node
// node tools/bin/with-postgres.mjs <command> [arguments…]
// Runs the command with TEST_DATABASE_URL and REQUIRE_PG=1 set. If TEST_DATABASE_URL is already set, that server is used;
// otherwise a throw-away server is started while the command runs (TEST_PG_BINDIR names the folder of its programs). Temporary
// files are in memory if there is room. The exit code is the command's.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import { useMemoryFolder } from './memory-folder.mjs';

const workspaceRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error('Usage: node tools/bin/with-postgres.mjs <command> [arguments…]');
  process.exit(2);
}

let child = null;
let stopSignal = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    const isRepeated = stopSignal !== null;
    stopSignal = signal;
    // a terminal sends SIGINT to the command as well
    if (signal === 'SIGINT' && process.stdin.isTTY && !isRepeated) return;
    child?.kill(isRepeated ? 'SIGKILL' : signal);
  });
}

useMemoryFolder();
const server = await startServer();
try {
  process.exitCode = stopSignal === null ? await runCommand() : 128 + constants.signals[stopSignal];
} finally {
  await server?.stop();
}

async function startServer() {
  if (process.env.TEST_DATABASE_URL) return null;
  const { startPostgres } = await tsImport('../src/postgres-server.ts', import.meta.url);
  return startPostgres({
    binDir: process.env.TEST_PG_BINDIR || undefined,
    isTemplate: true,
    // tests need no safety from power cuts; a server zone far from UTC reveals code that relies on it
    settings: { fsync: 'off', timezone: 'Asia/Kolkata' },
  });
}

/** The URL with `sslmode=disable`: clients that try encryption first would connect twice, since this server has none. */
function withoutEncryption(url) {
  const own = new URL(url);
  own.searchParams.set('sslmode', 'disable');
  return own.href;
}

function runCommand() {
  const env = {
    ...process.env,
    PATH: [join(workspaceRoot, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
    TEST_DATABASE_URL: process.env.TEST_DATABASE_URL || withoutEncryption(server.url),
    REQUIRE_PG: '1',
    // other servers that the command starts are copies of this one
    ...(server?.template === undefined ? {} : { TA_POSTGRES_TEMPLATE: server.template }),
  };
  return new Promise((resolve) => {
    child = spawn(command, args, { stdio: 'inherit', env });
    child.once('error', (error) => {
      console.error(`Cannot run ${command}: ${error.message}`);
      resolve(127);
    });
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
