import { BAR_FAMILIES, canonicalZone, specOf } from '@ta/bars-core/engine';
import {
  readBuiltWith,
  readPeriods,
  readSettings,
  saveSettings,
  type SettingName,
  type Session,
} from '@ta/state-store';
import { loadSettings } from './load-settings.ts';

/** EMA periods as a setting: a list, or what the table `ema_alpha_lookup` holds. */
export type Periods = 'lut' | readonly number[];

/** What a caller says about the settings of the database; what is absent is the database's affair. */
export interface SettingsWish {
  /** Canonical name. */
  readonly zone?: string;
  readonly periods?: Periods;
  /** Whether everything is rebuilt in this run, so that a setting may change. */
  readonly isRebuild: boolean;
}

/** A wish that the database says otherwise to. */
export interface SettingConflict {
  readonly name: 'zone' | 'periods';
  readonly stored: string;
  /** Null when nothing is wished, and the database does not decide. */
  readonly wished: string | null;
}

/** The settings a run goes by. */
export interface SettledSettings {
  readonly zone: string;
  readonly periods: Periods;
  /** Not empty: the run must not begin. */
  readonly conflicts: readonly SettingConflict[];
  /** What is not stored yet, or changes. */
  readonly writes: Readonly<Partial<Record<SettingName, unknown>>>;
  /** Timeframes that the catalogue has gained and lost since the last run, such as `+3W_CAL_US`. */
  readonly catalogueChanges: readonly string[];
}

/** Zone of a database whose first refresh names none. */
const FIRST_ZONE = 'UTC';

/** The zone of the days of a database: by its settings, else by its bars when all agree, else UTC. */
export async function readZone(session: Session): Promise<string> {
  const stored = (await readSettings(session)).get('zone')?.value as string | undefined;
  if (stored !== undefined) return stored;
  const { zones } = await readBuiltWith(session);
  return zones.length === 1 ? canonicalIfAny(zones[0]) : FIRST_ZONE;
}

/**
 * Decides what the numbers of a database are made with: what the database says, else what its bars and EMAs were built with,
 * else the wish of this first run. Reads only; {@link keepSettings} writes.
 */
export async function settleSettings(session: Session, wish: SettingsWish): Promise<SettledSettings> {
  const stored = await readSettings(session);
  const builtWith = stored.has('zone') && stored.has('periods') ? null : await readBuiltWith(session);
  const zones = stored.has('zone')
    ? [stored.get('zone')?.value as string]
    : (builtWith?.zones ?? []).map(canonicalIfAny);
  const zone = settle('zone', [...new Set(zones)], wish.zone, wish.isRebuild, FIRST_ZONE, isSame, String);

  const table = await readPeriods(session);
  const listOf = (periods: Periods) => (periods === 'lut' ? table : periods);
  const sets: Periods[] = stored.has('periods')
    ? [stored.get('periods')?.value as Periods]
    : // several sets: those not of the table are rebuilt by it
      builtWith?.periods.length === 1
      ? [...builtWith.periods]
      : [];
  const isSamePeriods = (a: Periods, b: Periods) => listOf(a).join() === listOf(b).join();
  const periods = settle('periods', sets, wish.periods, wish.isRebuild, 'lut', isSamePeriods, periodsText);

  const timeframes = await catalogue(session);
  const known = stored.get('timeframes')?.value as Catalogue | undefined;
  const catalogueChanges = known === undefined ? [] : differences(known, timeframes);
  const writes = {
    ...(stored.has('zone') && isSame(zones[0] as string, zone.value) ? {} : { zone: zone.value }),
    ...(stored.has('periods') && isSamePeriods(sets[0] as Periods, periods.value) ? {} : { periods: periods.value }),
    ...(known !== undefined && catalogueChanges.length === 0 ? {} : { timeframes }),
  };
  const conflicts = [...zone.conflicts, ...periods.conflicts];
  return { zone: zone.value, periods: periods.value, conflicts, writes, catalogueChanges };
}

/**
 * Writes what the settled settings change; the caller holds the run lock.
 *
 * @param origin the run, and its clock
 */
export async function keepSettings(
  session: Session,
  { writes }: Pick<SettledSettings, 'writes'>,
  origin: { readonly runId: string; readonly setAt: Date },
): Promise<void> {
  if (Object.keys(writes).length > 0) await saveSettings(session, writes, origin);
}

/** Periods as an operator writes them. */
export function periodsText(periods: Periods): string {
  return periods === 'lut' ? 'lut' : periods.join(',');
}

function settle<Value>(
  name: SettingConflict['name'],
  stored: readonly Value[],
  wished: Value | undefined,
  isRebuild: boolean,
  first: Value,
  isEqual: (a: Value, b: Value) => boolean,
  textOf: (value: Value) => string,
): { value: Value; conflicts: SettingConflict[] } {
  const [only] = stored;
  if (only === undefined) return { value: wished ?? first, conflicts: [] };
  const isSettled = stored.length === 1 && (wished === undefined || isEqual(only, wished));
  if (isSettled) return { value: only, conflicts: [] };
  if (wished !== undefined && isRebuild) return { value: wished, conflicts: [] };
  const conflict = {
    name,
    stored: stored.map(textOf).join(' and '),
    wished: wished === undefined ? null : textOf(wished),
  };
  return { value: wished ?? only, conflicts: [conflict] };
}

function isSame(a: string, b: string): boolean {
  return a === b;
}

/** A zone that an earlier version took and this one refuses stays what it is: the run that meets it says which to use. */
function canonicalIfAny(zone: string): string {
  try {
    return canonicalZone(zone);
  } catch {
    return zone;
  }
}

/** Specification of each timeframe, by family; `1d` holds the daily one. */
type Catalogue = Readonly<Record<string, Readonly<Record<string, string>>>>;

async function catalogue(session: Session): Promise<Catalogue> {
  const { timeframes, dayTimeframes } = await loadSettings(session, { runId: '', zone: FIRST_ZONE });
  const families = BAR_FAMILIES.map((family) => [family, timeframes[family]] as const);
  const daily = ['1d', dayTimeframes.filter(({ tf }) => tf === '1D')] as const;
  return Object.fromEntries(
    [daily, ...families].map(([family, list]) => [
      family,
      Object.fromEntries(list.map((one) => [one.tf, specOf(one)])),
    ]),
  );
}

function differences(before: Catalogue, now: Catalogue): string[] {
  const flat = (of: Catalogue) =>
    new Map(
      Object.entries(of).flatMap(([family, specs]) =>
        Object.entries(specs).map(([tf, spec]) => [`${family} ${tf}`, spec] as const),
      ),
    );
  const [old, current] = [flat(before), flat(now)];
  return [
    ...[...current].filter(([name, spec]) => old.get(name) !== spec).map(([name]) => `+${name}`),
    ...[...old.keys()].filter((name) => !current.has(name)).map((name) => `-${name}`),
  ];
}
