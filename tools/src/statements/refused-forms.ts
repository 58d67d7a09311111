import {
  isOfOneAsset,
  namesOf,
  needsMerge,
  placeOf,
  recurs,
  refersTo,
  statementOf,
  touches,
  type Statement,
} from './query-level.ts';
import { asKind, listOf, nodesOf, parseStatements, wordsOf, type Fields, type Node } from './syntax-tree.ts';

/** Our name of a form of SQL that Citus 13 refuses on tables distributed by asset. */
export type Form = keyof typeof FORMS;

/** Each form with the server's message. */
export const FORMS = {
  columnCast: 'STABLE functions used in UPDATE queries cannot be called with column references',
  correlatedOnRecurring: 'correlated subqueries are not supported when the FROM clause contains a CTE or subquery',
  recursion: 'recursive CTEs are only supported when they contain a filter on the distribution column',
  correlatedOnOneServer: 'direct joins between distributed and local tables are not supported',
  emptySelect: 'a column definition list is required for functions returning "record"',
  functionInValues: 'Only immutable functions can be used in VALUES',
  functionInConflict:
    'functions used in the DO UPDATE SET clause of INSERTs on distributed tables must be marked IMMUTABLE',
  lateralMerge: 'Limit or offset clause is unsupported when a lateral subquery references a column from VALUES',
} as const;

/** The immutable ones among the functions we use in VALUES and ON CONFLICT: their results depend on their arguments only. */
const IMMUTABLE = new Set(['abs', 'array_remove', 'record_image_ne']);

/** The refused forms in an SQL script. @throws when it is not valid SQL */
export async function refusedForms(sql: string): Promise<Form[]> {
  const found = (await parseStatements(sql))
    .map(statementOf)
    .flatMap((statement) => (Object.keys(RULES) as Form[]).filter((form) => RULES[form](statement)));
  return [...new Set(found)];
}

const RULES: Readonly<Record<Form, (statement: Statement) => boolean>> = {
  columnCast: (statement) =>
    statement.touchesAssets &&
    ['UpdateStmt', 'DeleteStmt']
      .flatMap((kind) => nodesOf(statement.root, kind))
      .some((change) => nodesOf(change, 'TypeCast').some(({ arg }) => has(arg, 'ColumnRef'))),

  correlatedOnRecurring: (statement) =>
    overAssets(statement) &&
    levels(statement).some(
      ({ from, sublinks }) =>
        from.length > 0 &&
        from.every((item) => recurs(item, statement)) &&
        sublinks.some((query) => touches(query, statement, 'asset') && refersTo(query, namesOf(from))),
    ),

  recursion: (statement) =>
    overAssets(statement) && [...statement.defined.values()].some(({ isRecursive }) => isRecursive),

  correlatedOnOneServer: (statement) =>
    statement.touchesAssets &&
    levels(statement).some(({ from, sublinks }) =>
      sublinks.some((query) => touches(query, statement, 'one') && refersTo(query, namesOf(from))),
    ),

  emptySelect: (statement) =>
    nodesOf(statement.root, 'SelectStmt').some(
      (select) =>
        select['op'] === 'SETOP_NONE' &&
        select['targetList'] === undefined &&
        select['valuesLists'] === undefined &&
        touches(select['fromClause'], statement, 'asset'),
    ),

  functionInValues: (statement) =>
    overAssets(statement) &&
    nodesOf(statement.root, 'RangeSubselect').some(({ subquery }) =>
      isMutable(asKind(subquery, 'SelectStmt')?.['valuesLists']),
    ),

  functionInConflict: ({ root }) =>
    nodesOf(root, 'InsertStmt').some(
      ({ relation, onConflictClause }) =>
        mayBeDistributed(asKind(relation, 'RangeVar') as Fields) && isMutable(onConflictClause),
    ),

  lateralMerge: (statement) =>
    overAssets(statement) &&
    levels(statement).some(({ from }) =>
      nodesOf(from, 'RangeSubselect', (kind) => kind !== 'subquery').some(
        ({ lateral, subquery }) =>
          lateral === true &&
          touches(subquery, statement, 'asset') &&
          needsMerge(asKind(subquery, 'SelectStmt') as Fields) &&
          refersTo(subquery, namesOf(from)),
      ),
    ),
};

function overAssets(statement: Statement): boolean {
  return statement.touchesAssets && !isOfOneAsset(statement);
}

/** The source table is on one server only as long as triggers write its log; its statements should work distributed, too. */
function mayBeDistributed(table: Fields): boolean {
  return table['relname'] === 'cmc_price_histories7' || placeOf(table, new Set()) !== 'one';
}

interface Level {
  readonly from: readonly Node[];
  /** The queries in the expressions of this level. */
  readonly sublinks: readonly unknown[];
}

/** Every SELECT of a statement, including the parts of a UNION, with what it reads. */
function levels(statement: Statement): Level[] {
  const into = (kind: string) => !['SelectStmt', 'SubLink', 'WithClause'].includes(kind);
  return nodesOf(statement.root, 'SelectStmt').map((select) => {
    const sublinks = nodesOf(select, 'SubLink', into).map(({ subselect }) => subselect);
    return { from: listOf(select['fromClause']), sublinks };
  });
}

/** Whether values depend on more than their arguments: through functions, the clock or a cast of a column. */
function isMutable(part: unknown): boolean {
  return (
    nodesOf(part, 'FuncCall').some(({ funcname }) => !IMMUTABLE.has(wordsOf(funcname).at(-1) as string)) ||
    has(part, 'SQLValueFunction') ||
    nodesOf(part, 'TypeCast').some(({ arg }) => has(arg, 'ColumnRef'))
  );
}

function has(part: unknown, kind: string): boolean {
  return nodesOf(part, kind).length > 0;
}
