/** Names inside one output group: modifiers, additional manifests, DASH counters, destination (spec naming.md 1, 3, 6; packaging.md 7). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { GroupPlace } from './place.ts';
import { refuse, refuseMissing } from './rule.ts';

/** Findings of one group. */
export function nameFindings(group: GroupPlace): readonly ErrorFinding[] {
  return [
    ...modifiers(group),
    ...dashCounters(group),
    ...additionalManifests(group),
    ...sharedIdentifiers(group),
    ...widePadding(group),
  ];
}

/** A job writes somewhere; a template may leave that open. */
export function destinationFindings({ group, pointer }: GroupPlace): readonly ErrorFinding[] {
  return groupBlocks.flatMap((block) => {
    const settings = group.outputGroupSettings?.[block];
    if (settings === undefined || settings.destination !== undefined) return [];
    const at = `${pointer}/outputGroupSettings/${block}`;
    return [refuseMissing(at, 'destination', 'Add where to write, e.g. s3://bucket/folder/.')];
  });
}

/** Identifiers of what differs between outputs stand in their modifiers alone (spec naming.md 1, 5). */
function sharedIdentifiers({ group, pointer }: GroupPlace): ErrorFinding[] {
  return groupBlocks.flatMap((block) => {
    const destination = group.outputGroupSettings?.[block]?.destination ?? '';
    const found = [...destination.matchAll(/\$(?:rv|ra|rc|w|h|f|ex)(?:%0\d+)?\$/g)].map(
      ([written]) => written,
    );
    if (found.length === 0) return [];
    return [
      refuse(
        `${pointer}/outputGroupSettings/${block}/destination`,
        `Should not contain ${found.join(', ')}`,
        'All outputs of the group share the destination: use it in nameModifier. Destinations take $dt$, $d$, $t$ and $fn$.',
      ),
    ];
  });
}

/** Padding of three digits and more asks for names that no store takes (spec naming.md 1: keys have 1,024 bytes). */
function widePadding({ outputs }: GroupPlace): ErrorFinding[] {
  return outputs.flatMap(({ output, pointer }) => {
    const written = [
      ['nameModifier', output.nameModifier],
      ['outputSettings/hlsSettings/segmentModifier', output.outputSettings?.hlsSettings?.segmentModifier],
    ] as const;
    return written.flatMap(([name, text = '']) => {
      const found = /\$[A-Za-z]+%0\d{3,}\$/.exec(text)?.[0];
      if (found === undefined) return [];
      const remedy = `${found} asks for more digits than a name can have: give one or two, as in $Number%05$.`;
      return [refuse(`${pointer}/${name}`, 'Should pad identifiers to at most 99 digits', remedy)];
    });
  });
}

const groupBlocks = [
  'fileGroupSettings',
  'hlsGroupSettings',
  'dashIsoGroupSettings',
  'cmafGroupSettings',
  'msSmoothGroupSettings',
] as const;

/** Types whose playlist takes the bare name, so that even a single output needs its own (observed; naming.md 3). */
const typesWithPlaylist: readonly (string | undefined)[] = ['HLS_GROUP_SETTINGS', 'CMAF_GROUP_SETTINGS'];

function modifiers({ outputs, type }: GroupPlace): ErrorFinding[] {
  const isNeeded = outputs.length > 1 || typesWithPlaylist.includes(type);
  const seen = new Set<string>();
  return outputs.flatMap(({ output, pointer }) => {
    const modifier = output.nameModifier;
    if (modifier === undefined) {
      const remedy = 'Give each output of the group its own nameModifier, e.g. _720p.';
      return isNeeded ? [refuseMissing(pointer, 'nameModifier', remedy)] : [];
    }
    if (seen.has(modifier)) {
      return [
        refuse(
          `${pointer}/nameModifier`,
          'Should be unique among the outputs of the output group',
          `Another output has the nameModifier ${modifier}.`,
        ),
      ];
    }
    seen.add(modifier);
    return [];
  });
}

/** `$Number$` and `$Time$` stand in all outputs of a DASH or CMAF group or in none. */
function dashCounters({ outputs, type }: GroupPlace): ErrorFinding[] {
  if (type !== 'DASH_ISO_GROUP_SETTINGS' && type !== 'CMAF_GROUP_SETTINGS') return [];
  return [/\$Number(%0\d+)?\$/, /\$Time(%0\d+)?\$/].flatMap((identifier) => {
    const without = outputs.filter(({ output }) => !identifier.test(output.nameModifier ?? ''));
    if (without.length === 0 || without.length === outputs.length) return [];
    const name = identifier.source.includes('Number') ? '$Number$' : '$Time$';
    return without.map(({ pointer }) =>
      refuse(
        `${pointer}/nameModifier`,
        `Should contain ${name} like the other outputs of the output group`,
        `Use ${name} in all outputs or in none.`,
      ),
    );
  });
}

/** Most additional manifests of a group (spec packaging.md 7). */
const MAX_ADDITIONAL_MANIFESTS = 10;

function additionalManifests({ group, pointer, outputs, type }: GroupPlace): ErrorFinding[] {
  const settings = group.outputGroupSettings;
  const names = outputs.map(({ output }) => output.nameModifier).filter((name) => name !== undefined);
  return (
    ['hlsGroupSettings', 'dashIsoGroupSettings', 'cmafGroupSettings', 'msSmoothGroupSettings'] as const
  ).flatMap((block) => {
    const manifests = settings?.[block]?.additionalManifests ?? [];
    const at = `${pointer}/outputGroupSettings/${block}/additionalManifests`;
    const findings = manifests.flatMap((manifest, index) =>
      manifestFindings(manifest, `${at}/${index}`, names, type),
    );
    const modifierList = manifests.map((manifest) => manifest.manifestNameModifier);
    modifierList.forEach((modifier, index) => {
      if (modifier === undefined || modifierList.indexOf(modifier) === index) return;
      findings.push(
        refuse(
          `${at}/${index}/manifestNameModifier`,
          'Should be unique among the additional manifests',
          'Give each manifest its own name.',
        ),
      );
    });
    if (manifests.length > MAX_ADDITIONAL_MANIFESTS) {
      findings.push(
        refuse(
          at,
          `Should have at most ${MAX_ADDITIONAL_MANIFESTS} items`,
          `Keep ${MAX_ADDITIONAL_MANIFESTS} manifests.`,
        ),
      );
    }
    return findings;
  });
}

interface AdditionalManifest {
  readonly manifestNameModifier?: string | undefined;
  readonly selectedOutputs?: readonly string[] | undefined;
}

function manifestFindings(
  manifest: AdditionalManifest,
  pointer: string,
  names: readonly string[],
  type: string | undefined,
): ErrorFinding[] {
  const findings = (manifest.selectedOutputs ?? []).flatMap((name, index) =>
    names.includes(name)
      ? []
      : [
          refuse(
            `${pointer}/selectedOutputs/${index}`,
            `Should be the nameModifier of an output of the output group`,
            names.length === 0 ? 'The group has no nameModifier.' : `Use one of ${names.join(', ')}.`,
            names.join(', '),
          ),
        ],
  );
  const { manifestNameModifier, selectedOutputs } = manifest;
  if (selectedOutputs === undefined)
    findings.push(refuseMissing(pointer, 'selectedOutputs', 'Say which outputs the manifest is for.'));
  else if (selectedOutputs.length === 0)
    findings.push(
      refuse(
        `${pointer}/selectedOutputs`,
        'Should have at least 1 items',
        'A manifest of nothing cannot be played: name outputs, or remove it.',
        names.join(', '),
      ),
    );
  if (manifestNameModifier === undefined)
    findings.push(refuseMissing(pointer, 'manifestNameModifier', 'Name the additional manifest.'));
  else if (type === 'HLS_GROUP_SETTINGS' && names.includes(manifestNameModifier)) {
    const message = 'Should be different from the nameModifier of every output';
    findings.push(
      refuse(
        `${pointer}/manifestNameModifier`,
        message,
        'It would overwrite the playlist of that output: choose another name.',
      ),
    );
  }
  return findings;
}
