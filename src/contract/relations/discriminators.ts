/** Rules of tagged objects: the block that stands there is the block of the tag (observed texts, spec api.md 7). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import { type Discriminator, discriminators } from './discriminators.table.ts';
import { mustBeText, refuse, refuseDependency, refuseMissing } from './rule.ts';

/** Findings of one structure of that name; empty for structures without a tag. */
export function discriminatorFindings(
  structureName: string,
  object: Readonly<Record<string, unknown>>,
  pointer: string,
): readonly ErrorFinding[] {
  const discriminator = discriminators.get(structureName);
  if (discriminator === undefined) return [];
  const { maxProperties } = discriminator;
  const names = Object.keys(object).filter((name) => object[name] !== undefined);
  if (maxProperties !== undefined && names.length > maxProperties) {
    const message = `Should have at most ${maxProperties} properties`;
    return [refuse(pointer, message, `Keep ${discriminator.tag} and the one block that belongs to it.`)];
  }
  return [...wrongBlocks(discriminator, object, pointer), ...missingBlock(discriminator, object, pointer)];
}

function wrongBlocks(
  discriminator: Discriminator,
  object: Readonly<Record<string, unknown>>,
  pointer: string,
): ErrorFinding[] {
  const tag = object[discriminator.tag] ?? discriminator.defaultTag;
  return Object.entries(discriminator.blocks)
    .filter(
      ([block, tags]) => object[block] !== undefined && tag !== undefined && !tags.includes(String(tag)),
    )
    .map(([block, tags]) =>
      refuseDependency(
        `${pointer}/${block}`,
        [`${pointer}/${discriminator.tag}: ${mustBeText(tags)}`],
        `Set ${discriminator.tag} to ${tags.join(' or ')}, or remove ${block}.`,
      ),
    );
}

function missingBlock(
  discriminator: Discriminator,
  object: Readonly<Record<string, unknown>>,
  pointer: string,
): ErrorFinding[] {
  const tag = object[discriminator.tag];
  if (typeof tag !== 'string' || !discriminator.needBlock.includes(tag)) return [];
  const block = Object.entries(discriminator.blocks).find(([, tags]) => tags.includes(tag))?.[0];
  if (block === undefined || object[block] !== undefined) return [];
  return [refuseMissing(pointer, block, `Add ${block} for ${discriminator.tag} ${tag}.`)];
}
