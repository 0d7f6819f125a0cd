// Checks who imports whom, with the rules of .dependency-cruiser.cjs. Fails when it saw no modules: a checker
// that understands nothing reports nothing (seen with compilers that have no API).
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const { output } = await cruise(
  ['src'],
  { ...rules.options, ruleSet: { forbidden: rules.forbidden }, validate: true },
  {},
  { tsConfig: extractTSConfig('tsconfig.json') },
);
const { violations, totalCruised, totalDependenciesCruised } = output.summary;
for (const violation of violations)
  console.log(`${violation.rule.name}: ${violation.from} → ${violation.to}`);
console.log(`${totalCruised} modules, ${totalDependenciesCruised} imports, ${violations.length} violations`);
if (totalCruised < 20 || totalDependenciesCruised < 20 || violations.length > 0) process.exitCode = 1;
