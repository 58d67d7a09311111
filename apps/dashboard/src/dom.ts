/** What an element may hold. */
export type Child = Node | string | number | null | false;

/** Properties of an element; `data` becomes `data-*`, `on` event listeners. */
export interface Attributes {
  readonly [name: string]: string | number | boolean | null | undefined | Listeners;
  readonly on?: Listeners;
}

/** Event listeners by name. */
export interface Listeners {
  readonly [name: string]: (event: never) => void;
}

/** Makes an element. Text is always text: nothing from the database is read as markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'object') {
      for (const [type, listener] of Object.entries(value)) made.addEventListener(type, listener as EventListener);
    } else made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(
    ...children
      .flat()
      .filter((child) => child !== null && child !== false)
      .map(asNode),
  );
  return made;
}

/** A table with a caption and column headings. */
export function table(caption: string, headings: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      tableHead(headings),
      tableBody(rows.map((cells) => cells.map((cell) => element('td', {}, cell)))),
    ),
  );
}

/** The head of a table: a column for each heading. */
export function tableHead(headings: readonly (Child | readonly Child[])[]): HTMLElement {
  const cells = headings.map((heading) => element('th', { scope: 'col' }, heading));
  return element('thead', {}, element('tr', {}, cells));
}

/** The body of a table: a line for each row of cells. */
export function tableBody(rows: readonly (readonly HTMLElement[])[]): HTMLElement {
  const lines = rows.map((cells) => element('tr', {}, cells));
  return element('tbody', {}, lines);
}

function asNode(child: Child): Node | string {
  return typeof child === 'number' ? String(child) : (child as Node | string);
}
