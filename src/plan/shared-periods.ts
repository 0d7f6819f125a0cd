/** What automatic groups of pictures fit into, where several output groups ask for the same pictures. */
import type { Output, OutputGroup } from '../contract/types.generated.ts';
import { compareRational, type Rational, rational } from '../exact-time.ts';
import { keyFramePeriod, type SegmentRule } from './gop.ts';
import { segmentRuleOf } from './m2ts-segmentation.ts';
import { readGroupSegments } from './segment-length.ts';
import type { SettingsReader } from './settings-reader.ts';
import { commonPeriod } from './shared-gop.ts';

/** Automatic groups of pictures do not get shorter than this for the sake of one encode. */
const shortestSharedSeconds = 1;

/**
 * For each video description, by its pointer, the period that suits all groups which ask for the same pictures: automatic
 * groups of pictures fit into it. Descriptions that stand alone, and periods too short for good pictures, are left out.
 */
export function readSharedPeriods(
  groups: readonly SettingsReader<OutputGroup>[],
  documents: readonly OutputGroup[],
): ReadonlyMap<string, Rational> {
  const asked = new Map<string, { readonly pointers: string[]; readonly periods: Rational[] }>();
  groups.forEach((group, groupIndex) => {
    group.children('outputs').forEach((output, outputIndex) => {
      const description = documents[groupIndex]?.outputs?.[outputIndex]?.videoDescription;
      const rule = description === undefined ? null : segmentRule(group, output);
      if (rule === null) return;
      const key = JSON.stringify(description);
      const same = asked.get(key) ?? { pointers: [], periods: [] };
      asked.set(key, same);
      same.pointers.push(output.at('videoDescription'));
      same.periods.push(keyFramePeriod(rule));
    });
  });
  return new Map(
    [...asked.values()].flatMap(({ pointers, periods }) => {
      const period = commonPeriod(periods);
      if (period === null || compareRational(period, rational(shortestSharedSeconds)) < 0) return [];
      return pointers.map((pointer) => [pointer, period] as const);
    }),
  );
}

/** Where the group cuts the output; null for outputs in one piece. */
function segmentRule(group: SettingsReader<OutputGroup>, output: SettingsReader<Output>): SegmentRule | null {
  const container = output.child('containerSettings');
  // Blocks of other containers stay unread: they are refused.
  if (container.read('container') === 'M2TS') return segmentRuleOf(container.child('m2tsSettings'));
  return readGroupSegments(group);
}
