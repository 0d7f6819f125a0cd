/**
 * Which setting a fault concerns. Stores, demuxers and decoders know objects and tracks, not the job; here their
 * location becomes the JSON pointer of the input, selector or destination that named it (style 13).
 */
import type { FaultRecord } from '../catalogue/fault.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import { composedLocations } from '../plan/composition.ts';
import type { JobPlan } from '../plan/plan.ts';
import { sourceLocations } from '../plan/source-locations.ts';

/** What of a plan tells where a location comes from. */
type PlannedPlaces = Pick<JobPlan, 'outputGroups'> & Partial<Pick<JobPlan, 'inputs'>>;

/**
 * The same fault with its pointer, where one setting can be named; `plan` tells which group writes a location, and which
 * input the file of a package belongs to.
 */
export function placeFault(
  fault: FaultRecord,
  settings: JobSettings,
  plan: PlannedPlaces | null,
): FaultRecord {
  if (fault.pointer) return fault;
  const pointer =
    selectorPointer(fault, settings) ??
    sidePointer(fault, settings) ??
    inputPointer(fault, settings) ??
    soundFilePointer(fault, settings) ??
    packagedPointer(fault, plan) ??
    renditionPointer(fault, plan) ??
    destinationPointer(fault, settings, plan);
  return pointer === null ? fault : { ...fault, pointer };
}

/** Faults of decoded sound name the selector. */
function selectorPointer({ parameters }: FaultRecord, settings: JobSettings): string | null {
  const { selector } = parameters;
  if (typeof selector !== 'string') return null;
  const index = (settings.inputs ?? []).findIndex(({ audioSelectors }) =>
    Object.hasOwn(audioSelectors ?? {}, selector),
  );
  return index < 0 ? null : `/inputs/${index}/audioSelectors/${escaped(selector)}`;
}

/** Objects beside the inputs: 3D LUTs, the image of ad avails, those of pictures that the job makes itself. */
function sidePointer(
  fault: FaultRecord,
  { colorConversion3DLUTSettings: luts = [], availBlanking, inputs = [] }: JobSettings,
): string | null {
  const location = locationOf(fault);
  if (location === null) return null;
  const lut = luts.findIndex(({ fileInput }) => fileInput === location);
  if (lut >= 0) return `/colorConversion3DLUTSettings/${lut}/fileInput`;
  if (availBlanking?.availBlankingImage === location) return '/availBlanking/availBlankingImage';
  const generated = inputs.findIndex(({ videoGenerator }) => videoGenerator?.imageInput === location);
  return generated < 0 ? null : `/inputs/${generated}/videoGenerator/imageInput`;
}

/** Components that only ever look at inputs: where the job has one input, it is the one. */
const inputComponents: ReadonlySet<string> = new Set(['probe', 'demuxer', 'decoder']);

function inputPointer(fault: FaultRecord, { inputs = [] }: JobSettings): string | null {
  const location = locationOf(fault);
  const index = location === null ? -1 : sourceLocations(inputs).indexOf(location);
  if (index >= 0) return `/inputs/${index}/fileInput`;
  const supplemented = inputs.findIndex(({ supplementalImps = [] }) =>
    supplementalImps.some((named) => named === location),
  );
  if (supplemented >= 0) return `/inputs/${supplemented}/supplementalImps`;
  const isAboutInput = location === null && inputComponents.has(fault.component ?? '');
  return isAboutInput && inputs.length === 1 && inputs[0]?.fileInput !== undefined
    ? '/inputs/0/fileInput'
    : null;
}

/** Sound that a selector takes from a file of its own. */
function soundFilePointer(fault: FaultRecord, { inputs = [] }: JobSettings): string | null {
  const location = locationOf(fault);
  if (location === null) return null;
  for (const [index, { audioSelectors = {}, dynamicAudioSelectors = {} }] of inputs.entries())
    for (const [member, selectors] of Object.entries({ audioSelectors, dynamicAudioSelectors }))
      for (const [name, { externalAudioFileInput }] of Object.entries(selectors))
        if (externalAudioFileInput === location)
          return `/inputs/${index}/${member}/${escaped(name)}/externalAudioFileInput`;
  return null;
}

/** Files that no setting names: those that the composition of an input is made of. */
function packagedPointer(fault: FaultRecord, plan: PlannedPlaces | null): string | null {
  const location = locationOf(fault);
  const input = (plan?.inputs ?? []).find(
    ({ composition }) =>
      location !== null && composition !== undefined && composedLocations(composition).includes(location),
  );
  return input === undefined ? null : `/inputs/${input.inputIndex}/fileInput`;
}

/** Playlists of alternate audio: the selector chooses them by what the package says of them. */
function renditionPointer(fault: FaultRecord, plan: PlannedPlaces | null): string | null {
  const location = locationOf(fault);
  for (const { inputIndex, audio } of plan?.inputs ?? [])
    for (const { file, selectorName } of audio)
      if (file !== undefined && file.location === location)
        return `/inputs/${inputIndex}/audioSelectors/${escaped(selectorName)}`;
  return null;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function destinationPointer(
  fault: FaultRecord,
  settings: JobSettings,
  plan: PlannedPlaces | null,
): string | null {
  const location = locationOf(fault);
  const group = plan?.outputGroups.find((each) => location !== null && writes(each, location));
  if (group === undefined) return null;
  if (fault.template === 'acl-refused' && group.objectSettings.cannedAcl !== null)
    return `${pointerOfGroupSettings(settings, group.groupIndex, 'destinationSettings')}/s3Settings/accessControl/cannedAcl`;
  return pointerOfGroupSettings(settings, group.groupIndex, 'destination');
}

/** One of the members of a group's settings, whatever its type; the group where it does not have it. */
export function pointerOfGroupSettings(
  settings: JobSettings,
  groupIndex: number,
  member: 'destination' | 'destinationSettings',
): string {
  const block = Object.entries(settings.outputGroups?.[groupIndex]?.outputGroupSettings ?? {}).find(
    ([, value]) => typeof value === 'object' && value !== null && member in value,
  );
  const pointer = `/outputGroups/${groupIndex}`;
  return block === undefined ? pointer : `${pointer}/outputGroupSettings/${block[0]}/${member}`;
}

/** True when a planned location is this one, or is up to its first counter or time. */
function writes(planned: unknown, location: string): boolean {
  if (typeof planned === 'string') {
    const [fixed = planned] = planned.split(/%0\dd|\$\w+\$/);
    return (
      planned.startsWith('s3://') && (fixed === planned ? location === planned : location.startsWith(fixed))
    );
  }
  return (
    typeof planned === 'object' &&
    planned !== null &&
    Object.values(planned).some((part) => writes(part, location))
  );
}

function locationOf({ location, parameters }: FaultRecord): string | null {
  if (location !== undefined) return location;
  return typeof parameters['url'] === 'string' ? parameters['url'] : null;
}
