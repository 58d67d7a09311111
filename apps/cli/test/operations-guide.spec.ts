import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeTelegram, type FakeTelegram } from './kit/fake-telegram.ts';
import { runCommandLine as runValidator } from '../../validator/src/command-line.ts';
import { runInside, type Ended, type Inside } from './kit/run-inside.ts';
import { createWorld, FEW_TIMEFRAMES, hasPostgres, type World } from './kit/world.ts';

const CLONE = path.resolve(import.meta.dirname, '../../..');
const GUIDE = readFileSync(path.join(CLONE, 'docs/operations.md'), 'utf8');

/** Fenced blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] as string,
  );
}

const commands = blocks('sh').flatMap((block, i) => [[`block ${i + 1}: ${block.split('\n')[0]}`, block] as const]);

describe.skipIf(!hasPostgres())('the operations guide', () => {
  let world: World;
  let telegram: FakeTelegram;
  let env: Record<string, string>;

  beforeAll(async () => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    const ids = [1, 52, 825];
    world = await createWorld({
      ids,
      days: 40,
      timeframes: FEW_TIMEFRAMES,
      lastDay: yesterday,
      gaps: { everyDays: 15, lengthDays: 1 },
      badRows: { everyDays: 17 },
    });
    telegram = await fakeTelegram();
    env = {
      PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: world.root,
      // days of log files are those of one zone, in a shell as in this process
      TZ: process.env['TZ'] as string,
      TA_HOME: world.root,
      ...world.env,
      TELEGRAM_API_BASE: telegram.env['TELEGRAM_API_BASE'] as string,
    };
    // a workspace of its own: the program and the Makefile of the clone, other logs and settings
    for (const name of ['apps', 'Makefile', 'node_modules', 'package.json', 'tools', '.githooks']) {
      symlinkSync(path.join(CLONE, name), path.join(world.root, name));
    }
    mkdirSync(world.logDir, { recursive: true });
    const rows = Array.from({ length: 30 }, (_, day) => {
      const date = new Date(Date.now() - (day + 1) * 86_400_000).toISOString().slice(0, 10);
      return `${day + 1},Ethereum,ETH,${date} 23:59:59,3,1,2,2.5,100,1000`;
    });
    const header = 'SNo,Name,Symbol,Date,High,Low,Open,Close,Volume,Marketcap';
    writeFileSync(path.join(world.root, 'ethereum.csv'), [header, ...rows, ''].join('\n'));
  });
  afterAll(async () => {
    await telegram.close();
    await world.drop();
  });

  /** The command as it is written, but for the way to the program: nothing is built or downloaded by a test. */
  const runnable = (text: string) =>
    text
      .replaceAll(/\bnpx ta /g, 'node apps/cli/bin/ta.js ')
      .replaceAll(/\bnpx validator /g, 'node apps/validator/bin/validator.js ')
      .replaceAll(/^make /gm, 'make -s -o build ')
      .replaceAll(/^tail -f /gm, 'timeout 1 tail -f ')
      .replaceAll(/(timeout 1 tail -f [^#\n]*)/g, '($1 || true) ');

  const inside = (argv: readonly string[], program?: Inside['program']): Promise<Ended> =>
    runInside(argv, { root: world.root, env, ...(program === undefined ? {} : { program }) });

  // asynchronous: the messages of the commands arrive at a server in this process
  const shell = (text: string): Promise<{ status: number | null; output: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn('/bin/sh', ['-e', '-c', text], { cwd: world.root, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (chunk: string) => void (output += chunk));
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, output }));
    });

  /**
   * What a line does that calls one of our programs and needs no shell, neither its grammar nor its folder; null for any other
   * line.
   */
  const plainCall = (line: string): (() => Promise<Ended>) | null => {
    const call = /^npx (ta|validator) ((?:"[^"$`]*"|[\w.,:=/-]+)(?: +(?:"[^"$`]*"|[\w.,:=/-]+))*)(?:\s+#.*)?$/.exec(
      line.trim(),
    );
    const words = [...(call?.[2] ?? '').matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
    if (words.length === 0) return null;
    const argv = words.map((word) => (existsSync(path.join(world.root, word)) ? path.join(world.root, word) : word));
    return () => inside(argv, call?.[1] === 'validator' ? runValidator : undefined);
  };

  /** Lines that a target of make runs, as they would be typed; any other line as it is. */
  const linesOf = (line: string): string[] => {
    const [, target] = /^make ([\w=, -]+?)\s*(?:#.*)?$/.exec(line.trim()) ?? [];
    if (target === undefined) return [line];
    const words = ['-s', '-n', '-o', 'build', ...target.split(' ')];
    const recipe = execFileSync('make', words, { cwd: world.root, env, encoding: 'utf8' });
    return recipe
      .trimEnd()
      .split('\n')
      .map((text) => text.replace(/^node apps\/\w+\/bin\/(\w+)\.js /, 'npx $1 '));
  };

  /** Runs a block line by line, in this process what only calls a program of ours; as a whole in a shell where lines need each other. */
  const ran = async (block: string): Promise<{ status: number | null; output: string }> => {
    if (/\bexport\b|[^&]&(?!&)|\$[\w{]/.test(block)) return shell(runnable(block));
    let [status, output]: [number | null, string] = [0, ''];
    for (const line of block
      .split('\n')
      .flatMap(linesOf)
      .filter((text) => text.trim() !== '')) {
      const call = plainCall(line);
      if (call === null) {
        const ended = await shell(runnable(line));
        [status, output] = [ended.status, output + ended.output];
      } else {
        const ended = await call();
        [status, output] = [ended.code, output + ended.stdout + ended.stderr];
      }
      if (status !== 0) break;
    }
    return { status, output };
  };

  it.each(commands)('%s', async (_, block) => {
    const { status, output } = await ran(block);
    expect(status, output).toBe(0);
    expect(output).not.toMatch(/\[ERROR\]|\[FAILED\]/);
  });

  it.each(
    blocks('sql').flatMap((block) =>
      block
        .split(/;\s*\n/)
        .map((statement) => statement.trim())
        .filter(Boolean),
    ),
  )('SQL: %s', async (statement) => {
    const flags = statement.startsWith('DELETE') ? ['--write'] : [];
    const ended = await inside(['sql', `${statement};`, ...flags]);
    expect(ended.code, ended.stderr).toBe(0);
  });

  it('the gaps found by SQL and by ta gaps are the same', async () => {
    const [gaps] = blocks('sql')
      .flatMap((block) => block.split(/;\s*\n/))
      .filter((statement) => statement.includes('gap_count'));
    const sorted = ({ stdout }: { stdout: string }) => stdout.trim().split('\n').sort();
    const own = sorted(await inside(['gaps', '--format', 'csv']));
    expect(own).toEqual(sorted(await inside(['sql', gaps?.trim() ?? '', '--format', 'csv'])));
    expect(own).toContainEqual(expect.stringMatching(/^825,\d+$/));
  });

  it('the crontab line works under env -i, and its exit code and mail tell of a failure', () => {
    const line = (blocks('crontab')[0] as string).split('\n').find((text) => text.startsWith('0 6 * * *')) as string;
    const command = line.replace('0 6 * * * ', '').replaceAll('/path/to/ta', world.root);
    const cron = (settings: Record<string, string>) =>
      execFileSync(
        '/usr/bin/env',
        [
          '-i',
          ...Object.entries({ PATH: env['PATH'] as string, HOME: world.root, TA_HOME: world.root, ...settings }).map(
            ([name, value]) => `${name}=${value}`,
          ),
          '/bin/sh',
          '-c',
          command,
        ],
        { cwd: '/', encoding: 'utf8' },
      );
    rmSync(path.join(world.logDir, 'cron.log'), { force: true });
    expect(cron(world.env)).toBe('');
    const log = readFileSync(path.join(world.logDir, 'cron.log'), 'utf8');
    expect(log).toContain('[OK] All components completed successfully!');

    expect(log).not.toMatch(/\u001b/);
    expect(cron({ DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' })).toBe('refresh failed, see .logs/cron.log\n');
  });

  it('the systemd service works under env -i', () => {
    const unit = blocks('ini')[0] as string;
    const command = (/^ExecStart=\/usr\/bin\/env (.*)$/m.exec(unit) as RegExpExecArray)[1] as string;
    expect(unit).toContain('OnCalendar=*-*-* 06:00:00 UTC');
    writeFileSync(path.join(world.root, '.env'), `DATABASE_URL=${world.url}\r\n`);
    const words = ['-i', `PATH=${env['PATH']}`, `TA_HOME=${world.root}`, 'REQUIRE_DB_URL=1', ...command.split(' ')];
    const ran = spawnSync('/usr/bin/env', words, { cwd: world.root, encoding: 'utf8' });
    rmSync(path.join(world.root, '.env'));
    expect(ran.status, ran.stderr).toBe(0);
    expect(ran.stdout).toContain('[OK] All components completed successfully!');
  });

  it('clean-logs leaves files of thirty days and everything that is no log of ours', async () => {
    const dayBefore = (days: number) => {
      const date = new Date();
      date.setDate(date.getDate() - days);
      return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, '0')).join('-');
    };
    for (const name of [`refresh-${dayBefore(30)}.log`, `refresh-${dayBefore(31)}.log`, 'cron.log']) {
      writeFileSync(path.join(world.logDir, name), '');
    }
    const { output } = await shell('make -s -o build clean-logs');
    expect(output).toContain('Removed 1 log file(s) older than 30 days');
    const left = readdirSync(world.logDir);
    expect(left).toContain(`refresh-${dayBefore(30)}.log`);
    expect(left).toContain('cron.log');
    expect(left).not.toContain(`refresh-${dayBefore(31)}.log`);
  });

  it.each(['bars', 'emas', 'dry-run', 'help-refresh'])('make %s', async (target) => {
    // one of them as make runs it, the others as it says that it would
    const run = target === 'dry-run' ? shell(`make -s -o build ${target} IDS=1,52`) : ran(`make ${target} IDS=1,52`);
    const { status, output } = await run;
    expect(status, output).toBe(0);
    if (target !== 'help-refresh') expect(output).toMatch(/^IDs: 1,52/m);
  });

  it('its links lead somewhere', () => {
    for (const [, target] of GUIDE.matchAll(/\]\(([^)#]+)\)/g))
      readFileSync(path.join(CLONE, 'docs', target as string));
  });
});
