import type { CheckContext } from '../check-context.ts';
import type { Finding } from '../finding.ts';
import { KeptFindings } from '../kept-findings.ts';
import { reasonBesideChecks } from '../verdict.ts';
import { statusCounts, type ValidationResult } from '../run-checks.ts';
import { PAGE_LIMITS, shortened } from './limits.ts';
import type { PageCalendar, PageData, PageFinding, PagePlace } from './page-data.ts';
import { readCalendar } from './read-calendar.ts';
import { placeKey, placeOf, readPlace } from './read-place.ts';

/** Gathers the data of a validation's page while the validation runs; its size is bounded, however much is wrong. */
export function pageCollector() {
  const kept = new KeptFindings(PAGE_LIMITS.findingsPerCheck);
  const leftOut: string[] = [];
  let shown: readonly Finding[] = [];
  let placeAt = new Map<Finding, number>();
  let places: PagePlace[] = [];
  let calendars: PageCalendar[] = [];
  return {
    finding: (finding: Finding): void => kept.add(finding),
    /** Reads bars and calendars in the snapshot of the checks. */
    async read(context: CheckContext): Promise<void> {
      shown = kept.worstFirst().slice(0, PAGE_LIMITS.findings);
      ({ places, placeAt } = await readPlaces(context, shown));
      calendars = await readCalendars(context, shown, leftOut);
    },
    /** @param target the database, password masked */
    finish(result: ValidationResult, target: string): PageData {
      const notes = [...leftOutFindings(result, shown, placeAt), ...leftOut];
      const { findings, bySeverity, gaps, duplicates, request } = result;
      return {
        target,
        asOf: new Date(request.asOfTs).toISOString(),
        profile: request.profile,
        isPassed: result.isPassed,
        reason: reasonBesideChecks(result),
        sums: { ...statusCounts(result), findings, bySeverity, gaps, duplicates },
        checks: result.checks.map(({ check, status, findings: found, worst, durationMs, reason }) => ({
          ...{ id: check.id, name: check.name, kind: check.kind, status, findings: found, worst, reason },
          ...{ ms: Math.round(durationMs), explanation: check.explanation, whatToDo: check.whatToDo },
        })),
        findings: shown.map((finding) => pageFinding(finding, placeAt.get(finding) ?? null)),
        places,
        calendars,
        leftOut: notes,
      };
    },
  };
}

function pageFinding(finding: Finding, place: number | null): PageFinding {
  const { check, severity, table, id, tf, period, key, expected, actual, message, detail } = finding;
  const text = (value: string | null) => (value === null ? null : shortened(value));
  return {
    ...{ check, severity, table, id, tf, period, place },
    ...{ key: text(key), expected: text(expected), actual: text(actual) },
    message: shortened(message),
    detail: shortened(JSON.stringify(detail)),
  };
}

async function readPlaces(
  context: CheckContext,
  findings: readonly Finding[],
): Promise<{ places: PagePlace[]; placeAt: Map<Finding, number> }> {
  const assets = new Map(context.assets.map((asset) => [asset.id, asset]));
  const places: PagePlace[] = [];
  const placeAt = new Map<Finding, number>();
  const known = new Map<string, number | null>();
  const perCheck = new Map<string, number>();
  for (const finding of findings) {
    const choice = placeOf(finding, finding.id === null ? undefined : assets.get(finding.id));
    if (choice === null) continue;
    const key = placeKey(choice);
    let index = known.get(key);
    if (index === undefined) {
      const charts = perCheck.get(finding.check) ?? 0;
      if (charts >= PAGE_LIMITS.chartsPerCheck || places.length >= PAGE_LIMITS.charts) continue;
      context.assertGoesOn();
      const place = await readPlace(context.session, choice);
      index = place === null ? null : places.push(place) - 1;
      known.set(key, index);
      perCheck.set(finding.check, charts + 1);
    }
    if (index !== null) placeAt.set(finding, index);
  }
  return { places, placeAt };
}

/** Calendars of the assets: those with findings first. */
async function readCalendars(
  context: CheckContext,
  findings: readonly Finding[],
  leftOut: string[],
): Promise<PageCalendar[]> {
  const concerned = new Set(findings.flatMap(({ id }) => id ?? []));
  const order = [
    ...context.assets.filter(({ id }) => concerned.has(id)),
    ...context.assets.filter(({ id }) => !concerned.has(id)),
  ];
  const calendars: PageCalendar[] = [];
  for (const asset of order.slice(0, PAGE_LIMITS.calendars)) {
    context.assertGoesOn();
    const calendar = await readCalendar(context.session, asset);
    if (calendar !== null) calendars.push(calendar);
  }
  if (order.length > PAGE_LIMITS.calendars) {
    leftOut.push(
      `Calendars of ${order.length - PAGE_LIMITS.calendars} of ${order.length} assets: those with findings come first, then ascending ids.`,
    );
  }
  if (calendars.some(({ days }) => days === PAGE_LIMITS.calendarDays)) {
    leftOut.push(`Days of a calendar before its newest ${PAGE_LIMITS.calendarDays}.`);
  }
  return calendars.sort((a, b) => a.id - b.id);
}

function leftOutFindings(
  result: ValidationResult,
  shown: readonly Finding[],
  placeAt: ReadonlyMap<Finding, number>,
): string[] {
  const notes: string[] = [];
  const hidden = result.findings - shown.length;
  if (hidden > 0) {
    notes.push(
      `${hidden} of ${result.findings} findings: the worst ${PAGE_LIMITS.findingsPerCheck} of each check, ${PAGE_LIMITS.findings} in all, ` +
        'are here. All of them: validator check --format json.',
    );
  }
  const uncharted = shown.filter((finding) => finding.id !== null && !placeAt.has(finding)).length;
  if (uncharted > 0) {
    notes.push(
      `Charts of ${uncharted} findings: ${PAGE_LIMITS.chartsPerCheck} places of each check, ${PAGE_LIMITS.charts} in all, are drawn, where there are bars.`,
    );
  }
  return notes;
}
