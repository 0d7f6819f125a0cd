/** Whole jobs at random around one codec: inputs with clips and filters, a group with its container, tracks beside the codec's own. */
import { containerAudioCodecs } from '../../src/contract/relations/containers.table.ts';
import type { ContainerType, Input, JobSettings, Output } from '../../src/contract/types.generated.ts';
import { pick, type Random, randomBlock, seeded } from './random-settings.ts';
import { type SourceName, sources } from './setting-sources.ts';
import { describeSound, drawRectangle, type Subject, subjects } from './setting-subjects.ts';

/** A job that may not be legal. */
export interface DrawnJob {
  readonly settings: JobSettings;
  /** Of each input. */
  readonly sources: readonly SourceName[];
  readonly subject: Subject;
  /** Makes the job plainer, part by part, until one without anything remarkable is left; in this order. */
  readonly simplifications: readonly ((settings: JobSettings) => JobSettings)[];
}

/** The same job for a seed on every machine. Throws for a subject that there is not. */
export function drawJob(name: string, seed: number): DrawnJob {
  const subject = subjects[name];
  if (subject === undefined) throw new Error(`no subject ${name}`);
  const random = seeded(seed);
  const count = pick(random, [1, 1, 1, 2]);
  const chosen = Array.from({ length: count }, () => pick(random, subject.sources));
  const container = pick(random, subject.containers);
  const hasSound = chosen.every((source) => sources[source].audio !== undefined);
  const output = drawOutput(random, subject, container, hasSound);
  const settings = {
    timecodeConfig: { source: 'ZEROBASED' },
    inputs: chosen.map((source) => drawInput(random, source)),
    outputGroups: [
      {
        outputGroupSettings: drawGroup(random, container, `s3://outputs/${name}-${seed}`),
        outputs:
          subject.codec === 'FRAME_CAPTURE'
            ? [{ ...output, nameModifier: '-pictures' }, besideCaptures]
            : [output],
      },
    ],
  } as JobSettings;
  const simplifications = simplificationsOf(subject, container, random);
  return { settings, sources: chosen, subject, simplifications };
}

/** Ways to a plainer job: the codec's own settings last. */
function simplificationsOf(
  subject: Subject,
  container: ContainerType,
  random: Random,
): DrawnJob['simplifications'] {
  const description = subject.kind === 'video' ? 'videoDescription' : 'audioDescriptions';
  const base = { codec: subject.codec, [subject.block]: subject.draw(random) };
  const beside = subject.beside?.(random, container) ?? [];
  return [
    changeOutput(({ audioDescriptions, ...output }) => ({
      ...output,
      ...(subject.kind === 'audio' ? { audioDescriptions } : {}),
      ...(beside.length === 0 ? {} : { audioDescriptions: beside }),
    })),
    changeOutput((output) => ({
      ...output,
      containerSettings: { container, ...plainContainers[container], ...subject.container },
    })),
    ({ inputs = [], ...settings }) => ({
      ...settings,
      inputs: inputs.map(({ fileInput, timecodeSource, audioSelectors, inputClippings }) => ({
        fileInput,
        timecodeSource,
        ...(audioSelectors === undefined ? {} : { audioSelectors }),
        ...(inputClippings === undefined ? {} : { inputClippings }),
      })),
    }),
    changeOutput((output) => plainDescription(output, description, output)),
    changeOutput((output) => ({
      ...output,
      [description]:
        description === 'videoDescription'
          ? { codecSettings: base }
          : [{ ...plainSound, codecSettings: base }],
    })),
  ] as DrawnJob['simplifications'];
}

/** The profiles of MXF are choosy, and one of them is automatic. */
const plainContainers: Partial<Record<ContainerType, object>> = { MXF: { mxfSettings: { profile: 'OP1A' } } };

const plainSound = { audioSourceName: 'Audio Selector 1' };

function changeOutput(change: (output: Output) => object): (settings: JobSettings) => JobSettings {
  return (settings) =>
    ({
      ...settings,
      outputGroups: settings.outputGroups?.map((group) => ({
        ...group,
        outputs: group.outputs?.map((output, index) => (index === 0 ? change(output) : output)),
      })),
    }) as JobSettings;
}

/** The description with its size and its codec alone. */
function plainDescription(
  output: Output,
  name: string,
  { videoDescription, audioDescriptions }: Output,
): object {
  if (name !== 'videoDescription')
    return {
      ...output,
      audioDescriptions: audioDescriptions?.map(({ codecSettings }) => ({ ...plainSound, codecSettings })),
    };
  const { width, height, codecSettings } = videoDescription ?? {};
  const size = width === undefined || height === undefined ? {} : { width, height };
  return { ...output, videoDescription: { ...size, codecSettings } };
}

const plainInput = ['small', 'small', 'forced'] as const;

function drawInput(random: Random, source: SourceName): Input {
  const isPlain = pick(random, plainInput) === 'small';
  const filters = isPlain ? {} : randomBlock(random, 'Input', 0.2, inputPlaces);
  return {
    fileInput: `s3://inputs/${source}.mov`,
    timecodeSource: 'ZEROBASED',
    audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
    ...filters,
    ...(!isPlain && random() < 0.3
      ? { videoSelector: randomBlock(random, 'VideoSelector', 0.25, selectorPlaces) }
      : {}),
    ...(!isPlain && random() < 0.2 ? { crop: drawRectangle(random) } : {}),
    ...(!isPlain && random() < 0.2 ? { position: drawRectangle(random) } : {}),
    ...(random() < 0.25 ? { inputClippings: drawClips(random, sources[source].video === undefined) } : {}),
  } as Input;
}

/** Members that name places, kinds of inputs of their own, or tracks. */
const inputPlaces = [
  'audioSelectorGroups',
  'audioSelectors',
  'captionSelectors',
  'crop',
  'decryptionSettings',
  'dolbyVisionMetadataXml',
  'dynamicAudioSelectors',
  'fileInput',
  'imageInserter',
  'inputClippings',
  'multiViewSettings',
  'position',
  'programNumber',
  'supplementalImps',
  'tamsSettings',
  'timecodeSource',
  'timecodeStart',
  'videoGenerator',
  'videoOverlays',
  'videoSelector',
];
const selectorPlaces = ['pid', 'programNumber', 'streams', 'selectorType', 'hdr10Metadata'];

/** One or two parts, in frames from the first; sound alone counts hundredths of a second. */
function drawClips(random: Random, isSound: boolean): object[] {
  const scale = isSound ? 10 : 1;
  const timecode = (frame: number): string => `00:00:00:${String(frame * scale).padStart(2, '0')}`;
  const first = Math.floor(random() * 3);
  const last = first + (isSound ? 1 : 0) + Math.floor(random() * 3);
  const clips = [{ startTimecode: timecode(first), endTimecode: timecode(last) }];
  return pick<object[]>(random, [
    clips,
    [{ startTimecode: timecode(first) }],
    [{ endTimecode: timecode(last) }],
    // The sound ends before a third part would begin.
    last * scale < 40 ? [...clips, { startTimecode: timecode(last + 1) }] : clips,
  ]);
}

const blocks: Partial<Record<ContainerType, string>> = {
  MP4: 'Mp4Settings',
  MOV: 'MovSettings',
  M2TS: 'M2tsSettings',
  M3U8: 'M3u8Settings',
  MXF: 'MxfSettings',
  F4V: 'F4vSettings',
  CMFC: 'CmfcSettings',
  MPD: 'MpdSettings',
};

function drawContainer(random: Random, subject: Subject, container: ContainerType): object {
  const structure = blocks[container];
  if (subject.container !== undefined) return { container, ...subject.container };
  if (structure === undefined || random() < 0.4) return { container };
  const share = pick(random, [0.1, 0.3]);
  const block = structure.charAt(0).toLowerCase() + structure.slice(1);
  return {
    container,
    [block]: randomBlock(random, structure, share, ['signingKmsKey', 'certificateSecret']),
  };
}

const groups: Partial<Record<ContainerType, readonly [type: string, structure: string]>> = {
  M3U8: ['HLS_GROUP_SETTINGS', 'HlsGroupSettings'],
  CMFC: ['CMAF_GROUP_SETTINGS', 'CmafGroupSettings'],
  MPD: ['DASH_ISO_GROUP_SETTINGS', 'DashIsoGroupSettings'],
  ISMV: ['MS_SMOOTH_GROUP_SETTINGS', 'MsSmoothGroupSettings'],
};

/** Places, keys, and manifests of other outputs are not drawn. */
const groupPlaces = ['destination', 'destinationSettings', 'encryption', 'additionalManifests', 'baseUrl'];

function drawGroup(random: Random, container: ContainerType, destination: string): object {
  const [type, structure] = groups[container] ?? ['FILE_GROUP_SETTINGS', 'FileGroupSettings'];
  const lengths = { segmentLength: 2, minSegmentLength: 0, fragmentLength: 2 };
  const needed = Object.fromEntries(
    Object.entries(lengths).filter(([member]) => (neededLengths[container] ?? []).includes(member)),
  );
  const block = structure.charAt(0).toLowerCase() + structure.slice(1);
  return {
    type,
    [block]: {
      ...needed,
      ...(random() < 0.5
        ? {}
        : randomBlock(random, structure, 0.15, [...groupPlaces, ...Object.keys(needed)])),
      destination,
    },
  };
}

const neededLengths: Partial<Record<ContainerType, readonly string[]>> = {
  M3U8: ['segmentLength', 'minSegmentLength'],
  CMFC: ['segmentLength', 'fragmentLength'],
  MPD: ['segmentLength', 'fragmentLength'],
  ISMV: ['fragmentLength'],
};

function drawOutput(random: Random, subject: Subject, container: ContainerType, hasSound: boolean): Output {
  const share = pick(random, [0.15, 0.35, 0.6]);
  const codecSettings = drawCodec(random, subject, share);
  const description = { ...subject.describe(random), codecSettings };
  const output = {
    nameModifier: '-made',
    containerSettings: drawContainer(random, subject, container),
  };
  if (subject.kind === 'audio') return { ...output, audioDescriptions: [description] } as Output;
  const needed = subject.beside?.(random, container) ?? [];
  const beside =
    needed.length > 0
      ? needed
      : hasSound && random() < 0.6
        ? drawSoundBeside(random, subject, container)
        : [];
  return {
    ...output,
    videoDescription: description,
    ...(beside.length === 0 ? {} : { audioDescriptions: beside }),
  } as Output;
}

function drawCodec(random: Random, subject: Subject, share: number): object {
  const { codec, block, structure, without } = subject;
  return { codec, [block]: { ...subject.draw(random), ...randomBlock(random, structure, share, without) } };
}

/** Fragments hold one track each. */
const singleTracks: readonly ContainerType[] = ['CMFC'];

function drawSoundBeside(random: Random, subject: Subject, container: ContainerType): object[] {
  if (singleTracks.includes(container)) return [];
  const codecs = (containerAudioCodecs.get(container) ?? []).filter((codec) => subjects[codec] !== undefined);
  if (codecs.length === 0) return [];
  return Array.from({ length: pick(random, [1, 1, 2]) }, () => {
    const sound = subjects[pick(random, codecs)] as Subject;
    const isPlain = subject.codec === 'PRORES' || random() < 0.5;
    return { ...describeSound(random), codecSettings: drawCodec(random, sound, isPlain ? 0.1 : 0.3) };
  });
}

/** Captures alone are no job. */
const besideCaptures: Output = {
  nameModifier: '-film',
  containerSettings: { container: 'MP4' },
  videoDescription: {
    width: 64,
    height: 64,
    codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'CBR', bitrate: 100_000 } },
  },
};
