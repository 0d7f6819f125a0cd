/**
 * Containers × codecs that the service takes as inputs (spec inputs.md 2, 3, 4 and 7), each with a source: a recipe for
 * the libraries, a file of the shared media, or the reason why there is none. Below them what it never takes.
 */
import {
  AV_PIX_FMT_BGR24,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV422P10LE,
  AV_PIX_FMT_YUVJ420P,
} from 'node-av/constants';
import type { AudioTrackRecipe, SourceRecipe, VideoTrackRecipe } from './make-source.ts';

/** Where a row's media comes from. */
export type RowSource =
  | {
      readonly recipe: SourceRecipe;
      /** A segment of an HLS package. */
      readonly isPlaylist?: true;
      /** A track file of an IMF package. */
      readonly isComposition?: true;
    }
  | { readonly gsm: true }
  /** A document instead of media. */
  | { readonly text: string }
  /** Below the folder of shared media. */
  | { readonly file: string }
  | { readonly none: string };

/** One combination. */
export interface ContainerRow {
  readonly container: string;
  readonly kind: 'video' | 'audio';
  /** As the service names it. */
  readonly codec: string;
  /** As the library names it. */
  readonly name: string;
  readonly source: RowSource;
  /** Absent: accepted and decoded; else the documented refusal. */
  readonly refused?: number;
  /** Why the outcome is another than the documented one. */
  readonly reason?: string;
}

const x264 = { encoder: 'libx264', options: { preset: 'ultrafast' } };
const x265 = { encoder: 'libx265', options: { preset: 'ultrafast', 'x265-params': 'log-level=none' } };
const mpeg1 = { encoder: 'mpeg1video' };
const mpeg2 = { encoder: 'mpeg2video' };
const mpeg4 = { encoder: 'mpeg4' };
const h263 = { encoder: 'h263' };
const h261 = { encoder: 'h261' };
const mjpeg = { encoder: 'mjpeg', pixelFormat: AV_PIX_FMT_YUVJ420P };
const proRes = { encoder: 'prores_ks', pixelFormat: AV_PIX_FMT_YUV422P10LE };
const dv = { encoder: 'dvvideo', size: [720, 576] } as const;
const dvcproHd = { encoder: 'dvvideo', size: [1440, 1080], pixelFormat: AV_PIX_FMT_YUV422P } as const;
const dvcpro50 = { encoder: 'dvvideo', size: [720, 576], pixelFormat: AV_PIX_FMT_YUV422P } as const;
const dnxhd = {
  encoder: 'dnxhd',
  size: [1280, 720],
  pixelFormat: AV_PIX_FMT_YUV422P,
  bitrateBps: 60_000_000,
} as const;
const j2k = { encoder: 'jpeg2000' };
const avcIntra = {
  encoder: 'libx264',
  size: [1440, 1080],
  pixelFormat: AV_PIX_FMT_YUV420P10LE,
  options: { preset: 'ultrafast', 'avcintra-class': '50', 'x264-params': 'avcintra-flavor=panasonic' },
} as const;
const vp8 = { encoder: 'libvpx', options: { deadline: 'realtime', 'cpu-used': '8' } };
const vp9 = { encoder: 'libvpx-vp9', options: { deadline: 'realtime', 'cpu-used': '8' } };
const av1 = { encoder: 'libsvtav1', options: { preset: '12' } };
const raw = { encoder: 'rawvideo' };
const v210 = { encoder: 'v210', pixelFormat: AV_PIX_FMT_YUV422P10LE };
const qtrle = { encoder: 'qtrle', pixelFormat: AV_PIX_FMT_RGB24 };

const video = (
  container: string,
  muxer: string,
  codecs: readonly (readonly [
    codec: string,
    name: string,
    track: VideoTrackRecipe | Exclude<RowSource, { recipe: unknown }>,
  ])[],
): readonly ContainerRow[] =>
  codecs.map(([codec, name, track]) => ({
    container,
    kind: 'video',
    codec,
    name,
    source: 'encoder' in track ? { recipe: { muxer, video: track } } : track,
  }));

/** Sound beside the picture `with`, or alone. */
const audio = (
  container: string,
  muxer: string,
  beside: VideoTrackRecipe | null,
  codecs: readonly (readonly [
    codec: string,
    name: string,
    track: AudioTrackRecipe | Exclude<RowSource, { recipe: unknown }>,
  ])[],
): readonly ContainerRow[] =>
  codecs.map(([codec, name, track]) => ({
    container,
    kind: 'audio',
    codec,
    name,
    source:
      'encoder' in track
        ? { recipe: { muxer, audio: track, ...(beside === null ? {} : { video: beside }) } }
        : track,
  }));

const noEncoder = (what: string): RowSource & { none: string } => ({
  none: `the libraries decode ${what} but cannot write it, and no free sample is at hand`,
});
const shared = (file: string): { readonly file: string } => ({ file });

const aac = ['AAC', 'aac', { encoder: 'aac' }] as const;
const ac3 = ['AC-3', 'ac3', { encoder: 'ac3' }] as const;
const eac3 = ['E-AC-3', 'eac3', { encoder: 'eac3' }] as const;
const mp2 = ['MPEG audio layer 2', 'mp2', { encoder: 'mp2' }] as const;
const mp3 = ['MP3', 'mp3', { encoder: 'libmp3lame' }] as const;
const flac = ['FLAC', 'flac', { encoder: 'flac' }] as const;
const opus = ['Opus', 'opus', { encoder: 'libopus' }] as const;
const vorbis = ['Vorbis', 'vorbis', { encoder: 'libvorbis' }] as const;
const pcm16 = ['PCM', 'pcm_s16le', { encoder: 'pcm_s16le' }] as const;
const pcm24 = ['PCM 24 bit', 'pcm_s24le', { encoder: 'pcm_s24le' }] as const;
const wma1 = ['WMA', 'wmav1', { encoder: 'wmav1' }] as const;
const wma2 = ['WMA2', 'wmav2', { encoder: 'wmav2' }] as const;
const wmaPro = ['WMA Pro', 'wmapro', noEncoder('WMA Pro')] as const;
const dolbyE = ['Dolby E in PCM', 'dolby_e', noEncoder('Dolby E')] as const;
const amrNb = ['AMR-NB', 'amr_nb', shared('audio/3gp_amrnb_3s.3gp')] as const;
const amrWb = ['AMR-WB', 'amr_wb', shared('audio/3gp_amrwb_3s.3gp')] as const;
const vc1 = (where: string) => ['VC-1', 'vc1', noEncoder(`VC-1 in ${where}`)] as const;

function asComposition(row: ContainerRow): ContainerRow {
  return 'recipe' in row.source ? { ...row, source: { ...row.source, isComposition: true } } : row;
}

/** All combinations, in the order of the documentation. */
export const containerRows: readonly ContainerRow[] = [
  ...video('3GP', '3gp', [
    ['H.264', 'h264', x264],
    ['H.263', 'h263', h263],
    ['MPEG-4 part 2', 'mpeg4', mpeg4],
  ]),
  ...audio('3GP', '3gp', x264, [aac, amrNb, amrWb]),
  ...video('3G2', '3g2', [
    ['H.264', 'h264', x264],
    ['H.263', 'h263', h263],
    ['MPEG-4 part 2', 'mpeg4', mpeg4],
  ]),
  ...audio('3G2', '3g2', x264, [aac]),
  ...video('ASF / WMV', 'asf', [['VC-1', 'wmv3', shared('video/wmv_vc1_wmv3_640x480p5_wmavoice_5s.wmv')]]),
  ...audio('ASF / WMV', 'asf', null, [wma1, wma2, wmaPro]),
  ...video('AVI', 'avi', [
    ['Uncompressed', 'rawvideo', { ...raw, pixelFormat: AV_PIX_FMT_BGR24 }],
    ['Canopus HQ/HQA', 'hq_hqa', noEncoder('Canopus HQ')],
    ['DivX/Xvid', 'mpeg4', mpeg4],
    ['DV/DVCPRO', 'dvvideo', dv],
    ['MJPEG', 'mjpeg', mjpeg],
  ]),
  ...audio('AVI', 'avi', mpeg4, [ac3, eac3, dolbyE, mp3, mp2, pcm16]),
  ...video('FLV', 'flv', [
    ['H.264', 'h264', x264],
    ['H.263 (Sorenson)', 'flv1', { encoder: 'flv' }],
  ]),
  ...audio('FLV', 'flv', x264, [aac]),
  ...video('F4V', 'f4v', [['H.264', 'h264', x264]]),
  ...audio('F4V', 'f4v', x264, [aac]),
  ...video('GIF', 'gif', [['GIF', 'gif', { encoder: 'gif' }]]),
  ...[
    ['H.264', 'h264', x264],
    ['H.265', 'hevc', x265],
    ['MPEG-2', 'mpeg2video', mpeg2],
  ].map(
    ([codec, name, track]): ContainerRow => ({
      container: 'HLS',
      kind: 'video',
      codec: codec as string,
      name: name as string,
      source: { recipe: { muxer: 'mpegts', video: track as VideoTrackRecipe }, isPlaylist: true },
    }),
  ),
  ...[aac, ac3, eac3].map(
    ([codec, name, track]): ContainerRow => ({
      container: 'HLS',
      kind: 'audio',
      codec,
      name,
      source: { recipe: { muxer: 'mpegts', audio: track }, isPlaylist: true },
    }),
  ),
  {
    container: 'HLS',
    kind: 'audio',
    codec: 'MP3 (packed audio)',
    name: 'mp3',
    source: { recipe: { muxer: 'mp3', audio: { encoder: 'libmp3lame' } }, isPlaylist: true },
  },
  ...video('Matroska', 'matroska', [
    ['H.264', 'h264', x264],
    ['MPEG-2', 'mpeg2video', mpeg2],
    ['MPEG-4 part 2', 'mpeg4', mpeg4],
    vc1('Matroska'),
  ]),
  ...audio('Matroska', 'matroska', x264, [aac, ac3, eac3, flac, opus, vorbis, pcm16, wma1, wma2]),
  ...video('QuickTime', 'mov', [
    ['ProRes', 'prores', proRes],
    ['H.264', 'h264', x264],
    ['AVC-Intra', 'h264', avcIntra],
    ['DivX/Xvid, MPEG-4 part 2', 'mpeg4', mpeg4],
    ['DV/DVCPRO', 'dvvideo', dv],
    ['DVCPRO 50', 'dvvideo', dvcpro50],
    ['DVCPRO HD', 'dvvideo', dvcproHd],
    ['H.261', 'h261', h261],
    ['H.263', 'h263', h263],
    ['H.265', 'hevc', x265],
    ['JPEG 2000', 'jpeg2000', j2k],
    ['MJPEG', 'mjpeg', mjpeg],
    ['MPEG-2 (H.262)', 'mpeg2video', mpeg2],
    ['QuickTime Animation (RLE)', 'qtrle', qtrle],
    ['Uncompressed', 'rawvideo', { ...raw, pixelFormat: AV_PIX_FMT_RGB24 }],
    ['Uncompressed, v210', 'v210', v210],
  ]),
  ...audio('QuickTime', 'mov', x264, [aac, mp3, pcm16, pcm24]),
  ...video('MP4', 'mp4', [
    ['AV1', 'av1', av1],
    ['H.264', 'h264', x264],
    ['AVC-Intra', 'h264', avcIntra],
    ['DivX/Xvid, MPEG-4 part 2', 'mpeg4', mpeg4],
    [
      'H.261',
      'h261',
      { none: 'no registered sample entry of MP4 carries H.261, and the libraries write none' },
    ],
    ['H.263', 'h263', { none: 'the libraries write H.263 into 3GP and QuickTime only' }],
    ['H.265', 'hevc', x265],
    ['JPEG 2000', 'jpeg2000', j2k],
    ['MPEG-2 (H.262)', 'mpeg2video', mpeg2],
    vc1('MP4'),
    ['VP9', 'vp9', vp9],
    ['Uncompressed', 'rawvideo', { none: 'the libraries write uncompressed pictures into QuickTime only' }],
  ]),
  ...audio('MP4', 'mp4', x264, [aac, ac3, eac3, flac, pcm16]),
  ...audio('MP4', 'mp4', null, [
    ['WMA', 'wmav1', noEncoder('WMA in MP4')],
    ['WMA2', 'wmav2', noEncoder('WMA2 in MP4')],
  ]),
  ...video('MPEG-1 system stream', 'mpeg', [
    ['MPEG-1', 'mpeg1video', mpeg1],
    ['MPEG-2', 'mpeg2video', mpeg2],
  ]),
  ...audio('MPEG-1 system stream', 'mpeg', mpeg1, [
    ['AAC', 'aac', { none: 'the stream type of AAC in system streams is not written by the libraries' }],
    ac3,
    ['E-AC-3', 'eac3', { none: 'the libraries do not write E-AC-3 into system streams' }],
    mp2,
    ['PCM', 'pcm_dvd', { none: 'PCM lies in DVD program streams, which are MPEG-2' }],
  ]),
  ...video('MPEG program stream', 'vob', [['MPEG-2', 'mpeg2video', mpeg2]]),
  ...audio('MPEG program stream', 'vob', mpeg2, [mp2]),
  ...video('MPEG transport stream', 'mpegts', [
    ['H.264', 'h264', x264],
    ['H.265', 'hevc', x265],
    ['MPEG-2', 'mpeg2video', mpeg2],
    vc1('transport streams'),
  ]),
  ...audio('MPEG transport stream', 'mpegts', x264, [
    aac,
    ac3,
    eac3,
    dolbyE,
    mp2,
    ['PCM (SMPTE 302M)', 's302m', { encoder: 's302m' }],
    ['WMA', 'wmav1', noEncoder('WMA in transport streams')],
    ['WMA2', 'wmav2', noEncoder('WMA2 in transport streams')],
  ]),
  ...video('MXF', 'mxf', [
    ['ProRes', 'prores', proRes],
    ['H.264', 'h264', x264],
    ['AVC-Intra', 'h264', avcIntra],
    ['DV25, DVCPRO', 'dvvideo', dv],
    ['DV50', 'dvvideo', dvcpro50],
    ['DVCPRO HD', 'dvvideo', dvcproHd],
    ['JPEG 2000', 'jpeg2000', j2k],
    ['MPEG-2, Sony XDCAM', 'mpeg2video', mpeg2],
    ['Sony XDCAM MPEG-4 proxy', 'mpeg4', noEncoder('MPEG-4 part 2 in MXF')],
    ['VC-3/DNxHD', 'dnxhd', dnxhd],
    ['Uncompressed', 'rawvideo', noEncoder('uncompressed pictures in MXF')],
  ]),
  ...audio('MXF', 'mxf', mpeg2, [
    ['AAC', 'aac', noEncoder('AAC in MXF')],
    dolbyE,
    ['MPEG audio layer 2', 'mp2', noEncoder('MPEG audio in MXF')],
    pcm16,
    pcm24,
  ]),
  ...video('WebM', 'webm', [
    ['VP8', 'vp8', vp8],
    ['VP9', 'vp9', vp9],
  ]),
  ...audio('WebM', 'webm', vp8, [opus, vorbis]),
  {
    container: 'None',
    kind: 'video',
    codec: 'DV/DVCPRO',
    name: 'dvvideo',
    source: { recipe: { muxer: 'dv', video: dv, audio: { encoder: 'pcm_s16le' } } },
  },
  ...video('None', 'h264', [['H.264', 'h264', x264]]),
  ...video('None', 'hevc', [['H.265', 'hevc', x265]]),
  ...video('None', 'mpeg1video', [['MPEG-1', 'mpeg1video', mpeg1]]),
  ...video('None', 'mpeg2video', [['MPEG-2', 'mpeg2video', mpeg2]]),
  // Sound alone.
  ...audio('FLAC', 'flac', null, [flac]),
  ...audio('Matroska audio', 'matroska', null, [flac, opus, vorbis]),
  ...audio('QuickTime, sound alone', 'mov', null, [pcm16]),
  ...audio('MP3', 'mp3', null, [mp3]),
  ...audio('M4A', 'ipod', null, [aac]),
  ...audio('MP4, sound alone', 'mp4', null, [flac]),
  ...audio('MPEG transport stream, sound alone', 'mpegts', null, [
    mp2,
    ['PCM (SMPTE 302M)', 's302m', { encoder: 's302m' }],
  ]),
  ...audio('Ogg', 'ogg', null, [flac, opus, vorbis]),
  ...audio('WAV', 'wav', null, [pcm16, pcm24, ['GSM (MS-GSM)', 'gsm_ms', noEncoder('MS-GSM')]]),
  ...audio('None', 'adts', null, [['AAC (ADTS)', 'aac', { encoder: 'aac' }]]),
  ...audio('None', 'latm', null, [['AAC (LATM)', 'aac_latm', { encoder: 'aac' }]]),
  ...audio('None', 'ac3', null, [ac3]),
  ...audio('None', 'eac3', null, [eac3]),
  ...audio('None', 'gsm', null, [['GSM', 'gsm', { gsm: true }]]),
  {
    ...audio('None', 's16le', null, [pcm16])[0],
    reason:
      'bare samples have no header that tells rate, channels and width, and the job has no setting for them',
    refused: 1010,
  } as ContainerRow,
  ...video('IMF (CPL)', 'mxf', [
    ['JPEG 2000', 'jpeg2000', j2k],
    ['Apple ProRes', 'prores', proRes],
  ]).map(asComposition),
  ...audio('IMF (CPL)', 'mxf', j2k, [pcm24]).map(asComposition),
  // Never inputs.
  ...refusedRows('video', [
    ['Y4M', 'yuv4mpegpipe', 'Uncompressed', 'wrapped_avframe', raw, 1030],
    ['Matroska', 'matroska', 'FFV1', 'ffv1', { encoder: 'ffv1' }, 1030],
    ['Matroska', 'matroska', 'VP8', 'vp8', vp8, 1030],
    ['QuickTime', 'mov', 'PNG', 'png', { encoder: 'png', pixelFormat: AV_PIX_FMT_RGB24 }, 1030],
    ['AVI', 'avi', 'H.264', 'h264', x264, 1030],
    ['ASF / WMV', 'asf', 'WMV2', 'wmv2', { encoder: 'wmv2' }, 1030],
    ['IVF', 'ivf', 'VP9', 'vp9', vp9, 1030],
    ['NUT', 'nut', 'MPEG-4 part 2', 'mpeg4', mpeg4, 1030],
  ]),
  ...refusedRows('audio', [
    ['MP4', 'mp4', 'ALAC', 'alac', { encoder: 'alac' }, 1030],
    ['WAV', 'wav', 'ADPCM', 'adpcm_ms', { encoder: 'adpcm_ms' }, 1030],
    ['WAV', 'wav', 'A-law', 'pcm_alaw', { encoder: 'pcm_alaw' }, 1030],
    ['AIFF', 'aiff', 'PCM', 'pcm_s16be', { encoder: 'pcm_s16be' }, 1030],
    ['AU', 'au', 'PCM', 'pcm_s16be', { encoder: 'pcm_s16be' }, 1030],
    ['CAF', 'caf', 'PCM', 'pcm_s16le', { encoder: 'pcm_s16le' }, 1030],
    ['WavPack', 'wv', 'WavPack', 'wavpack', { encoder: 'wavpack' }, 1030],
  ]),
];

function refusedRows(
  kind: ContainerRow['kind'],
  rows: readonly (readonly [
    container: string,
    muxer: string,
    codec: string,
    name: string,
    track: VideoTrackRecipe | AudioTrackRecipe,
    code: number,
  ])[],
): readonly ContainerRow[] {
  return rows.map(([container, muxer, codec, name, track, refused]) => ({
    container,
    kind,
    codec,
    name,
    source: { recipe: { muxer, [kind]: track } },
    refused,
  }));
}
