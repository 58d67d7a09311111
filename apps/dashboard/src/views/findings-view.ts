import type { FindingEntry, Findings } from '@ta/dashboard-server/api';
import { ask } from '../api-client.ts';
import { element, table } from '../dom.ts';
import { exactText, minuteText } from '../formats.ts';
import type { View } from './view.ts';

/** What the validator found last, and the status of each check. */
export function findingsView(): View {
  const which = element('select', { id: 'validation' });
  const checks = element('section', { 'aria-label': 'Checks' });
  const findings = element('section', { 'aria-label': 'Findings' });
  const root = element(
    'div',
    { class: 'findings-view' },
    element('form', { class: 'controls' }, element('label', {}, 'Validation ', which)),
    checks,
    findings,
  );
  let results: readonly FindingEntry[] = [];
  let isCut = false;

  const render = (): void => {
    const own = results.filter((result) => validationOf(result) === which.value);
    const ofChecks = own.filter(({ table: name, id }) => name === null && id === null);
    const found = own.filter((result) => !ofChecks.includes(result));
    checks.replaceChildren(
      table(
        'Checks',
        ['Check', 'Name', 'Severity', 'Status', 'Message'],
        ofChecks
          .sort((a, b) => a.check.localeCompare(b.check))
          .map(({ check, name, severity, status, message }) => [check, name, severity, statusOf(status), message]),
      ),
    );
    findings.replaceChildren(
      found.length === 0
        ? element('p', { class: 'good' }, 'No finding.')
        : table(
            `${found.length} findings${isCut ? ' (older ones are not shown)' : ''}`,
            ['Check', 'Name', 'Severity', 'Table', 'Id', 'Timeframe', 'Period', 'Key', 'Expected', 'Actual', 'Message'],
            found.map((f) => [
              ...[f.check, f.name, f.severity, f.table, exactText(f.id), f.tf, exactText(f.period), f.key],
              ...[f.expected, f.actual, f.message],
            ]),
          ),
    );
  };
  which.addEventListener('change', render);

  return {
    root,
    async show() {
      ({ results, isCut } = await ask<Findings>('findings', { limit: 1_000 }));
      if (results.length === 0) {
        root.replaceChildren(element('p', {}, 'No validation is stored yet: npx validator check --save'));
        return;
      }
      which.replaceChildren(
        ...[...new Set(results.map(validationOf))].map((value) => element('option', { value }, value)),
      );
      render();
    },
  };
}

function validationOf({ runId, checkedMs }: FindingEntry): string {
  return `${minuteText(checkedMs)} ${runId ?? ''}`.trim();
}

function statusOf(status: string): HTMLElement {
  return element('span', { class: status === 'PASS' ? 'good' : status === 'FAIL' ? 'bad' : 'neutral' }, status);
}
