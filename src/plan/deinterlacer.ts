/** The deinterlacer (spec video.md 3 table, 16): modes, algorithms, control → filters and the rate that comes out. */
import type { DeinterlaceAlgorithm, Deinterlacer, VideoPreprocessor } from '../contract/types.generated.ts';
import { equalRational, type Rational, rational, rationalToNumber } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import type { PicturePreparation } from './picture-plan.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoSource } from './video-source.ts';

/** What a job asks of the deinterlacer. */
export interface DeinterlacerChoice {
  readonly mode: 'DEINTERLACE' | 'INVERSE_TELECINE' | 'ADAPTIVE';
  readonly algorithm: DeinterlaceAlgorithm;
  readonly isForced: boolean;
}

const filmRate = rational(24000, 1001);
/** Frames a second: film that runs at fewer has no repeated fields. */
const leastTelecinedRate = 29;

/**
 * Reads the settings; null when there is no deinterlacer, or when it looks for interlaced frames in a progressive
 * input and finds none.
 */
export function readDeinterlacer(
  preprocessors: SettingsReader<VideoPreprocessor>,
  source: VideoSource,
): DeinterlacerChoice | null {
  const settings = preprocessors.child('deinterlacer');
  if (!settings.isPresent) return null;
  const mode = settings.read('mode') ?? 'DEINTERLACE';
  const isForced = settings.read('control') === 'FORCE_ALL_FRAMES';
  const algorithm = settings.read('algorithm') ?? 'INTERPOLATE';
  if (mode === 'INVERSE_TELECINE') {
    settings.withoutEffect('algorithm', 'mode is INVERSE_TELECINE: fields are matched, not interpolated', [
      'INTERPOLATE',
    ]);
    if (source.track.scan !== 'progressive' || mayBeTelecined(source.followedRate))
      return { mode, algorithm, isForced };
    const reason = 'progressive frames at this rate have no repeated fields: they pass as they are';
    preprocessors.withoutEffect('deinterlacer', reason);
    return null;
  }
  if (source.track.scan !== 'progressive' || isForced) return { mode, algorithm, isForced };
  const reason = 'no frame of a progressive input is deinterlaced while control is NORMAL';
  preprocessors.withoutEffect('deinterlacer', reason);
  return null;
}

/** Repeated fields bring film from 24 to 30 pictures a second, or to 60. null: a rate that is not known. */
function mayBeTelecined(rate: Rational | null): boolean {
  return rate === null || rationalToNumber(rate) > leastTelecinedRate;
}

/** The service's own defaults: for captured pictures, which show one instant, where the job says nothing. */
export function defaultDeinterlacer({ track }: VideoSource): DeinterlacerChoice | null {
  return track.scan === 'progressive'
    ? null
    : { mode: 'DEINTERLACE', algorithm: 'INTERPOLATE', isForced: false };
}

/** Single pictures that are marked as interlaced, without their neighbours. */
export const deinterlacePicture: FilterStep = {
  name: 'estdif',
  options: { mode: 'frame', deint: 'interlaced' },
};

/** The filters of a choice, for an output of `outputRate`; null when there is no rate to work from. */
export function planDeinterlacer(
  settings: SettingsReader<Deinterlacer>,
  choice: DeinterlacerChoice,
  sourceRate: Rational,
  outputRate: Rational,
  findings: FindingLog,
): PicturePreparation {
  const film = rational(sourceRate.num * 4, sourceRate.den * 5);
  switch (choice.mode) {
    case 'INVERSE_TELECINE':
      if (!equalRational(outputRate, filmRate)) {
        findings.incompatible(
          settings.at('mode'),
          'INVERSE_TELECINE gives 23.976 frames a second: specify 24000/1001',
        );
      }
      if (!mayBeTelecined(sourceRate)) return { steps: matchFields(choice), frameRate: sourceRate };
      return { steps: [...matchFields(choice), decimate], frameRate: film };
    case 'ADAPTIVE':
      // Telecined fields are matched, what stays combed is interlaced; repeated frames go where the rate asks for it.
      return equalRational(outputRate, film)
        ? { steps: [...adapt(settings, choice, findings), decimate], frameRate: film }
        : { steps: adapt(settings, choice, findings), frameRate: sourceRate };
    case 'DEINTERLACE':
      if (!choice.isForced) noteBlending(settings, choice, findings);
      return interpolateFields(choice, sourceRate, outputRate);
  }
}

/** Every field becomes a picture, for outputs whose own fields lie at other instants. */
export function separateFields(sourceRate: Rational): PicturePreparation {
  return {
    steps: [{ name: 'bwdif', options: { mode: 'send_field', deint: 'all' } }],
    frameRate: rational(sourceRate.num * 2, sourceRate.den),
  };
}

const decimate: FilterStep = { name: 'decimate', options: {} };

/**
 * Combed samples in a block of 256 that make a picture an interlaced one. The library's own number, for film, lets
 * small things that move pass with their combs; film of a camera stays below this one.
 */
const combedSamples = '30';

/** Matches each field with its partner; combed pictures that remain are interpolated. */
function matchFields({ isForced }: DeinterlacerChoice): readonly FilterStep[] {
  return [
    { name: 'fieldmatch', options: { order: 'auto', combmatch: 'full' } },
    { name: 'bwdif', options: { mode: 'send_frame', deint: isForced ? 'all' : 'interlaced' } },
  ];
}

/** The same for pictures that may be telecined or not, by the algorithm asked for. */
function adapt(
  settings: SettingsReader<Deinterlacer>,
  { algorithm, isForced }: DeinterlacerChoice,
  findings: FindingLog,
): readonly FilterStep[] {
  const deint = isForced ? 'all' : 'interlaced';
  if (algorithm === 'BLEND' || algorithm === 'BLEND_TICKER')
    findings.notice(
      'substituted',
      settings.at('algorithm'),
      'ADAPTIVE deinterlaces some pictures and leaves others: those are interpolated, as blending takes all of them',
    );
  const steps = {
    INTERPOLATE: { name: 'bwdif', options: { mode: 'send_frame', deint } },
    BLEND: { name: 'bwdif', options: { mode: 'send_frame', deint } },
    INTERPOLATE_TICKER: { name: 'estdif', options: { mode: 'frame', deint } },
    BLEND_TICKER: { name: 'estdif', options: { mode: 'frame', deint } },
    LINEAR_INTERPOLATION: { name: 'yadif', options: { mode: 'send_frame_nospatial', deint } },
  } as const;
  const matching = { order: 'auto', combmatch: 'full', combpel: combedSamples };
  return [{ name: 'fieldmatch', options: matching }, steps[algorithm]];
}

function noteBlending(
  settings: SettingsReader<Deinterlacer>,
  { algorithm }: DeinterlacerChoice,
  findings: FindingLog,
): void {
  if (algorithm !== 'BLEND' && algorithm !== 'BLEND_TICKER') return;
  findings.notice(
    'substituted',
    settings.at('algorithm'),
    'blending takes every picture of an interlaced input, those that are marked as progressive as well',
  );
}

/** A picture per field where the output has room for them, else a picture per frame. */
function interpolateFields(
  { algorithm, isForced }: DeinterlacerChoice,
  sourceRate: Rational,
  outputRate: Rational,
): PicturePreparation {
  const fieldRate = rational(sourceRate.num * 2, sourceRate.den);
  const isDouble = equalRational(outputRate, fieldRate);
  const deint = isForced ? 'all' : 'interlaced';
  const mode = isDouble ? 'send_field' : 'send_frame';
  const frameRate = isDouble ? fieldRate : sourceRate;
  const edgeSlope = { deint, mode: isDouble ? 'field' : 'frame' };
  switch (algorithm) {
    case 'INTERPOLATE':
      return { steps: [{ name: 'bwdif', options: { mode, deint } }], frameRate };
    case 'INTERPOLATE_TICKER':
      return { steps: [{ name: 'estdif', options: edgeSlope }], frameRate };
    case 'LINEAR_INTERPOLATION':
      return {
        steps: [{ name: 'yadif', options: { mode: `${mode}_nospatial`, deint } }],
        frameRate,
      };
    case 'BLEND':
      return { steps: [blendLines, progressive], frameRate: sourceRate };
    case 'BLEND_TICKER':
      return { steps: [...blendTicker, progressive], frameRate: sourceRate };
  }
}

/** Each line becomes ¼ above + ½ itself + ¼ below: both fields in every line. */
const blendLines: FilterStep = {
  name: 'convolution',
  options: Object.fromEntries(
    [0, 1, 2, 3].flatMap((plane) => [
      [`${plane}m`, '0 1 0 0 2 0 0 1 0'],
      [`${plane}rdiv`, '0.25'],
    ]),
  ),
};

/**
 * Both fields as whole pictures along their edges, which keeps moving text legible, then blended in time. All pictures
 * are taken: of two that were left in one piece every other one would be lost.
 */
const blendTicker: readonly FilterStep[] = [
  { name: 'estdif', options: { mode: 'field', deint: 'all' } },
  { name: 'tmix', options: { frames: '2', weights: '1 1' } },
  { name: 'framestep', options: { step: '2' } },
];

const progressive: FilterStep = { name: 'setfield', options: { mode: 'prog' } };
