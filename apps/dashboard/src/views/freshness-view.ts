import type { Freshness, FreshnessCell, FreshnessRow, FreshnessStatus } from '@ta/dashboard-server/api';
import { ask } from '../api-client.ts';
import { element, tableBody, tableHead, type Child } from '../dom.ts';
import { ageText, countText, minuteText } from '../formats.ts';
import type { View, World } from './view.ts';

const PAGE_ROWS = 100;
/** From worst to best: the sign in a cell, and what it means. */
const STATUSES: Readonly<Record<FreshnessStatus, { readonly sign: string; readonly meaning: string }>> = {
  failed: { sign: '✕', meaning: 'failed in the last run' },
  behind: { sign: '◂', meaning: 'behind the daily bars' },
  pending: { sign: '●', meaning: 'source changes are waiting' },
  ahead: { sign: '▸', meaning: 'a day lies in the future' },
  stale: { sign: '', meaning: 'daily bars too old' },
  never: { sign: '–', meaning: 'nothing built' },
  fresh: { sign: '', meaning: 'up to date' },
};
const BEST_FIRST = Object.keys(STATUSES).reverse();

/** Assets × builders: age in colour and in words, the reason under the pointer, the cursor keys or the screen reader. */
export function freshnessView(world: World): View {
  const filter = element('input', { type: 'search', id: 'filter', placeholder: 'id or name', autocomplete: 'off' });
  const order = element(
    'select',
    { id: 'order' },
    element('option', { value: 'worst' }, 'worst first'),
    element('option', { value: 'id' }, 'by id'),
  );
  const counts = element('p', { class: 'counts' });
  const why = element(
    'p',
    { class: 'why', id: 'why', role: 'status', 'aria-live': 'polite' },
    'Point at a cell, or move with the arrow keys, to read why.',
  );
  const grid = element('div', { class: 'scroll' });
  const pager = element('p', { class: 'pager' });
  const root = element(
    'div',
    { class: 'freshness-view' },
    element(
      'form',
      { class: 'controls', on: { submit: (event: Event) => event.preventDefault() } },
      element('label', {}, 'Find ', filter),
      element('label', {}, 'Order ', order),
    ),
    counts,
    why,
    grid,
    pager,
  );

  let rows: FreshnessRow[] = [];
  let steps: readonly string[] = [];
  let nowMs = 0;
  let maxAgeHours = 0;
  let page = 0;
  let loading = new AbortController();

  const selected = (): FreshnessRow[] => {
    const text = filter.value.trim().toLowerCase();
    const found = text === '' ? [...rows] : rows.filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(text));
    if (order.value === 'worst') {
      const worst = new Map(found.map((row) => [row, badness(row)]));
      found.sort((a, b) => (worst.get(b) as number) - (worst.get(a) as number) || a.id - b.id);
    }
    return found;
  };

  const render = (): void => {
    const found = selected();
    const pages = Math.max(1, Math.ceil(found.length / PAGE_ROWS));
    page = Math.min(page, pages - 1);
    const shown = found.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS);
    grid.replaceChildren(mapTable(shown, steps, nowMs, maxAgeHours, (text) => void (why.textContent = text)));
    counts.replaceChildren(
      `${countText(found.length)} assets. Cells: `,
      ...Object.entries(STATUSES).map(([status, { sign, meaning }]) => {
        const number = found.reduce((sum, { cells }) => sum + cells.filter((cell) => cell.status === status).length, 0);
        return element(
          'span',
          { class: 'count', 'data-count': status },
          element('i', { class: `cell ${status}` }, sign),
          ` ${countText(number)} ${status} (${meaning})`,
        );
      }),
    );
    const turn = (by: number, text: string, isOff: boolean) =>
      element('button', { type: 'button', disabled: isOff, on: { click: () => void ((page += by), render()) } }, text);
    pager.replaceChildren(
      turn(-1, 'Previous', page === 0),
      ` Page ${page + 1} of ${pages} `,
      turn(1, 'Next', page >= pages - 1),
    );
  };
  filter.addEventListener('input', () => void ((page = 0), render()));
  order.addEventListener('change', () => void ((page = 0), render()));

  return {
    root,
    async show() {
      loading.abort();
      loading = new AbortController();
      const { signal } = loading;
      rows = [];
      let after: number | null = 0;
      const startedMs = performance.now();
      while (after !== null) {
        const answer: Freshness = await ask<Freshness>('freshness', { after, limit: 1_000 }, signal);
        rows.push(...answer.rows);
        ({ steps, nowMs, maxAgeHours, next: after } = answer);
        // draw the first page at once, and the rest when all of it has arrived
        if (rows.length === answer.rows.length || after === null) render();
      }
      root.dataset['loadedMs'] = String(Math.round(performance.now() - startedMs));
      root.dataset['assets'] = String(rows.length);
      world.say(null);
    },
    leave: () => loading.abort(),
  };
}

function badness({ cells }: FreshnessRow): number {
  return cells.reduce((sum, { status }) => sum + 8 ** BEST_FIRST.indexOf(status), 0);
}

function mapTable(
  rows: readonly FreshnessRow[],
  steps: readonly string[],
  nowMs: number,
  maxAgeHours: number,
  explain: (text: string) => void,
): HTMLElement {
  const cellOf = ({ name, id }: FreshnessRow, cell: FreshnessCell, column: number): HTMLElement => {
    const age = cell.newestTs === null ? '' : ageText(nowMs - cell.newestTs);
    const text = `${name} (id ${id}), ${steps[column]}: ${cell.status}. ${cell.why}`;
    return element(
      'td',
      {
        class: `cell ${cell.status}`,
        tabindex: -1,
        title: text,
        style: `--age:${ageShare(cell, nowMs, maxAgeHours)}`,
        'data-id': id,
        'data-step': steps[column],
        'data-status': cell.status,
        on: { mouseenter: () => explain(text), focus: () => explain(text) },
      },
      STATUSES[cell.status].sign,
      ' ',
      age,
      element('span', { class: 'unseen' }, ` ${cell.status}`),
    );
  };
  const table = element(
    'table',
    { class: 'map', role: 'grid', 'aria-describedby': 'why' },
    element(
      'caption',
      {},
      `Freshness by asset and builder, judged at ${minuteText(nowMs)}; stale after ${maxAgeHours} hours`,
    ),
    tableHead(['Asset', ...steps].map(breakable)),
    tableBody(
      rows.map((row) => [
        element('th', { scope: 'row' }, `${row.id} ${row.name}`),
        ...row.cells.map((cell, column) => cellOf(row, cell, column)),
      ]),
    ),
  );
  const first = table.querySelector<HTMLElement>('td');
  if (first !== null) first.tabIndex = 0;
  table.addEventListener('keydown', (event) => moveFocus(table, event));
  return table;
}

/** A name that may be broken after its underscores. */
function breakable(name: string): Child[] {
  return name.split(/(?<=_)/).flatMap((part, i) => (i === 0 ? [part] : [element('wbr'), part]));
}

/** 0 for a bar of today, 1 from ten times the limit on: the depth of the colour. */
function ageShare({ newestTs }: FreshnessCell, nowMs: number, maxAgeHours: number): string {
  if (newestTs === null) return '1';
  const hours = Math.max(0, (nowMs - newestTs) / 3_600_000);
  return Math.min(1, Math.log1p(hours) / Math.log1p(maxAgeHours * 10)).toFixed(2);
}

function moveFocus(table: HTMLTableElement, event: KeyboardEvent): void {
  const cell = (event.target as HTMLElement).closest('td');
  const row = cell?.parentElement as HTMLTableRowElement | null | undefined;
  if (cell === null || cell === undefined || row == null) return;
  const body = table.tBodies[0] as HTMLTableSectionElement;
  const [r, c] = [row.sectionRowIndex, cell.cellIndex];
  const wanted: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [r, c - 1],
    ArrowRight: [r, c + 1],
    ArrowUp: [r - 1, c],
    ArrowDown: [r + 1, c],
    Home: [r, 1],
    End: [r, row.cells.length - 1],
  };
  const to = wanted[event.key];
  const target = to === undefined || to[1] < 1 ? undefined : body.rows[to[0]]?.cells[to[1]];
  if (target === undefined) return;
  event.preventDefault();
  cell.tabIndex = -1;
  target.tabIndex = 0;
  target.focus();
}
