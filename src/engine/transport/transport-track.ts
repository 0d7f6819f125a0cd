/** The tracks of a transport stream: how each is described and framed (ISO/IEC 13818-1; ATSC A/52; ETSI TS 101 154). */
import { type AacConfiguration, adtsHeader, parseAacConfiguration } from '../../package/adts.ts';
import type { TransportPlan } from '../../plan/file-plan.ts';
import { repeatedParameterSets } from '../muxer-parts.ts';
import { beginsWithDelimiter, withSets } from '../nal-units.ts';
import type { EncodedTrack } from '../output-writer.ts';
import { descriptor } from './psi-tables.ts';

/** One track. */
export interface TransportTrack {
  readonly kind: 'video' | 'audio';
  readonly pid: number;
  readonly streamType: number;
  readonly streamId: number;
  readonly descriptors: Buffer;
  /** Nominal bit/s; 0 where the encoder has none. */
  readonly bitrateBps: number;
  /** How long a picture waits in the decoder's buffer at most, seconds; 0: unknown. */
  readonly bufferSeconds: number;
  /** Size of the decoder's buffer for sound. */
  readonly bufferBytes: number;
  /** A frame of the track as it stands in the stream. */
  frame(bytes: Uint8Array, isKey: boolean): readonly Uint8Array[];
}

/** Stream types and registrations by codec (ISO/IEC 13818-1 table 2-34). */
const videoStreams: Readonly<
  Record<string, { readonly type: number; readonly delimiter: Uint8Array | null }>
> = {
  H_264: { type: 0x1b, delimiter: Uint8Array.of(0, 0, 0, 1, 0x09, 0xf0) },
  H_265: { type: 0x24, delimiter: Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50) },
  MPEG2: { type: 0x02, delimiter: null },
};

/** Main buffers of sound (ISO/IEC 13818-1 2.4.2.3), and of PCM (SMPTE ST 302). */
const soundBufferBytes = 3584;
const pcmBufferBytes = 65_024;

/** Describes the tracks of an output, video first. Throws TypeError for a codec that transport streams do not carry. */
export function describeTracks(
  plan: TransportPlan,
  tracks: readonly EncodedTrack[],
): readonly TransportTrack[] {
  let audioIndex = 0;
  return tracks.map((track) => {
    if (track.kind === 'video') return describeVideo(plan, track);
    const described = describeAudio(plan, track, audioIndex);
    audioIndex += 1;
    return described;
  });
}

function describeVideo(
  plan: TransportPlan,
  track: Extract<EncodedTrack, { readonly kind: 'video' }>,
): TransportTrack {
  const { encoder } = track.rendition;
  const stream = videoStreams[encoder.codec];
  if (stream === undefined) throw new TypeError(`transport streams do not carry ${encoder.codec}`);
  const { delimiter } = stream;
  const parameterSets = repeatedParameterSets(track);
  const peakBps = encoder.maxBitrateBps || encoder.bitrateBps;
  return {
    kind: 'video',
    pid: plan.pids.video,
    streamType: stream.type,
    streamId: 0xe0,
    descriptors: encoder.codec === 'H_265' ? registration('HEVC') : Buffer.alloc(0),
    bitrateBps: peakBps,
    bufferSeconds: peakBps > 0 ? encoder.bufferSizeBits / peakBps : 0,
    bufferBytes: 0,
    frame(bytes, isKey) {
      if (delimiter === null) return [bytes];
      const codec = encoder.codec === 'H_265' ? 'H_265' : 'H_264';
      const parts = isKey && parameterSets !== null ? withSets(bytes, parameterSets, codec) : [bytes];
      return beginsWithDelimiter(bytes, codec) ? parts : [delimiter, ...parts];
    },
  };
}

function describeAudio(
  plan: TransportPlan,
  track: Extract<EncodedTrack, { readonly kind: 'audio' }>,
  index: number,
): TransportTrack {
  const { encoder, language, audioType } = track.rendition;
  const form = audioForm(encoder.codec, plan);
  const pid = plan.pids.audio[index];
  if (pid === undefined) throw new RangeError(`no PID for audio track ${index}`);
  const languages =
    language === null && audioType === null
      ? Buffer.alloc(0)
      : descriptor(
          0x0a,
          Buffer.concat([
            Buffer.from((language ?? 'und').padEnd(3).slice(0, 3), 'latin1'),
            Buffer.of(audioType ?? 0),
          ]),
        );
  const isPrivate = form.streamId === 0xbd;
  const frame = frameForm(track, plan.mpeg2Audio[index] === true);
  return {
    kind: 'audio',
    pid,
    streamType: form.streamType,
    streamId: isPrivate ? 0xbd : 0xc0 + (index & 0x1f),
    descriptors: Buffer.concat([form.descriptors, languages]),
    bitrateBps: encoder.bitrateBps,
    bufferSeconds: 0,
    bufferBytes: encoder.codec === 'WAV' ? pcmBufferBytes : soundBufferBytes,
    frame,
  };
}

interface AudioForm {
  readonly streamType: number;
  readonly streamId: number;
  readonly descriptors: Buffer;
}

/** ATSC gives Dolby stream types of its own, DVB makes private streams with descriptors. */
function audioForm(codec: string, { audioModel }: TransportPlan): AudioForm {
  const none = Buffer.alloc(0);
  switch (codec) {
    case 'AAC':
      return { streamType: 0x0f, streamId: 0xc0, descriptors: none };
    case 'MP2':
      return { streamType: 0x03, streamId: 0xc0, descriptors: none };
    case 'AC3':
      return audioModel === 'DVB'
        ? { streamType: 0x06, streamId: 0xbd, descriptors: descriptor(0x6a, Buffer.of(0)) }
        : { streamType: 0x81, streamId: 0xbd, descriptors: registration('AC-3') };
    case 'EAC3':
      return audioModel === 'DVB'
        ? { streamType: 0x06, streamId: 0xbd, descriptors: descriptor(0x7a, Buffer.of(0)) }
        : { streamType: 0x87, streamId: 0xbd, descriptors: registration('EAC3') };
    case 'WAV':
      return { streamType: 0x06, streamId: 0xbd, descriptors: registration('BSSD') };
    default:
      throw new TypeError(`transport streams do not carry ${codec}`);
  }
}

/** AAC stands in the stream with ADTS headers; other frames describe themselves. */
function frameForm(track: EncodedTrack, isMpeg2: boolean): TransportTrack['frame'] {
  if (track.rendition.encoder.codec !== 'AAC') return (bytes) => [bytes];
  const configuration: AacConfiguration = parseAacConfiguration(track.encoder.extraData ?? new Uint8Array());
  return (bytes) => {
    const header = adtsHeader(configuration, bytes.length);
    // ID bit: 1 says MPEG-2 (ISO/IEC 13818-7 6.2).
    if (isMpeg2) header[1] = (header[1] ?? 0) | 0x08;
    return [header, bytes];
  };
}

function registration(identifier: string): Buffer {
  return descriptor(0x05, Buffer.from(identifier, 'latin1'));
}
