/** Values to try for a leaf of the model: legal ones, as different from each other as the leaf allows. */
import { enums } from '../../../src/contract/model.generated.ts';
import { signalValues } from './signal-hosts.ts';
import type { MemberModel, NumberModel, StringModel } from '../../../src/contract/model.ts';

/** A value that is legal only with others beside it: they change together. */
export class Together {
  readonly value: unknown;
  readonly others: Readonly<Record<string, unknown>>;

  constructor(value: unknown, others: Readonly<Record<string, unknown>>) {
    this.value = value;
    this.others = others;
  }
}

function together(value: unknown, others: Readonly<Record<string, unknown>>): Together {
  return new Together(value, others);
}

/** A context of encryption is a JSON object of strings in base64. */
const contexts = Object.fromEntries(
  ['fileGroupSettings', 'hlsGroupSettings', 'dashIsoGroupSettings', 'cmafGroupSettings', 'msSmoothGroupSettings'].map((block) => [
    `/outputGroups[]/outputGroupSettings/${block}/destinationSettings/s3Settings/encryption/kmsEncryptionContext`,
    ['eyJrIjoidiJ9'],
  ]),
);

/** Leaves whose values mean something only in the host jobs: names of selectors, outputs and groups, places. */
const meaningful: Readonly<Record<string, readonly unknown[]>> = {
  ...signalValues,
  ...contexts,
  '/inputs[]/fileInput': ['s3://in/other.mp4'],
  '/inputs[]/audioSelectors{}/externalAudioFileInput': ['s3://in/sound.wav'],
  '/inputs[]/dynamicAudioSelectors{}/externalAudioFileInput': ['s3://in/sound.wav'],
  '/inputs[]/dynamicAudioSelectors{}/languageCode': ['FRA'],
  '/inputs[]/audioSelectors{}/hlsRenditionGroupSettings/renditionGroupId': ['other'],
  '/inputs[]/audioSelectors{}/hlsRenditionGroupSettings/renditionName': ['French'],
  '/inputs[]/audioSelectors{}/hlsRenditionGroupSettings/renditionLanguageCode': ['FRA'],
  '/inputs[]/videoSelector/streams[]': [[2], [1, 2]],
  '/inputs[]/videoGenerator/duration': [2000],
  '/inputs[]/videoGenerator/width': [640],
  '/inputs[]/videoGenerator/height': [480],
  '/inputs[]/videoGenerator/framerateNumerator': [50],
  '/inputs[]/videoGenerator/framerateDenominator': [2],
  '/timecodeConfig/anchor': ['01:00:10:23'],
  '/inputs[]/timecodeStart': ['00:00:11:00'],
  '/inputs[]/inputClippings[]/startTimecode': ['00:00:21:00'],
  '/inputs[]/inputClippings[]/endTimecode': ['00:00:41:00'],
  '/inputs[]/audioSelectors{}/tracks[]': [[2], [1, 2]],
  '/inputs[]/audioSelectors{}/streams[]': [[3]],
  '/inputs[]/audioSelectors{}/pids[]': [[3]],
  '/inputs[]/audioSelectors{}/languageCode': ['FRA'],
  '/inputs[]/audioSelectors{}/customLanguageCode': ['fra'],
  '/inputs[]/audioSelectors{}/remixSettings/channelMapping/outputChannels[]/inputChannels[]': [[-6, 0]],
  '/inputs[]/audioSelectors{}/remixSettings/channelMapping/outputChannels[]/inputChannelsFineTune[]': [[-6.5, 0]],
  '/outputGroups[]/outputs[]/audioDescriptions[]/remixSettings/channelMapping/outputChannels[]/inputChannels[]': [[-6, 0]],
  '/outputGroups[]/outputs[]/audioDescriptions[]/remixSettings/channelMapping/outputChannels[]/inputChannelsFineTune[]': [[-6.5, 0]],
  '/inputs[]/audioSelectorGroups{}/audioSelectorNames[]': [['Audio Selector 3']],
  '/inputs[]/programNumber': [2],
  '/inputs[]/videoSelector/programNumber': [2],
  '/inputs[]/videoSelector/pid': [512],
  '/outputGroups[]/outputs[]/audioDescriptions[]/audioSourceName': ['Audio Selector 2'],
  '/outputGroups[]/outputs[]/extension': ['m4v'],
  '/outputGroups[]/outputs[]/nameModifier': ['_$w$x$h$'],
  '/outputGroups[]/outputs[]/outputSettings/hlsSettings/audioGroupId': ['english', 'french'],
  '/outputGroups[]/outputs[]/outputSettings/hlsSettings/audioRenditionSets': ['english', 'program_audio'],
  '/outputGroups[]/outputs[]/outputSettings/hlsSettings/segmentModifier': ['_part'],
  '/outputGroups[]/outputGroupSettings/hlsGroupSettings/additionalManifests[]/selectedOutputs[]': [['_360']],
  '/outputGroups[]/outputGroupSettings/cmafGroupSettings/additionalManifests[]/selectedOutputs[]': [['_360']],
  '/outputGroups[]/outputGroupSettings/dashIsoGroupSettings/additionalManifests[]/selectedOutputs[]': [['_360']],
  '/outputGroups[]/outputGroupSettings/msSmoothGroupSettings/additionalManifests[]/selectedOutputs[]': [['_360']],
  '/outputGroups[]/outputGroupSettings/cmafGroupSettings/encryption/staticKeyProvider/keyFormat': ['com.apple.streamingkeydelivery'],
  '/outputGroups[]/outputGroupSettings/hlsGroupSettings/encryption/staticKeyProvider/keyFormat': ['com.apple.streamingkeydelivery'],
  '/outputGroups[]/outputs[]/containerSettings/cmfcSettings/audioGroupId': ['english', 'french'],
  '/outputGroups[]/outputs[]/containerSettings/cmfcSettings/audioRenditionSets': ['english', 'program_audio'],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/h264Settings/qvbrSettings/qvbrQualityLevelFineTune': [0.33],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/h265Settings/qvbrSettings/qvbrQualityLevelFineTune': [0.33],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/h264Settings/softness': [0, 1, 16, 64],
  '/outputGroups[]/outputs[]/audioDescriptions[]/codecSettings/aacSettings/bitrate': [128000],
  '/outputGroups[]/outputs[]/audioDescriptions[]/codecSettings/aacSettings/sampleRate': [44100],
  '/outputGroups[]/outputs[]/audioDescriptions[]/codecSettings/ac3Settings/bitrate': [640000, 128000],
  '/outputGroups[]/outputs[]/audioDescriptions[]/codecSettings/eac3Settings/bitrate': [448000],
  '/outputGroups[]/outputs[]/audioDescriptions[]/codecSettings/mp2Settings/bitrate': [256000],
  '/outputGroups[]/outputs[]/audioDescriptions[]/codecSettings/mp3Settings/bitrate': [192000],
  '/outputGroups[]/outputs[]/videoDescription/videoPreprocessors/durationControl/integerDurationTrimThresholdMilliseconds': [450],
  '/outputGroups[]/outputs[]/containerSettings/mp4Settings/mp4MajorBrand': ['mp42'],
  '/outputGroups[]/outputs[]/containerSettings/m2tsSettings/bitrate': [9000000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/h264Settings/perFrameMetrics[]': [['PSNR'], ['SSIM']],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/h265Settings/perFrameMetrics[]': [['PSNR'], ['SSIM']],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/av1Settings/perFrameMetrics[]': [['PSNR'], ['SSIM']],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/mpeg2Settings/perFrameMetrics[]': [['PSNR'], ['SSIM']],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/avcIntraSettings/perFrameMetrics[]': [['PSNR'], ['SSIM']],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/xavcSettings/perFrameMetrics[]': [['PSNR'], ['SSIM']],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/proresSettings/perFrameMetrics[]': [['PSNR'], ['SSIM']],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/mpeg2Settings/framerateNumerator': [50, 30000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/mpeg2Settings/framerateDenominator': [1000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/vc3Settings/framerateNumerator': [50, 30000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/vc3Settings/framerateDenominator': [1000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/avcIntraSettings/framerateNumerator': [50, 30000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/avcIntraSettings/framerateDenominator': [2],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/xavcSettings/framerateNumerator': [50, 30000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/xavcSettings/framerateDenominator': [1000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/av1Settings/qvbrSettings/qvbrQualityLevelFineTune': [0.33],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/av1Settings/rateControlMode': [together('CBR', { bitrate: 4_000_000, maxBitrate: undefined, qvbrSettings: undefined })],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/mpeg2Settings/maxBitrate': [12_000_000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/mpeg2Settings/slidingWindowPeakBitrate': [20_000_000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/vp8Settings/maxBitrate': [3_000_000],
  '/outputGroups[]/outputs[]/videoDescription/codecSettings/vp9Settings/maxBitrate': [3_000_000],
  '/outputGroups[]/outputGroupSettings/perFrameMetrics[]': [['SSIM'], ['PSNR']],
};

/** Strings for the patterns of the model. */
const sampleStrings = [
  's3://other/name', 's3://other/name.png', 's3://other/name.cube', 's3://other/folder/', 'https://example.com/name.mov',
  's3://other/name.xml', 's3://other/ASSETMAP.xml', 's3://other/name.srt', 's3://other/name.ttf', 's3://other/name.png', 'https://example.com/', '01:00:10:00',
  '2024-02-03', 'fra', 'FRA', 'name', '00112233445566778899aabbccddeeff', 'AAAAAAAAAAAAAAAAAAAAAA==', '[0:0_10:0)',
  'arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab',
  'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab', 'eyJrIjoidiJ9', 'us-east-1', '123', 'a b',
  '1234abcd-12ab-34cd-56ef-1234567890ab', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'PBQ=',
];

/** Values to try; never empty. */
export function candidateValues(path: string, member: MemberModel): readonly unknown[] {
  return meaningful[path] ?? valuesOf(member);
}

function valuesOf(member: MemberModel): readonly unknown[] {
  switch (member.kind) {
    case 'enum':
      return fewOf(enums[member.enum] ?? []);
    case 'string':
      return stringValues(member);
    case 'integer':
    case 'long':
    case 'double':
      return numberValues(member);
    case 'timestamp':
      return [1];
    case 'list':
      return valuesOf(member.member).map((value) => [value]);
    case 'map':
      return valuesOf(member.value).map((value) => ({ key: value }));
    case 'structure':
      throw new TypeError('a structure is no leaf');
  }
}

/** All values of an enumeration, but a few of the long lists of languages. */
function fewOf(values: readonly string[]): readonly string[] {
  return values.length > 40 ? values.slice(0, 3) : values;
}

function stringValues(member: StringModel): readonly unknown[] {
  const legal = sampleStrings.filter((text) => {
    const longEnough = text.length >= (member.minLength ?? 0) && text.length <= (member.maxLength ?? Number.POSITIVE_INFINITY);
    return longEnough && (member.pattern === undefined || new RegExp(member.pattern).test(text));
  });
  return legal.length > 0 ? legal.slice(0, 2) : ['text'];
}

function numberValues(member: NumberModel): readonly unknown[] {
  if (member.values !== undefined) return member.values;
  const low = member.min ?? -1000;
  const high = member.max ?? 2_147_483_647;
  const tried = [2, 4, 0, 1, 3, 7, 12, 16, 60, 90, 100, 640, 1001, 4_000_000, low, low + 2];
  const legal = tried.filter((value) => value >= low && value <= high && value > (member.exclusiveMin ?? -Infinity));
  return [...new Set(legal.map((value) => value - (member.multipleOf === undefined ? 0 : value % member.multipleOf)))];
}
