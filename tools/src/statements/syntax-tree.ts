import { loadModule, parseSync } from 'libpg-query';

/** A node of PostgreSQL's own parse tree: one property that names its kind, with the fields of that kind. */
export type Node = Readonly<Record<string, unknown>>;

/** The fields of a node. */
export type Fields = Readonly<Record<string, unknown>>;

/** The parse trees of a script, one per statement. @throws when it is not valid SQL */
export async function parseStatements(sql: string): Promise<Node[]> {
  await loadModule();
  const { stmts = [] } = parseSync(sql) as unknown as { stmts?: readonly { readonly stmt: Node }[] };
  return stmts.map(({ stmt }) => withKinds(stmt) as Node);
}

/** Fields that hold one kind only, so the parser leaves the kind out: the sides of a UNION, changed tables, WITH lists. */
const UNNAMED: readonly (readonly [field: string, kind: string, mark: string])[] = [
  ['larg', 'SelectStmt', 'op'],
  ['rarg', 'SelectStmt', 'op'],
  ['relation', 'RangeVar', 'relname'],
  ['withClause', 'WithClause', 'ctes'],
];

/** A syntax tree with every node named by its kind. */
function withKinds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKinds);
  if (!isObject(value)) return value;
  const fields = Object.entries(value).map(([field, inner]) => {
    const unnamed = UNNAMED.find(([name, , mark]) => name === field && isObject(inner) && mark in inner);
    return [field, unnamed === undefined ? withKinds(inner) : { [unnamed[1]]: withKinds(inner) }];
  });
  return Object.fromEntries(fields);
}

/** The fields of a node if it is of the given kind. */
export function asKind(node: unknown, kind: string): Fields | undefined {
  return isObject(node) ? (node[kind] as Fields | undefined) : undefined;
}

/** A list of nodes; empty if it is absent. */
export function listOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? (value as Node[]) : [];
}

/** Every node of a kind in `root`; `into` decides by the name of a field or the kind of a node whether to search inside it. */
export function nodesOf(root: unknown, kind: string, into: (kind: string) => boolean = () => true): Fields[] {
  const found: Fields[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isObject(value)) return;
    // not Object.entries: trees are searched for many kinds, and making the lists of entries would take most of the time
    for (const key in value) {
      const inner = value[key];
      if (typeof inner !== 'object') continue;
      if (key === kind && isObject(inner)) found.push(inner);
      if (into(key)) visit(inner);
    }
  };
  visit(root);
  return found;
}

/** The parts of the name of a column, a function or a type, which is a list of strings; `*` for a part that is not a string. */
export function wordsOf(names: unknown): string[] {
  return listOf(names).map((part) => String(asKind(part, 'String')?.['sval'] ?? '*'));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
