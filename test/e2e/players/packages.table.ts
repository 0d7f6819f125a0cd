/**
 * The packages that players in a browser are given, each a group of one job: what Chromium decodes (H.264, AV1, VP9, AAC; as
 * it was encoded, or as it was in the source) in every form of group, segments and encryption, and further forms of manifests.
 */
import {
  fixed,
  type GroupType,
  ladder,
  languages,
  output,
  type PlayedPackage,
  type Protection,
  picture,
  pieces,
  protectedSettings,
  served,
  servedWhole,
  sizes,
  sound,
  type VideoCodec,
  wholes,
} from './package-parts.ts';

const modes = ['SEGMENTED_FILES', 'SINGLE_FILE'] as const;
type Mode = (typeof modes)[number];
const clear: Protection = ['none', 'none', null];

/** Coverage rows of a package: the pictures of a ladder of H.264 are those of the encoder and those of the source. */
function rowsOf(group: GroupType, codec: VideoCodec, mode: Mode, encryption: string): readonly string[] {
  const codecs = codec === 'H_264' ? ['H_264', 'PASSTHROUGH', 'AAC'] : [codec];
  return codecs.map((each) => `${group} ${each} ${mode} ${encryption}`);
}

function nameOf(...parts: readonly string[]): string {
  return parts.join('-').toLowerCase().replaceAll('_', '');
}

/**
 * SAMPLE-AES in transport streams is not among them: Shaka Player refuses it by name, and hls.js 1.7 plays it or appends
 * pictures before it has a buffer for them, as its decryption happens to end.
 */
const hls: readonly PlayedPackage[] = modes.flatMap((mode) =>
  ([clear, ['AES128', 'static', fixed('AES128')]] as const).map((protection) => ({
    name: nameOf('hls', mode, protection[0]),
    group: 'HLS',
    settings: protectedSettings({ SegmentLength: 2, MinSegmentLength: 0, SegmentControl: mode }, protection),
    outputs: sizes('HLS', 'H_264', sound('eng')),
    players: [
      ['hls.js', 'm3u8'],
      ['shaka', 'm3u8'],
    ],
    keys: protection[1],
    rows: rowsOf('HLS', 'H_264', mode, protection[0]),
  })),
);

type Players = PlayedPackage['players'];
const dashPlayer: Players = [['dash.js', 'mpd']];
const shakaPlayer: Players = [['shaka', 'mpd']];

/**
 * H.264 in all players and by both manifests, the other codecs in one or two. Static keys come from the playlist's URL for
 * Shaka Player; dash.js wants a system that the MPD names, which they have not.
 */
function cmafPlayers(codec: VideoCodec, encryption: string, mode: Mode): Players {
  if (encryption !== 'none' && codec !== 'H_264')
    return mode === 'SINGLE_FILE' ? shakaPlayer : [['shaka', 'm3u8']];
  if (encryption !== 'none') return [['shaka', 'm3u8'], ...shakaPlayer];
  const both: Players = [['hls.js', 'm3u8'], ...dashPlayer];
  return codec === 'H_264' ? [...both, ['shaka', 'm3u8'], ...shakaPlayer] : both;
}

function dashPlayers(codec: VideoCodec, mode: Mode): Players {
  if (codec === 'H_264') return [...dashPlayer, ...shakaPlayer];
  return mode === 'SINGLE_FILE' ? shakaPlayer : dashPlayer;
}

const cmaf: readonly PlayedPackage[] = (['H_264', 'AV1', 'VP9'] as const).flatMap((codec) =>
  modes.flatMap((mode) =>
    ([clear, ['AES_CTR', 'static', fixed('AES_CTR')], ['SAMPLE_AES', 'static', fixed('SAMPLE_AES')]] as const)
      .filter(([encryption]) => codec !== 'VP9' || encryption === 'none')
      .map((protection) => ({
        name: nameOf('cmaf', codec, mode, protection[0]),
        group: 'CMAF',
        settings: protectedSettings(mode === 'SINGLE_FILE' ? wholes : pieces, protection),
        outputs: ladder('CMAF', codec),
        players: cmafPlayers(codec, protection[0], mode),
        keys: protection[1],
        rows: rowsOf('CMAF', codec, mode, protection[0]),
      })),
  ),
);

const dash: readonly PlayedPackage[] = (['H_264', 'AV1', 'VP9'] as const).flatMap((codec) =>
  modes.flatMap((mode) =>
    ([clear, ['SPEKE', 'server', served]] as const)
      .filter(([encryption]) => codec !== 'VP9' || encryption === 'none')
      .map((protection) => ({
        name: nameOf('dash', codec, mode, protection[0]),
        group: 'DASH_ISO',
        settings: protectedSettings(mode === 'SINGLE_FILE' ? wholes : pieces, protection),
        outputs: ladder('DASH_ISO', codec),
        players: dashPlayers(codec, mode),
        keys: protection[1],
        rows: rowsOf('DASH_ISO', codec, mode, protection[0]),
      })),
  ),
);

const smooth: PlayedPackage = {
  name: 'smooth',
  group: 'MS_SMOOTH',
  settings: () => ({ FragmentLength: 2 }),
  outputs: [
    output('MS_SMOOTH', '_large', picture('H_264', {})),
    output('MS_SMOOTH', '_little', picture('H_264', { Width: 192, Height: 108 })),
    output('MS_SMOOTH', '_sound', sound('eng')),
  ],
  players: [['dash.js', 'ismc']],
  keys: 'none',
  rows: ['H_264', 'AAC'].map((codec) => `MS_SMOOTH ${codec} SINGLE_FILE none`),
};

/** Forms of manifests and of times beside the rows. */
const forms: readonly PlayedPackage[] = [
  {
    name: 'signed-offsets',
    group: 'CMAF',
    settings: () => ({ ...pieces, VideoCompositionOffsets: 'SIGNED', ManifestCompression: 'GZIP' }),
    outputs: ladder('CMAF', 'H_264'),
    players: [
      ['hls.js', 'm3u8'],
      ['dash.js', 'mpd'],
    ],
    keys: 'none',
    rows: [],
  },
  {
    name: 'initial-presentation-time',
    group: 'DASH_ISO',
    settings: () => ({
      ...pieces,
      PtsOffsetHandlingForBFrames: 'MATCH_INITIAL_PTS',
      WriteSegmentTimelineInRepresentation: 'ENABLED',
      DashManifestStyle: 'COMPACT',
    }),
    outputs: ladder('DASH_ISO', 'H_264'),
    players: [
      ['dash.js', 'mpd'],
      ['shaka', 'mpd'],
    ],
    keys: 'none',
    rows: [],
  },
  {
    name: 'on-demand-profile',
    group: 'DASH_ISO',
    settings: () => ({ ...wholes, MpdProfile: 'ON_DEMAND_PROFILE' }),
    outputs: ladder('DASH_ISO', 'H_264'),
    players: [
      ['dash.js', 'mpd'],
      ['shaka', 'mpd'],
    ],
    keys: 'none',
    rows: [],
  },
  {
    name: 'timelines',
    group: 'CMAF',
    settings: () => ({
      ...pieces,
      WriteSegmentTimelineInRepresentation: 'ENABLED',
      DashManifestStyle: 'FULL',
    }),
    outputs: ladder('CMAF', 'H_264'),
    players: [
      ['dash.js', 'mpd'],
      ['shaka', 'mpd'],
    ],
    keys: 'none',
    rows: [],
  },
  {
    name: 'clear-lead',
    group: 'CMAF',
    settings: (places) => ({
      ...pieces,
      Encryption: fixed('SAMPLE_AES', { ClearLead: 'ENABLED' })(places),
    }),
    outputs: ladder('CMAF', 'H_264'),
    players: [
      ['shaka', 'm3u8'],
      ['shaka', 'mpd'],
    ],
    keys: 'static',
    rows: [],
  },
  {
    name: 'segments-by-a-key-server',
    group: 'HLS',
    settings: (places) => ({ SegmentLength: 2, MinSegmentLength: 0, Encryption: servedWhole(places) }),
    outputs: sizes('HLS', 'H_264', sound('eng')),
    players: [['hls.js', 'm3u8']],
    keys: 'server',
    rows: [],
  },
];

/** Played through: five seeks, both sizes. */
export const playedPackages: readonly PlayedPackage[] = [...hls, ...cmaf, ...dash, smooth, ...forms];

const tricks = { ...pieces, ImageBasedTrickPlay: 'THUMBNAIL' };

/** Packages whose sound is listened to: two languages, or no pictures at all. */
export const heardPackages: readonly PlayedPackage[] = [
  {
    name: 'hls-languages',
    group: 'HLS',
    settings: () => ({ SegmentLength: 2, MinSegmentLength: 0 }),
    outputs: [...sizes('HLS', 'H_264'), ...languages('HLS')],
    players: [
      ['hls.js', 'm3u8'],
      ['shaka', 'm3u8'],
    ],
    keys: 'none',
    rows: [],
  },
  {
    name: 'cmaf-languages',
    group: 'CMAF',
    settings: () => pieces,
    outputs: [...sizes('CMAF', 'H_264'), ...languages('CMAF')],
    players: [
      ['hls.js', 'm3u8'],
      ['dash.js', 'mpd'],
      ['shaka', 'mpd'],
    ],
    keys: 'none',
    rows: [],
  },
  {
    name: 'muxed',
    group: 'DASH_ISO',
    settings: () => pieces,
    outputs: [output('DASH_ISO', '_both', { ...picture('H_264', {}), ...sound('fra') })],
    players: [['shaka', 'mpd']],
    keys: 'none',
    rows: [],
  },
  {
    name: 'hls-radio',
    group: 'HLS',
    settings: () => ({ SegmentLength: 2, MinSegmentLength: 0 }),
    outputs: [output('HLS', '_sound', sound('fra'))],
    players: [
      ['hls.js', 'm3u8'],
      ['shaka', 'm3u8'],
    ],
    keys: 'none',
    rows: [],
  },
  {
    name: 'cmaf-radio',
    group: 'CMAF',
    settings: () => pieces,
    outputs: [output('CMAF', '_sound', sound('fra'))],
    players: [
      ['hls.js', 'm3u8'],
      ['dash.js', 'mpd'],
    ],
    keys: 'none',
    rows: [],
  },
];

/** Packages with thumbnails, beside playlists and tracks of key frames alone. */
export const trickPackages: readonly PlayedPackage[] = [
  {
    name: 'cmaf-tricks',
    group: 'CMAF',
    settings: () => ({ ...tricks, DashIFrameTrickPlayNameModifier: '_keys' }),
    outputs: [
      ...(['_large', '_little'] as const).map((modifier) =>
        output('CMAF', modifier, {
          ...picture('H_264', modifier === '_large' ? {} : { Width: 192, Height: 108 }),
          ContainerSettings: { Container: 'CMFC', CmfcSettings: { IFrameOnlyManifest: 'INCLUDE' } },
        }),
      ),
      output('CMAF', '_sound', sound('eng')),
    ],
    players: [
      ['shaka', 'm3u8'],
      ['dash.js', 'mpd'],
      ['shaka', 'mpd'],
    ],
    keys: 'none',
    rows: [],
  },
  {
    name: 'hls-tricks',
    group: 'HLS',
    settings: () => ({ SegmentLength: 2, MinSegmentLength: 0, ImageBasedTrickPlay: 'THUMBNAIL' }),
    outputs: (['_large', '_little'] as const).map((modifier) =>
      output('HLS', modifier, {
        ...picture('H_264', modifier === '_large' ? {} : { Width: 192, Height: 108 }),
        ...sound('eng'),
        OutputSettings: { HlsSettings: { IFrameOnlyManifest: 'INCLUDE' } },
      }),
    ),
    players: [['shaka', 'm3u8']],
    keys: 'none',
    rows: [],
  },
];
