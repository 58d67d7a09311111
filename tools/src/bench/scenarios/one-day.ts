import { BIG_TABLES } from '../copy-dump.ts';
import { measure, median, medianCost, type Cost } from '../measure.ts';
import { builtDatabase, refreshOnce, runQuietly } from '../refresh-once.ts';
import { megabytes, numberText, type Cell, type ResultTable } from '../report.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { clockAfter, idsOf, loadDay, shapeText, type Shape } from '../synthetic-load.ts';
import { activityBetween, tableActivity, type TableActivity } from '../table-statistics.ts';
import type { Workbench } from '../workbench.ts';

const HISTORIES: Record<Mode, readonly [number, number]> = { quick: [250, 1500], full: [1000, 8000] };
const ASSETS: Record<Mode, number> = { quick: 1, full: 2 };
const REPEATS: Record<Mode, number> = { quick: 3, full: 9 };
const COMMAND_REPEATS: Record<Mode, number> = { quick: 1, full: 5 };

/** One more day must not cost more after a long history than after a short one. */
export const oneDay: Scenario = {
  name: 'one-day',
  async run(bench, mode) {
    const histories: History[] = [];
    for (const days of HISTORIES[mode]) histories.push(await build(bench, { assets: ASSETS[mode], days }));
    bench.note(
      `one more day, ${REPEATS[mode]} times in this process and ${COMMAND_REPEATS[mode]} times by the command`,
    );
    // in turns, so that a busy minute of the machine slows both
    for (let run = 0; run <= REPEATS[mode]; run++) {
      for (const history of histories) await appendHere(bench, history, run > 0);
    }
    for (let run = 0; run < COMMAND_REPEATS[mode]; run++) {
      for (const history of histories) await appendByCommand(bench, history);
    }
    const found: Found[] = [];
    for (const history of histories) found.push(await conclude(bench, history));
    const [short, long] = found.map(({ shape }) => daysText(shape));
    return {
      scenario: 'one-day',
      about:
        `One more day for each of ${ASSETS[mode]} asset(s) behind ${short} and behind ${long} of history, in turns: in this ` +
        `process (median of ${REPEATS[mode]} days, each after a checkpoint, after one day of warm-up), and by the built command, ` +
        `start of the process included (median of ${COMMAND_REPEATS[mode]}).`,
      tables: [times(found), rows(found)],
    };
  },
};

/** A database to which days are appended one by one. */
interface History {
  readonly shape: Shape;
  readonly name: string;
  readonly ids: readonly number[];
  /** Days appended so far. */
  day: number;
  readonly costs: Cost[];
  readonly commandSeconds: number[];
}

interface Found {
  readonly shape: Shape;
  readonly cost: Cost;
  /** Median seconds of the built command. */
  readonly commandSeconds: number;
  /** Statements that this process sent for one day. */
  readonly statements: number;
  /** What one day changed in each table. */
  readonly activity: ReadonlyMap<string, TableActivity>;
}

async function build(bench: Workbench, shape: Shape): Promise<History> {
  const name = await builtDatabase(bench, 'one_day', shape);
  return { shape, name, ids: idsOf(shape.assets), day: 0, costs: [], commandSeconds: [] };
}

async function appendHere(bench: Workbench, history: History, isKept: boolean): Promise<void> {
  await bench.using(history.name, async (database) => {
    await loadDay(database, history.shape, ++history.day);
    const choice = { ids: history.ids, nowMs: clockAfter(history.day) };
    const { cost } = await measure(bench, () => refreshOnce(database, choice));
    if (isKept) history.costs.push(cost);
  });
}

async function appendByCommand(bench: Workbench, history: History): Promise<void> {
  await bench.using(history.name, (database) => loadDay(database, history.shape, ++history.day));
  await bench.checkpoint();
  history.commandSeconds.push((await runQuietly(bench, history.name, ['refresh', '--all'], history.day)).seconds);
}

/** Counts the statements and changed rows of one more day, then drops the database. */
async function conclude(bench: Workbench, { shape, name, ids, day, costs, commandSeconds }: History): Promise<Found> {
  const choice = { ids, nowMs: clockAfter(day + 1) };
  await bench.using(name, (database) => loadDay(database, shape, day + 1));
  const before = await bench.using(name, (database) => database.session(tableActivity));
  const statements = await bench.countStatements(name, () =>
    bench.using(name, (database) => refreshOnce(database, choice)),
  );
  const after = await bench.using(name, (database) => database.session(tableActivity));
  await bench.drop(name);
  return {
    shape,
    cost: medianCost(costs),
    commandSeconds: median(commandSeconds),
    statements,
    activity: activityBetween(before, after),
  };
}

function times(found: readonly Found[]): ResultTable {
  const [short, long] = found;
  const ratio = (part: (found: Found) => number): number => part(long) / part(short);
  const line = ({ shape, cost, commandSeconds, statements }: Found): Cell[] => [
    daysText(shape),
    cost.seconds * 1000,
    cost.clientCpuSeconds * 1000,
    cost.serverCpuSeconds * 1000,
    megabytes(cost.walBytes),
    statements,
    commandSeconds * 1000,
  ];
  return {
    caption: `One more day, for ${shapeText(short.shape).replace(/ ×.*/, '')} together.`,
    columns: ['history', 'ms', 'Node CPU ms', 'server CPU ms', 'WAL', 'statements', 'ms by the command'],
    rows: [
      ...found.map(line),
      [
        'ratio',
        ratio(({ cost }) => cost.seconds),
        ratio(({ cost }) => cost.clientCpuSeconds),
        ratio(({ cost }) => cost.serverCpuSeconds),
        ratio(({ cost }) => cost.walBytes),
        ratio(({ statements }) => statements),
        ratio(({ commandSeconds }) => commandSeconds),
      ],
    ],
  };
}

function daysText({ days }: Shape): string {
  return `${days.toLocaleString('en-US')} days`;
}

function rows(found: readonly Found[]): ResultTable {
  const big = new Set(BIG_TABLES.flat().map(({ table }) => table));
  const names = [...new Set(found.flatMap(({ activity }) => [...activity.keys()]))].filter((name) =>
    found.some(({ activity }) => hasChange(activity.get(name))),
  );
  names.sort((a, b) => Number(big.has(b)) - Number(big.has(a)) || (a < b ? -1 : 1));
  return {
    caption: 'Rows that this day touched (inserted / updated / deleted), by table.',
    columns: ['table', ...found.map(({ shape }) => daysText(shape))],
    rows: names.map((name) => [`\`${name}\``, ...found.map(({ activity }) => changeText(activity.get(name)))]),
  };
}

function hasChange(activity: TableActivity | undefined): boolean {
  return activity !== undefined && activity.inserted + activity.updated + activity.deleted > 0;
}

function changeText(activity: TableActivity | undefined): string {
  if (activity === undefined) return '0 / 0 / 0';
  return [activity.inserted, activity.updated, activity.deleted].map(numberText).join(' / ');
}
