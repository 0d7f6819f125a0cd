/** Where rules between objects look: groups and outputs with their pointers. */
import type {
  ContainerType,
  JobTemplateSettings,
  Output,
  OutputGroup,
  OutputGroupType,
} from '../types.generated.ts';

/** One output group of a job. */
export interface GroupPlace {
  readonly group: OutputGroup;
  /** Below `settings`, e.g. `/outputGroups/0`. */
  readonly pointer: string;
  readonly type: OutputGroupType | undefined;
  readonly outputs: readonly OutputPlace[];
}

/** One output of a group. */
export interface OutputPlace {
  readonly output: Output;
  readonly pointer: string;
  readonly container: ContainerType | undefined;
  /** A preset supplies what the output does not say: rules about absence do not hold. */
  readonly hasPreset: boolean;
}

/** All groups of a job in order. */
export function groupPlaces(settings: JobTemplateSettings): readonly GroupPlace[] {
  return (settings.outputGroups ?? []).map((group, index) => {
    const pointer = `/outputGroups/${index}`;
    return { group, pointer, type: group.outputGroupSettings?.type, outputs: outputPlaces(group, pointer) };
  });
}

function outputPlaces(group: OutputGroup, groupPointer: string): readonly OutputPlace[] {
  return (group.outputs ?? []).map((output, index) => ({
    output,
    pointer: `${groupPointer}/outputs/${index}`,
    container: output.containerSettings?.container,
    hasPreset: output.preset !== undefined,
  }));
}

/** True when the output carries video of its own settings. */
export function hasVideo({ output }: OutputPlace): boolean {
  return output.videoDescription !== undefined;
}

/** True when the output carries at least one audio description. */
export function hasAudio({ output }: OutputPlace): boolean {
  return (output.audioDescriptions ?? []).length > 0;
}

/** True when the output carries captions and nothing else. */
export function isCaptionsOnly(place: OutputPlace): boolean {
  return !hasVideo(place) && !hasAudio(place) && (place.output.captionDescriptions ?? []).length > 0;
}
