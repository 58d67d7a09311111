// Our own rules for oxlint (.oxlintrc.json), written as ESLint rules.

/** Forbids `new Date()`, which reads the clock. */
const noClock = {
  create: (context) => ({
    NewExpression(node) {
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'Date' || node.arguments.length > 0) return;
      context.report({ node, message: 'The clock is a parameter.' });
    },
  }),
};

/** Forbids a value of which only the type is used; `no-unused-vars` of oxlint counts `typeof` as a use. */
const noTypesOfUnused = {
  create: (context) => ({
    TSTypeQuery(node) {
      const name = node.exprName;
      if (name.type !== 'Identifier' || name.name.startsWith('_')) return;
      let scope = context.sourceCode.getScope(node);
      while (scope !== null && !scope.set.has(name.name)) scope = scope.upper;
      const value = scope?.set.get(name.name);
      const isOwn = value?.defs.some(({ type }) => ['Variable', 'FunctionName', 'ClassName'].includes(type));
      if (!isOwn || value.defs.some(({ node: made }) => isExported(made))) return;
      const isUsed = value.references.some((one) => one.isRead() && one.identifier.parent.type !== 'TSTypeQuery');
      if (!isUsed) context.report({ node, message: `Only the type of '${name.name}' is used.` });
    },
  }),
};

/** Whether a declaration, or the statement that it is part of, is exported right there. */
function isExported(made) {
  const statement = made.type === 'VariableDeclarator' ? made.parent : made;
  return statement.parent.type.startsWith('Export');
}

export default { meta: { name: 'ta' }, rules: { 'no-clock': noClock, 'no-types-of-unused': noTypesOfUnused } };
