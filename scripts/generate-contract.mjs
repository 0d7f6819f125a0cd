/**
 * Generates the contract (design D6): types and the runtime model of the service's API.
 *
 *   node scripts/generate-contract.mjs            writes src/contract/*.generated.ts
 *   node scripts/generate-contract.mjs --check    writes nothing; exits 1 when a file would change
 *
 * Sources: the installed `@aws-sdk/client-mediaconvert` (names, structure, enumerations, HTTP bindings) and
 * `src/contract/model-facts.json` (ranges, patterns, list sizes, what the service requires, members of the older
 * model generation). Only facts are taken from the SDK, none of its sentences. Same sources, same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatModelModule } from './generate-contract.model-module.mjs';
import { readServiceModel } from './generate-contract.service-model.mjs';
import { formatTypesModule } from './generate-contract.types-module.mjs';

const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));
const contractFolder = join(repositoryRoot, 'src', 'contract');

const facts = JSON.parse(readFileSync(join(contractFolder, 'model-facts.json'), 'utf8'));
const model = readServiceModel(facts);
const outputs = {
  'types.generated.ts': formatTypesModule(model),
  'model.generated.ts': formatModelModule(model),
};

const changed = Object.entries(outputs).filter(
  ([name, text]) => readIfPresent(join(contractFolder, name)) !== text,
);
if (process.argv.includes('--check')) {
  for (const [name] of changed) console.error(`src/contract/${name} is not what the generator makes`);
  process.exitCode = changed.length === 0 ? 0 : 1;
} else {
  for (const [name, text] of changed) writeFileSync(join(contractFolder, name), text);
  console.log(
    `contract of ${model.source}: ${Object.keys(model.structures).length} structures, ` +
      `${Object.keys(model.enums).length} enumerations, ${Object.keys(model.operations).length} operations, ` +
      `${changed.length} files changed`,
  );
}

function readIfPresent(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
