import { BAR_TABLES, EMA_TABLES, TABLES_BY_ASSET, TABLES_EVERYWHERE } from '@ta/state-store';
import { asKind, listOf, nodesOf, wordsOf, type Fields, type Node } from './syntax-tree.ts';

/** Where a table's rows are: on the server of their asset, on every server, or on one server; null: no table of the schema. */
export type Place = 'asset' | 'everywhere' | 'one' | null;

const BY_ASSET = new Set([
  ...TABLES_BY_ASSET,
  ...[...Object.values(BAR_TABLES), ...Object.values(EMA_TABLES)].map(({ table }) => table),
]);

/** The place of a table by its name. Names that the WITH lists of the statement define are not tables. */
export function placeOf(table: Fields, defined: ReadonlySet<string>): Place {
  const name = table['relname'] as string;
  const schema = table['schemaname'] ?? 'public';
  if (schema !== 'public' || name.startsWith('pg_') || defined.has(name)) return null;
  if (BY_ASSET.has(name)) return 'asset';
  return TABLES_EVERYWHERE.includes(name) ? 'everywhere' : 'one';
}

/** What the levels of one statement share. */
export interface Statement {
  readonly root: Node;
  /** The queries of all WITH lists by name. */
  readonly defined: ReadonlyMap<string, Definition>;
  /** Whether rows of assets are read or written at all. */
  readonly touchesAssets: boolean;
}

interface Definition {
  readonly query: unknown;
  readonly uses: number;
  readonly isRecursive: boolean;
  readonly isMaterialized: boolean;
}

export function statementOf(root: Node): Statement {
  const used = new Map<string, number>();
  for (const { relname } of nodesOf(root, 'RangeVar')) {
    used.set(relname as string, (used.get(relname as string) ?? 0) + 1);
  }
  const defined = new Map<string, Definition>();
  for (const clause of nodesOf(root, 'WithClause')) {
    for (const item of listOf(clause['ctes'])) {
      const { ctename, ctequery, ctematerialized } = asKind(item, 'CommonTableExpr') as Fields;
      const name = ctename as string;
      const isRecursive = nodesOf(ctequery, 'RangeVar').some(({ relname }) => relname === name);
      const isMaterialized = ctematerialized === 'CTEMaterializeAlways';
      defined.set(name, { query: ctequery, uses: used.get(name) ?? 0, isRecursive, isMaterialized });
    }
  }
  const statement = { root, defined, touchesAssets: false };
  return { ...statement, touchesAssets: touches(root, statement, 'asset') };
}

/** Whether a part of a statement names a table of this place. */
export function touches(part: unknown, { defined }: Pick<Statement, 'defined'>, place: Place): boolean {
  const names = new Set(defined.keys());
  return nodesOf(part, 'RangeVar').some((table) => placeOf(table, names) === place);
}

/** Names that qualify the columns of a query level's FROM: its tables and aliases. */
export function namesOf(from: unknown): Set<string> {
  const names = new Set<string>();
  const into = (kind: string) => !['subquery', 'SubLink'].includes(kind);
  for (const table of nodesOf(from, 'RangeVar', into)) {
    names.add(((table['alias'] as Fields | undefined)?.['aliasname'] ?? table['relname']) as string);
  }
  for (const kind of ['RangeSubselect', 'RangeFunction']) {
    for (const item of nodesOf(from, kind, into)) {
      const alias = (item['alias'] as Fields | undefined)?.['aliasname'];
      if (alias !== undefined) names.add(alias as string);
    }
  }
  return names;
}

/** Whether a query refers to columns of an outer query level, which are qualified by these names. */
export function refersTo(query: unknown, names: ReadonlySet<string>): boolean {
  if (typeof query !== 'object' || query === null) return false;
  const select = asKind(query, 'SelectStmt');
  if (select !== undefined) {
    const own = namesOf(select['fromClause']);
    const outer = new Set([...names].filter((name) => !own.has(name)));
    return outer.size > 0 && Object.values(select).some((part) => refersTo(part, outer));
  }
  const column = asKind(query, 'ColumnRef');
  if (column !== undefined) {
    const words = wordsOf(column['fields']);
    return words.length > 1 && names.has(words[0]);
  }
  return Object.values(query).some((part) => refersTo(part, names));
}

/**
 * Whether an item of FROM has the same rows on every server: it reads no table by asset, or it is computed first and its result
 * is sent to every server. Citus calls such items recurring.
 */
export function recurs(item: unknown, statement: Statement): boolean {
  const table = asKind(item, 'RangeVar');
  if (table !== undefined) {
    const definition = statement.defined.get(table['relname'] as string);
    if (definition === undefined) return placeOf(table, new Set()) !== 'asset';
    return definition.uses > 1 || definition.isMaterialized || isComputedFirst(definition.query, statement);
  }
  const join = asKind(item, 'JoinExpr');
  if (join !== undefined) {
    const [left, right] = [recurs(join['larg'], statement), recurs(join['rarg'], statement)];
    if (join['jointype'] === 'JOIN_LEFT') return left;
    if (join['jointype'] === 'JOIN_RIGHT') return right;
    return join['jointype'] === 'JOIN_FULL' ? left || right : left && right;
  }
  const subselect = asKind(item, 'RangeSubselect');
  return subselect === undefined || isComputedFirst(subselect['subquery'], statement);
}

/** Whether a query in FROM is computed first, because the servers of the assets cannot each compute their part of it. */
function isComputedFirst(query: unknown, statement: Statement): boolean {
  const select = asKind(query, 'SelectStmt');
  if (select === undefined || select['valuesLists'] !== undefined) return true;
  if (select['op'] !== 'SETOP_NONE') {
    return [select['larg'], select['rarg']].some((part) => isComputedFirst(part, statement));
  }
  if (needsMerge(select)) return true;
  return listOf(select['fromClause']).every((item) => recurs(item, statement));
}

/** Whether the result of a query needs rows of several servers together: LIMIT, OFFSET, or GROUP BY or DISTINCT without `id`. */
export function needsMerge(select: Fields): boolean {
  if (select['limitCount'] !== undefined || select['limitOffset'] !== undefined) return true;
  const groups = listOf(select['groupClause']);
  if (groups.length > 0) return !groups.some(isId);
  const distinct = listOf(select['distinctClause']);
  return (
    distinct.length > 0 && !listOf(select['targetList']).some((target) => isId(asKind(target, 'ResTarget')?.['val']))
  );
}

function isId(node: unknown): boolean {
  const column = asKind(node, 'ColumnRef');
  return column !== undefined && wordsOf(column['fields']).at(-1) === 'id';
}

/** Whether each query level with tables by asset asks for one asset, and no table is on one server: Citus forwards it. */
export function isOfOneAsset(statement: Statement): boolean {
  if (touches(statement.root, statement, 'one')) return false;
  const names = new Set(statement.defined.keys());
  const levels = ['SelectStmt', 'DeleteStmt', 'UpdateStmt'].flatMap((kind) => nodesOf(statement.root, kind));
  return levels.every((level) => {
    const into = (kind: string) => !['subquery', 'SubLink', 'SelectStmt'].includes(kind);
    const from = [level['fromClause'], level['usingClause'], level['relation']];
    const tables = nodesOf(from, 'RangeVar', into);
    if (!tables.some((table) => placeOf(table, names) === 'asset')) return true;
    return nodesOf([level['whereClause'], from], 'A_Expr', into).some(isOneId);
  });
}

function isOneId({ kind, name, lexpr, rexpr }: Fields): boolean {
  return kind === 'AEXPR_OP' && wordsOf(name).join() === '=' && isId(lexpr) && isConstant(rexpr);
}

function isConstant(node: unknown): boolean {
  return ['A_Const', 'ParamRef'].some((kind) => asKind(node, kind) !== undefined) || isConstantCast(node);
}

function isConstantCast(node: unknown): boolean {
  const cast = asKind(node, 'TypeCast');
  return cast !== undefined && isConstant(cast['arg']);
}
