// a page of the repository, which belongs to no project
// oxlint-disable-next-line @nx/enforce-module-boundaries
import glossary from '../../../../docs/glossary.md?raw';
import { element, table, type Child } from '../dom.ts';
import type { View } from './view.ts';

/** The words of this page, as docs/glossary.md explains them. */
export function glossaryView(): View {
  const [, , ...rows] = glossary.split('\n').filter((line) => line.startsWith('|'));
  const cells = rows.map((row) => row.split('|').slice(1, -1).map(marked));
  return {
    root: element('div', { class: 'glossary-view' }, table('Glossary', ['Term', 'Meaning'], cells)),
    show: () => Promise.resolve(),
  };
}

/** A cell of the file: what it has between backticks is code, and of a link to another page only the text is shown. */
function marked(cell: string): Child {
  const parts = cell
    .trim()
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .split('`');
  return element('span', {}, ...parts.map((part, i) => (i % 2 === 1 ? element('code', {}, part) : part)));
}
