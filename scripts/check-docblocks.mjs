// Every exported declaration of src/ has a doc comment (style 26). Generated files and tables of constants count
// too: their one export says what the table is and where its values come from.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = listSources(path.join(root, 'src'));
let exports = 0;
const missing = files.flatMap((file) => undocumentedExports(file));
for (const place of missing) console.log(`no doc comment: ${place}`);
console.log(`${exports} exports in ${files.length} files, ${missing.length} without a doc comment`);
if (exports < 20 || missing.length > 0) process.exitCode = 1;

function listSources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return listSources(full);
    return full.endsWith('.ts') && !full.includes('.generated.') ? [full] : [];
  });
}

function undocumentedExports(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  return source.statements.filter(isExportedDeclaration).flatMap((statement) => {
    exports += 1;
    if (ts.getJSDocCommentsAndTags(statement).length > 0) return [];
    const { line } = source.getLineAndCharacterOfPosition(statement.getStart());
    return [`${path.relative(root, file)}:${line + 1}`];
  });
}

function isExportedDeclaration(statement) {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)
  );
}
