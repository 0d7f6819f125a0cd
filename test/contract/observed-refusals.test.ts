/**
 * Refusals the service was seen to give (spec usage.md, "Refusals of CreateJob", answers of 2025): pointer and text
 * must come out the same, with N for numbers there and the numbers of our case here. Not confirmed by us against
 * the service.
 */
import { describe, expect, it } from 'vitest';
import { formatValidationMessage } from '../../src/contract/validate.ts';
import { validateCreateJob } from '../../src/contract/validate-job.ts';
import { changed, validJob } from './valid-job.ts';

const output = '/outputGroups/0/outputs/0';
const video = `${output}/videoDescription`;
const h264 = `${video}/codecSettings/h264Settings`;
const audio = `${output}/audioDescriptions/0`;
const dependency = 'Should match all dependencies: See other errors for more details';
const profiles =
  'Should be equal to one of the allowed values in ["HIGH","HIGH_10BIT","HIGH_422","HIGH_422_10BIT","MAIN"]';
const incompatible =
  'Your job contains values for the following settings that are incompatible: Rate control mode, Bitrate, and Max bitrate. ' +
  'Adjust your settings and resubmit your job. Some valid combinations of settings are these: Set Rate control mode to QVBR, ' +
  "specify a value for Max bitrate, and don't specify a value for Bitrate. Or, set Rate control mode to CBR, specify a value " +
  "for Bitrate, and don't specify a value for Max bitrate.";

function refusal(...changes: readonly (readonly [pointer: string, value: unknown])[]): string {
  const job = changes.reduce(
    (document, [pointer, value]) => changed(document, `/settings${pointer}`, value),
    validJob(),
  );
  return formatValidationMessage(validateCreateJob(job).findings);
}

const burnIn = { captionSelectorName: 'Captions 1', destinationSettings: { destinationType: 'BURN_IN' } };

describe('observed refusals', () => {
  it.each([
    [1920, 1080, 'LEVEL_3', 1808],
    [1920, 1080, 'LEVEL_3_1', 832],
    [1920, 1080, 'LEVEL_3_2', 1200],
    [1280, 720, 'LEVEL_3', 576],
    [960, 540, 'LEVEL_3', 752],
    [1024, 576, 'LEVEL_3', 720],
  ])('width %i at height %i above H.264 %s: at most %i', (width, height, codecLevel, limit) => {
    expect(
      refusal([`${video}/width`, width], [`${video}/height`, height], [`${h264}/codecLevel`, codecLevel]),
    ).toBe(`${video}/width: Should be less than or equal to ${limit}`);
  });

  it.each([
    ['maxBitrate', 'LEVEL_3_1', 16_800_000],
    ['bitrate', 'LEVEL_3', 12_000_000],
  ])('%s above H.264 %s: at most %i', (name, codecLevel, limit) => {
    const settings = {
      codecLevel,
      codecProfile: 'MAIN',
      ...(name === 'bitrate'
        ? { rateControlMode: 'CBR', bitrate: limit + 1 }
        : { rateControlMode: 'QVBR', maxBitrate: limit + 1 }),
    };
    expect(refusal([h264, settings], [`${video}/width`, 640], [`${video}/height`, 360])).toBe(
      `${h264}/${name}: Should be less than or equal to ${limit}`,
    );
  });

  it.each(['sampleRate', 'codingMode'])('AAC without %s', (name) => {
    expect(refusal([`${audio}/codecSettings/aacSettings/${name}`, undefined])).toBe(
      `${audio}/codecSettings/aacSettings: ${name} is a required property`,
    );
  });

  it.each([
    [{ numberBFramesBetweenReferenceFrames: 0 }, `${h264}: entropyEncoding is a required property`],
    [
      { numberBFramesBetweenReferenceFrames: 0, entropyEncoding: 'CABAC' },
      `${h264}/entropyEncoding: Must be CAVLC`,
    ],
    [{ entropyEncoding: 'CAVLC' }, `${h264}: numberBFramesBetweenReferenceFrames is a required property`],
    [
      { entropyEncoding: 'CAVLC', numberBFramesBetweenReferenceFrames: 2 },
      `${h264}/numberBFramesBetweenReferenceFrames: Should be less than or equal to 0`,
    ],
  ])('BASELINE with %j', (settings, clause) => {
    expect(
      refusal([
        h264,
        { rateControlMode: 'QVBR', maxBitrate: 1_000_000, codecProfile: 'BASELINE', ...settings },
      ]),
    ).toBe(
      `${h264}/codecProfile: ${dependency} | ${h264}: Should match exactly one schema defined in "oneOf" | ${clause} | ${h264}/codecProfile: ${profiles}`,
    );
  });

  it('too many B-frames', () => {
    expect(refusal([`${h264}/numberBFramesBetweenReferenceFrames`, 8])).toBe(
      `${h264}/numberBFramesBetweenReferenceFrames: Should be less than or equal to 7`,
    );
  });

  it('minIInterval above 30', () => {
    expect(refusal([`${h264}/minIInterval`, 31])).toBe(
      `${h264}/minIInterval: Should be less than or equal to 30`,
    );
  });

  it.each([
    [video, `${video}/codecSettings`],
    [audio, `${audio}/codecSettings`],
  ])('codec settings of %s without codec', (place, pointer) => {
    expect(refusal([`${place}/codecSettings/codec`, undefined])).toBe(
      `${pointer}: codec is a required property`,
    );
  });

  it.each([
    [44_100, 32_000, '64000-512000'],
    [48_000, 640_000, '64000-576000'],
  ])('AAC LC stereo at %i Hz with %i bit/s', (sampleRate, bitrate, range) => {
    const settings = { codingMode: 'CODING_MODE_2_0', sampleRate, bitrate };
    expect(refusal([`${audio}/codecSettings/aacSettings`, settings])).toBe(
      `${audio}/codecSettings/aacSettings/bitrate: You specified a value for Bitrate that is not valid with the combination of ` +
        `Profile LC, Coding mode CODING_MODE_2_0, and Sample rate ${sampleRate} you selected. Specify a bitrate in the range of ` +
        `${range}, and resubmit your job For a list of supported bitrates, see: ` +
        'https://docs.aws.amazon.com/mediaconvert/latest/ug/aac-support.html',
    );
  });

  it.each([
    { rateControlMode: 'QVBR', bitrate: 1_000_000, maxBitrate: 2_000_000 },
    { rateControlMode: 'CBR', bitrate: 1_000_000, maxBitrate: 2_000_000 },
    { bitrate: 1_000_000, maxBitrate: 2_000_000 },
    { rateControlMode: 'QVBR', bitrate: 1_000_000 },
  ])('rate control %j in H.264 and H.265', (settings) => {
    expect(refusal([h264, settings])).toBe(`${h264}: ${incompatible}`);
    const h265 = `${video}/codecSettings/h265Settings`;
    expect(refusal([`${video}/codecSettings`, { codec: 'H_265', h265Settings: settings }])).toBe(
      `${h265}: ${incompatible}`,
    );
  });

  it('CBR with a maximum bitrate only', () => {
    expect(refusal([h264, { rateControlMode: 'CBR', maxBitrate: 2_000_000 }])).toBe(
      `${h264}: You set Rate control mode to CBR but the settings values for Bitrate and Max bitrate aren't compatible with CBR. ` +
        'When you use CBR, you must specify a value for Bitrate and you must not specify a value for Max bitrate. ' +
        'Adjust your job settings and then resubmit your job.',
    );
  });

  it('QVBR without a maximum bitrate', () => {
    expect(refusal([h264, { rateControlMode: 'QVBR' }])).toBe(`${h264}: maxBitrate is a required property`);
  });

  it('an H.264 block beside another codec', () => {
    expect(refusal([`${video}/codecSettings/codec`, 'H_265'])).toBe(
      `${h264}: ${dependency} | ${video}/codecSettings/codec: Must be H_264`,
    );
  });

  it('two audio codec blocks', () => {
    expect(refusal([`${audio}/codecSettings/mp2Settings`, {}])).toBe(
      `${audio}/codecSettings: Should have at most 2 properties`,
    );
  });

  it('burn-in settings beside another destination', () => {
    const captions = `${output}/captionDescriptions/0/destinationSettings`;
    const description = {
      captionSelectorName: 'Captions 1',
      destinationSettings: { destinationType: 'EMBEDDED', burninDestinationSettings: {} },
    };
    expect(refusal([`${output}/captionDescriptions`, [description]])).toBe(
      `${captions}/burninDestinationSettings: ${dependency} | ${captions}/destinationType: Must be BURN_IN`,
    );
  });

  it('an incomplete set of fonts', () => {
    const settings = { fontFileRegular: 's3://fonts/face-regular.ttf' };
    const description = {
      ...burnIn,
      destinationSettings: { ...burnIn.destinationSettings, burninDestinationSettings: settings },
    };
    expect(refusal([`${output}/captionDescriptions`, [description]])).toBe(
      `${output}/captionDescriptions/0/destinationSettings/burninDestinationSettings: You specified one or more custom font files ` +
        'in your output captions, but did not specify all required types: regular, bold, italic, and bold italic. To resolve: ' +
        'Specify each required custom font file type, or remove all custom font files. Then resubmit your job.',
    );
  });

  it('captions without a selector', () => {
    expect(
      refusal([`${output}/captionDescriptions`, [{ destinationSettings: burnIn.destinationSettings }]]),
    ).toBe(`${output}/captionDescriptions/0: captionSelectorName is a required property`);
  });

  it('a loudness target above 0', () => {
    expect(refusal([`${audio}/audioNormalizationSettings`, { targetLkfs: 1 }])).toBe(
      `${audio}/audioNormalizationSettings/targetLkfs: Should be less than or equal to 0`,
    );
  });

  it('a Dolby Digital Plus bitrate below its coding mode', () => {
    const codecSettings = { codec: 'EAC3', eac3Settings: { codingMode: 'CODING_MODE_3_2', bitrate: 96_000 } };
    expect(refusal([`${audio}/codecSettings`, codecSettings])).toBe(
      `${audio}/codecSettings/eac3Settings/bitrate: You specified a Dolby Digital Plus audio bitrate that is outside the allowed ` +
        'values for the coding mode you selected. Specify a bitrate from 192000 up to 3024000, and resubmit your job.',
    );
  });

  it('a DASH group without fragment length', () => {
    const settings = {
      type: 'DASH_ISO_GROUP_SETTINGS',
      dashIsoGroupSettings: { destination: 's3://out/dash/clip', segmentLength: 6 },
    };
    expect(
      refusal(
        ['/outputGroups/0/outputGroupSettings', settings],
        [`${output}/containerSettings`, { container: 'MPD' }],
      ),
    ).toBe('/outputGroups/0/outputGroupSettings/dashIsoGroupSettings: fragmentLength is a required property');
  });

  it('an output without container settings', () => {
    expect(refusal([`${output}/containerSettings`, undefined])).toBe(
      `${output}: containerSettings is a required property`,
    );
  });

  it('a file destination that is no S3 location', () => {
    expect(refusal(['/outputGroups/1/outputGroupSettings/fileGroupSettings/destination', 'bucket/out'])).toBe(
      '/outputGroups/1/outputGroupSettings/fileGroupSettings/destination: Should match the pattern: /^s3:///',
    );
  });
});
