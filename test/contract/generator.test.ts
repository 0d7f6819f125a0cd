/** The contract is what the generator makes from the installed model, and holds what the specification counts. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jobSettingsLeaves, settingLeaves } from '../../src/contract/leaves.ts';
import { enums, structures } from '../../src/contract/model.generated.ts';

const repositoryRoot = resolve(import.meta.dirname, '..', '..');
const modelFile = resolve(repositoryRoot, '..', 'shared', 'spec', 'model.json');

describe('the generated contract', () => {
  it('is exactly what the generator makes again', () => {
    const script = join(repositoryRoot, 'scripts', 'generate-contract.mjs');
    // Another working directory: the generator may lean on nothing outside the repository.
    expect(() =>
      execFileSync(process.execPath, [script, '--check'], { cwd: tmpdir(), stdio: 'pipe' }),
    ).not.toThrow();
  });

  it('counts 1,159 settings of a job', () => {
    expect(jobSettingsLeaves).toHaveLength(1159);
    expect(new Set(jobSettingsLeaves.map((leaf) => leaf.path)).size).toBe(1159);
  });

  it('collapses indexes and keys in the paths of settings', () => {
    const paths = jobSettingsLeaves.map((leaf) => leaf.path);
    expect(paths).toContain('/inputs[]/audioSelectors{}/tracks[]');
    expect(paths).toContain('/outputGroups[]/outputs[]/videoDescription/codecSettings/h264Settings/bitrate');
    expect(paths).not.toContain('/outputGroups[]/outputGroupSettings/cmafGroupSettings/encryption/clearLead');
  });

  it('accepts members of both model generations', () => {
    expect(structures['CmafEncryptionSettings']?.members['clearLead']).toMatchObject({
      kind: 'enum',
      older: true,
    });
    expect(structures['CmafEncryptionSettings']?.members['clearLeadSegments']).toMatchObject({
      min: 1,
      max: 9999,
    });
  });

  it('has no leaf of a structure that is not there', () => {
    expect(() => settingLeaves('NoSuchSettings')).toThrow(RangeError);
  });
});

interface ReferenceShape {
  readonly type: string;
  readonly enum?: readonly string[];
  readonly exception?: boolean;
  readonly members?: Readonly<Record<string, { readonly shape: string; readonly wire: string }>>;
}

describe.skipIf(!hasReference())('the reference model of the specification', () => {
  const reference = hasReference()
    ? (JSON.parse(readFileSync(modelFile, 'utf8')) as {
        readonly shapes: Readonly<Record<string, ReferenceShape>>;
        readonly jobSettingsLeaves: readonly (readonly [string, string])[];
      })
    : { shapes: {}, jobSettingsLeaves: [] };

  it('has no structure, member or enumeration value that the contract lacks', () => {
    const lacking: string[] = [];
    for (const [name, shape] of Object.entries(reference.shapes)) {
      if (shape.type !== 'structure' || shape.exception) continue;
      for (const { wire, shape: memberShape } of Object.values(shape.members ?? {})) {
        const member = structures[name]?.members[wire];
        if (member === undefined) lacking.push(`${name}.${wire}`);
        const values = reference.shapes[memberShape]?.enum;
        if (values === undefined || member?.kind !== 'enum') continue;
        for (const value of values)
          if (!enums[member.enum]?.includes(value)) lacking.push(`${name}.${wire}=${value}`);
      }
    }
    expect(lacking).toEqual([]);
  });

  it('lists the same settings, except what the newest model added or dropped', () => {
    const paths = new Set(jobSettingsLeaves.map((leaf) => leaf.path));
    const gone = reference.jobSettingsLeaves.map(([path]) => path).filter((path) => !paths.has(path));
    expect(gone).toEqual(['/outputGroups[]/outputGroupSettings/cmafGroupSettings/encryption/clearLead']);
  });
});

function hasReference(): boolean {
  if (existsSync(modelFile)) return true;
  console.log(`skipped: ${modelFile} is not there`);
  return false;
}
