import path from 'node:path';
import ts from 'typescript';

/** Texts of source files by their paths in the workspace. */
export type Sources = ReadonlyMap<string, string>;

/** What a file imports from another file: one of its names, or `*` for all. */
interface Taken {
  readonly file: string;
  readonly name: string;
}

/** What a file imports, and what it re-exports under a name of its own (`*` for all names of a file). */
interface Links {
  readonly imports: readonly Taken[];
  readonly handedOn: ReadonlyMap<string, readonly Taken[]>;
}

/**
 * The importers of each file. A name that an index re-exports leads to the file that defines it, not to all files of the
 * index. Imports of types only do not count.
 * @param entries entry files by the names of packages
 */
export function importersOf(sources: Sources, entries: ReadonlyMap<string, string>): Map<string, string[]> {
  const links = new Map([...sources].map(([file, text]) => [file, linksOf(file, text, sources, entries)]));
  const importers = new Map<string, string[]>();
  for (const [file, { imports, handedOn }] of links) {
    const found = [...imports, ...[...handedOn.values()].flat()].flatMap((taken) => origins(taken, links));
    for (const from of new Set(found)) importers.set(from, [...(importers.get(from) ?? []), file]);
  }
  return importers;
}

/** The distance of each direct or indirect importer to the target: 1 if it imports the target itself, 2 through one file, … */
export function distancesTo(target: string, importers: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const distances = new Map([[target, 0]]);
  for (const [file, distance] of distances)
    for (const importer of importers.get(file) ?? [])
      if (!distances.has(importer)) distances.set(importer, distance + 1);
  return distances;
}

/** The files that define a name of a file. */
function origins({ file, name }: Taken, links: ReadonlyMap<string, Links>): string[] {
  const handedOn = links.get(file)?.handedOn;
  const taken =
    name === '*' ? undefined : (handedOn?.get(name) ?? handedOn?.get('*')?.map((all) => ({ ...all, name })));
  return taken === undefined ? [file] : taken.flatMap((further) => origins(further, links));
}

function linksOf(file: string, text: string, sources: Sources, entries: ReadonlyMap<string, string>): Links {
  const imports: Taken[] = [];
  const handedOn = new Map<string, Taken[]>();
  const fileOf = (node: ts.Node | undefined): string | undefined => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return undefined;
    const named = entries.get(node.text) ?? path.posix.join(path.posix.dirname(file), node.text);
    return sources.has(named) ? named : undefined;
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const from = fileOf(node.moduleSpecifier);
      if (from !== undefined) for (const name of importedNames(node)) imports.push({ file: from, name });
    } else if (ts.isExportDeclaration(node)) {
      const from = fileOf(node.moduleSpecifier);
      if (from !== undefined && !node.isTypeOnly)
        for (const [own, name] of exportedNames(node))
          handedOn.set(own, [...(handedOn.get(own) ?? []), { file: from, name }]);
    } else {
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
        const from = fileOf(node.arguments[0]);
        if (from !== undefined) imports.push({ file: from, name: '*' });
      }
      ts.forEachChild(node, visit);
    }
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false));
  return { imports, handedOn };
}

function importedNames({ importClause }: ts.ImportDeclaration): string[] {
  if (importClause === undefined) return ['*'];
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
  const { name, namedBindings } = importClause;
  const own = name === undefined ? [] : ['default'];
  if (namedBindings === undefined) return own;
  if (ts.isNamespaceImport(namedBindings)) return ['*', ...own];
  const named = namedBindings.elements.filter(({ isTypeOnly }) => !isTypeOnly);
  return [...own, ...named.map((element) => (element.propertyName ?? element.name).text)];
}

/** Pairs of the name that a file exports and the name in the file where it comes from. */
function exportedNames({ exportClause }: ts.ExportDeclaration): [own: string, name: string][] {
  if (exportClause === undefined) return [['*', '*']];
  if (ts.isNamespaceExport(exportClause)) return [[exportClause.name.text, '*']];
  const named = exportClause.elements.filter(({ isTypeOnly }) => !isTypeOnly);
  return named.map((element) => [element.name.text, (element.propertyName ?? element.name).text]);
}
