import type { RunDetail, RunEntry, Runs } from '@ta/dashboard-server/api';
import { ask } from '../api-client.ts';
import { element, table, type Child } from '../dom.ts';
import { durationText, minuteText } from '../formats.ts';
import type { View, World } from './view.ts';

/** Past runs with durations and failures; one of them by step. */
export function runsView(world: World): View {
  const list = element('section', { 'aria-label': 'Runs' });
  const detail = element('section', { 'aria-label': 'One run', 'aria-live': 'polite' });
  const root = element('div', { class: 'runs-view' }, list, detail);

  let pending = new AbortController();

  const open = async (run: RunEntry): Promise<void> => {
    pending.abort();
    pending = new AbortController();
    const { signal } = pending;
    try {
      const answer = await ask<RunDetail>('run', { run: run.runId }, signal);
      // the list may be older than the answer
      detail.replaceChildren(...detailOf(answer.run ?? run, answer));
      detail.scrollIntoView({ block: 'nearest' });
      world.say(null);
    } catch (error) {
      if (signal.aborted) return;
      // no details of another run below the click
      detail.replaceChildren();
      world.fail(error);
    }
  };

  return {
    root,
    async show() {
      const { runs } = await ask<Runs>('runs', { limit: 100 });
      if (runs.length === 0) {
        list.replaceChildren(element('p', {}, 'No run yet: ta refresh --all'));
        return;
      }
      const longest = Math.max(...runs.map(lasted));
      list.replaceChildren(
        table(
          'Runs, newest first',
          ['Started', 'Command', 'Status', 'Duration', '', 'Items', 'Failed', 'Exit code', 'Run'],
          runs.map((run) => [
            minuteText(run.startedMs),
            run.command,
            statusOf(run.status),
            run.finishedMs === null ? '–' : durationText(lasted(run)),
            bar(lasted(run) / Math.max(1, longest)),
            run.items,
            run.failedItems === 0 ? '0' : element('strong', { class: 'bad' }, String(run.failedItems)),
            run.exitCode ?? '–',
            element(
              'button',
              { type: 'button', 'data-run': run.runId, on: { click: () => void open(run) } },
              run.runId,
            ),
          ]),
        ),
      );
    },
    leave: () => pending.abort(),
  };
}

function lasted({ startedMs, finishedMs }: RunEntry): number {
  return finishedMs === null ? 0 : finishedMs - startedMs;
}

function bar(share: number): Child {
  return element('i', { class: 'bar', style: `--share:${share.toFixed(3)}`, 'aria-hidden': 'true' });
}

function statusOf(status: string): HTMLElement {
  const tone = status === 'ok' ? 'good' : status === 'running' ? 'neutral' : 'bad';
  return element('span', { class: tone }, status);
}

function detailOf(run: RunEntry, { steps, failures }: RunDetail): HTMLElement[] {
  const heading = element('h2', {}, `${run.command}, ${minuteText(run.startedMs)}: ${run.status}`);
  if (steps.length === 0) {
    return [heading, element('p', {}, 'No items are recorded: everything was up to date, or the run ended early.')];
  }
  const parts = [
    heading,
    table(
      'By step',
      ['Component', 'Step', 'Status', 'Items', 'Rows written', 'Rejected', 'Total time of the items'],
      steps.map((step) => [
        step.component,
        step.step,
        statusOf(step.status),
        step.items,
        step.rowsWritten,
        step.rejected,
        step.busyMs === null ? '–' : durationText(step.busyMs),
      ]),
    ),
  ];
  if (failures.length > 0) {
    parts.push(
      table(
        `Failures${failures.length < run.failedItems ? ` (the first ${failures.length} of ${run.failedItems})` : ''}`,
        ['Component', 'Step', 'Id', 'Error'],
        failures.map(({ component, step, id, error }) => [component, step, id, error ?? '–']),
      ),
    );
  }
  return parts;
}
