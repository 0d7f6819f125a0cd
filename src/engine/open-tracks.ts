/** Opens the encoders of a pass and starts the outputs that carry what they make. */
import { CodecContext } from 'node-av/lib';
import type { FileContainer } from '../plan/file-plan.ts';
import type { AudioRendition, EncoderPlan, JobPlan, VideoRendition } from '../plan/plan.ts';
import { isCopiedVideo, openCopiedVideo } from './copied-video.ts';
import { type EncoderSeat, seatEncoder } from './encoder-seat.ts';
import type { Graph } from './graph.ts';
import { withLeastRate } from './least-rate.ts';
import { assertDone } from './library-error.ts';
import { openAudioEncoder, openVideoEncoder } from './open-encoder.ts';
import { openInput } from './open-input.ts';
import type { EncodedTrack } from './output-writer.ts';
import type { Pass } from './pass.ts';
import { encoderOfQuantizer } from './picture-quantizer.ts';
import { wantsAnotherLook, withAim } from './rate-aim.ts';
import { firstEncoder } from './steered-rate.ts';

/** Encoders that run in this pass, by rendition id. */
export type Encoders = ReadonlyMap<string, SeatedTrack>;

/** A track, and the place in which another encoder may follow the one it begins with. */
export type SeatedTrack = EncodedTrack & { readonly seat: EncoderSeat };

/** Containers that keep codec headers in front of the media. */
const headedContainers: readonly FileContainer[] = ['MP4', 'MOV', 'F4V', 'WEBM', 'OGG'];

/** Opens all at once: each allocates its lookahead for some tens of milliseconds. What opened is owned even if another fails. Throws fault 1040. */
export async function openEncoders(graph: Graph, pass: Pass): Promise<Encoders> {
  const opening = [
    ...pass.plan.videoRenditions
      .filter((rendition) => runsIn(pass, rendition))
      .map((one) => openVideoTrack(pass, one)),
    ...pass.plan.audioRenditions
      .filter((rendition) => pass.passNumber !== 1 || isMeasured(pass, rendition))
      .map((one) => openAudioTrack(pass, one)),
  ];
  const encoders = new Map<string, SeatedTrack>();
  for (const outcome of await Promise.allSettled(opening)) {
    if (outcome.status === 'rejected') continue;
    const track = outcome.value;
    encoders.set(track.rendition.id, { ...track, seat: seatEncoder(graph, track.encoder) });
  }
  await Promise.all(opening);
  return encoders;
}

/** The first of two passes is for encoders that have two, another look only for those that want it. */
function runsIn({ passNumber, looks }: Pass, rendition: VideoRendition): boolean {
  if (passNumber !== 1) return true;
  return looks.size === 0 ? rendition.encoder.passes === 2 : wantsAnotherLook(rendition, looks);
}

/** The other two-pass encoders measure, and leave nothing behind. */
function keepsStatistics({ encoder: { encoder } }: VideoRendition): boolean {
  return encoder === 'libx264' || encoder === 'libx265';
}

/** Sound is measured at the first look. */
function isMeasured({ looks }: Pass, { loudness }: AudioRendition): boolean {
  return looks.size === 0 && loudness?.correction != null;
}

async function openVideoTrack(pass: Pass, planned: VideoRendition): Promise<EncodedTrack> {
  const { plan, passNumber, statistics, looks } = pass;
  if (isCopiedVideo(planned)) return openCopiedVideo(pass, planned);
  const aimed = withAim(planned, looks);
  const encodingPass =
    aimed.encoder.passes === 2 && passNumber !== null && keepsStatistics(aimed)
      ? { number: passNumber, statisticsPath: statistics(planned.id) }
      : null;
  const rendition = encodingPass?.number === 2 ? withLeastRate(aimed, encodingPass.statisticsPath) : aimed;
  const encoder = await openVideoEncoder(
    { ...rendition, encoder: firstEncoderOf(pass, rendition) },
    {
      globalHeader: wantsGlobalHeader(plan, rendition.id),
      pass: encodingPass,
    },
  );
  // What is written keeps the average, whatever the encoder is asked for: containers tell of that.
  if (rendition.encoder.allocation !== undefined) encoder.bitRate = BigInt(rendition.encoder.bitrateBps);
  const timeBase = { num: rendition.frameRate.den, den: rendition.frameRate.num };
  return { kind: 'video', rendition, encoder, timeBase };
}

/** The encoder that a rendition begins a pass with. */
function firstEncoderOf(pass: Pass, rendition: VideoRendition): EncoderPlan {
  return encoderOfQuantizer(pass, rendition) ?? firstEncoder(rendition);
}

async function openAudioTrack(pass: Pass, rendition: AudioRendition): Promise<EncodedTrack> {
  // Sound always travels bare: each container adds the framing it wants (ADTS in transport streams and raw AAC).
  const encoder =
    rendition.encoder.encoder === 'copy'
      ? await openCopiedTrack(pass, rendition)
      : await openAudioEncoder(rendition, true);
  return { kind: 'audio', rendition, encoder, timeBase: { num: 1, den: rendition.sampleRateHz } };
}

/** Parameters of the source track in the shape of an encoder that never opens: what containers read of it is the same. */
async function openCopiedTrack({ plan, objects }: Pass, rendition: AudioRendition): Promise<CodecContext> {
  const input = plan.inputs.find(({ inputIndex }) => inputIndex === rendition.inputIndex);
  const streamIndex = input?.audio.find(({ id }) => id === rendition.audioSourceId)?.streamIndexes[0];
  if (input === undefined || streamIndex === undefined)
    throw new RangeError(`rendition ${rendition.id} has no source to copy`);
  const source = await openInput(input, objects);
  const context = new CodecContext();
  try {
    context.allocContext3(null);
    assertDone(context.parametersToContext(source.stream(streamIndex).codecpar), 'copied track');
    return context;
  } catch (error) {
    context.freeContext();
    throw error;
  } finally {
    await source.close();
  }
}

/** MP4 keeps parameter sets in its header; outputs without a header take them from there (`media-file-writer`). */
export function wantsGlobalHeader(plan: JobPlan, renditionId: string): boolean {
  return plan.outputGroups.some((group) =>
    group.outputs.some(
      (output) =>
        ('container' in output ? headedContainers.includes(output.container) : group.type !== 'HLS_GROUP') &&
        (output.videoRenditionId === renditionId || output.audioRenditionIds.includes(renditionId)),
    ),
  );
}

/** Tells every output its tracks, video first; they are then ready for packets. */
export async function startWriters({ groups }: Pass, encoders: Encoders): Promise<void> {
  for (const open of groups) {
    for (const output of open.group.outputs) {
      await open.writer(output.outputIndex).start(renditionIdsOf(output).map((id) => trackOf(encoders, id)));
    }
    for (const { renditionIds, writer } of open.extras)
      await writer.start(renditionIds.map((id) => trackOf(encoders, id)));
  }
}

/** Renditions an output carries, in the order of its tracks. */
export function renditionIdsOf(output: {
  readonly videoRenditionId: string | null;
  readonly audioRenditionIds: readonly string[];
}): string[] {
  return [
    ...(output.videoRenditionId === null ? [] : [output.videoRenditionId]),
    ...output.audioRenditionIds,
  ];
}

/** A rendition's open encoder. Throws RangeError when the plan names one it does not have. */
export function trackOf(encoders: Encoders, renditionId: string): SeatedTrack {
  const track = encoders.get(renditionId);
  if (track === undefined) throw new RangeError(`the plan has no rendition ${renditionId}`);
  return track;
}
