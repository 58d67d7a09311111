import { spawnSync } from 'node:child_process';

/** The known vulnerabilities of the packages that we ship, from the registry. */
export type AuditVerdict =
  /** There was no report, so nothing is known. */
  | { readonly kind: 'unanswered'; readonly reason: string }
  | {
      readonly kind: 'answered';
      /** High and critical ones, as `name (severity): title`. They fail the check. */
      readonly grave: readonly string[];
      /** All others. */
      readonly minor: readonly string[];
    };

interface AuditAnswer {
  readonly message?: string;
  readonly error?: { readonly code?: string; readonly summary?: string };
  readonly auditReportVersion?: number;
  readonly vulnerabilities?: Record<string, { severity: string; via: readonly (string | { title?: string })[] }>;
}

const GRAVE = new Set(['high', 'critical']);

/** Asks the registry, for at most `timeoutMs`. Development packages are left out, since we do not ship them. */
export function askRegistry(root: string, timeoutMs: number): AuditVerdict {
  const args = ['audit', '--json', '--omit=dev', '--fetch-retries=0'];
  const run = spawnSync('npm', args, { cwd: root, encoding: 'utf8', timeout: timeoutMs });
  if (run.error !== undefined) return { kind: 'unanswered', reason: run.error.message };
  return readAudit(run.stdout);
}

/** Reads what `npm audit --json` printed. Anything but a report counts as no answer. */
export function readAudit(text: string): AuditVerdict {
  let answer: AuditAnswer;
  try {
    answer = JSON.parse(text) as AuditAnswer;
  } catch {
    return { kind: 'unanswered', reason: 'npm audit printed no JSON' };
  }
  if (answer.auditReportVersion === undefined || answer.vulnerabilities === undefined) {
    // only the status: the rest of a message may name the registry
    const status = /\b[45]\d\d [A-Z][\w ]+|\bE[A-Z]+\b/.exec(
      `${answer.message ?? ''} ${answer.error?.code ?? ''}`,
    )?.[0];
    return { kind: 'unanswered', reason: status?.trim() ?? 'no report' };
  }
  const found = Object.entries(answer.vulnerabilities).map(([name, { severity, via }]) => {
    const titles = via
      .map((cause) => (typeof cause === 'string' ? cause : (cause.title ?? '')))
      .filter((t) => t !== '');
    return { severity, text: `${name} (${severity}): ${[...new Set(titles)].join('; ')}` };
  });
  const texts = (isGrave: boolean) =>
    found.filter(({ severity }) => GRAVE.has(severity) === isGrave).map(({ text: line }) => line);
  return { kind: 'answered', grave: texts(true), minor: texts(false) };
}
