import type { Findings } from '@ta/dashboard-server/api';
import { ask } from '../api-client.ts';
import { element, table } from '../dom.ts';
import { exactText } from '../formats.ts';
import { findingsText, validationsOf, type Validation } from './validations.ts';
import type { View } from './view.ts';

/** What the validator found last, and the status of each check. */
export function findingsView(): View {
  const which = element('select', { id: 'validation' });
  const older = element('span', {});
  const checks = element('section', { 'aria-label': 'Checks' });
  const findings = element('section', { 'aria-label': 'Findings' });
  const root = element(
    'div',
    { class: 'findings-view' },
    element('form', { class: 'controls' }, element('label', {}, 'Validation ', which), older),
    checks,
    findings,
  );
  let validations: readonly Validation[] = [];

  const render = (): void => {
    const shown = validations.find(({ title }) => title === which.value);
    if (shown === undefined) return;
    checks.replaceChildren(
      table(
        'Checks',
        ['Check', 'Name', 'Severity', 'Status', 'Message'],
        shown.checks
          .toSorted((a, b) => a.check.localeCompare(b.check))
          .map(({ check, name, severity, status, message }) => [check, name, severity, statusOf(status), message]),
      ),
    );
    findings.replaceChildren(
      shown.findings.length === 0
        ? element('p', { class: shown.isCut ? 'neutral' : 'good' }, findingsText(shown))
        : table(
            findingsText(shown),
            ['Check', 'Name', 'Severity', 'Table', 'Id', 'Timeframe', 'Period', 'Key', 'Expected', 'Actual', 'Message'],
            shown.findings.map((f) => [
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
      const answer = await ask<Findings>('findings', { limit: 1_000 });
      validations = validationsOf(answer);
      if (validations.length === 0) {
        root.replaceChildren(element('p', {}, 'No validation is stored yet: npx validator check --save'));
        return;
      }
      which.replaceChildren(...validations.map(({ title }) => element('option', { value: title }, title)));
      older.textContent =
        answer.next !== null && !validations.some(({ isCut }) => isCut) ? 'Older validations are not shown.' : '';
      render();
    },
  };
}

function statusOf(status: string): HTMLElement {
  return element('span', { class: status === 'PASS' ? 'good' : status === 'FAIL' ? 'bad' : 'neutral' }, status);
}
