/**
 * Objects in which one member (the tag) says which settings block belongs to it. Sources: service model, spec
 * api.md 7 (observed refusals for video codec, audio codec and captions destination), packaging.md 1,
 * containers.md 1, captions.md 5, inputs.md 19, drm.md 1, auto-abr.md A.2, video.md 13 and 16.
 */

/** One tagged object. */
export interface Discriminator {
  readonly tag: string;
  /** What an absent tag means; undefined: nothing is assumed. */
  readonly defaultTag?: string;
  /** Settings block → tag values it belongs to. */
  readonly blocks: Readonly<Record<string, readonly string[]>>;
  /** Tag values that cannot do without their block. */
  readonly needBlock: readonly string[];
  /** More members than this get the size text alone (observed for audio codecs). */
  readonly maxProperties?: number;
}

/** By structure name. */
export const discriminators: ReadonlyMap<string, Discriminator> = new Map<string, Discriminator>([
  [
    'VideoCodecSettings',
    {
      tag: 'codec',
      blocks: {
        av1Settings: ['AV1'],
        avcIntraSettings: ['AVC_INTRA'],
        frameCaptureSettings: ['FRAME_CAPTURE'],
        gifSettings: ['GIF'],
        h264Settings: ['H_264'],
        h265Settings: ['H_265'],
        mpeg2Settings: ['MPEG2'],
        passthroughSettings: ['PASSTHROUGH'],
        proresSettings: ['PRORES'],
        uncompressedSettings: ['UNCOMPRESSED'],
        vc3Settings: ['VC3'],
        vp8Settings: ['VP8'],
        vp9Settings: ['VP9'],
        xavcSettings: ['XAVC'],
      },
      // H_265 and PASSTHROUGH may stand alone (spec video.md 1).
      needBlock: [
        'AV1',
        'AVC_INTRA',
        'FRAME_CAPTURE',
        'GIF',
        'H_264',
        'MPEG2',
        'PRORES',
        'UNCOMPRESSED',
        'VC3',
        'VP8',
        'VP9',
        'XAVC',
      ],
    },
  ],
  [
    'AudioCodecSettings',
    {
      tag: 'codec',
      blocks: {
        aacSettings: ['AAC'],
        ac3Settings: ['AC3'],
        ac4Settings: ['AC4'],
        aiffSettings: ['AIFF'],
        eac3AtmosSettings: ['EAC3_ATMOS'],
        eac3Settings: ['EAC3'],
        flacSettings: ['FLAC'],
        mp2Settings: ['MP2'],
        mp3Settings: ['MP3'],
        opusSettings: ['OPUS'],
        vorbisSettings: ['VORBIS'],
        wavSettings: ['WAV'],
      },
      // AAC alone has members that the service requires.
      needBlock: ['AAC'],
      maxProperties: 2,
    },
  ],
  [
    'CaptionDestinationSettings',
    {
      tag: 'destinationType',
      defaultTag: 'EMBEDDED',
      blocks: {
        burninDestinationSettings: ['BURN_IN'],
        dvbSubDestinationSettings: ['DVB_SUB'],
        embeddedDestinationSettings: ['EMBEDDED', 'EMBEDDED_PLUS_SCTE20', 'SCTE20_PLUS_EMBEDDED'],
        imscDestinationSettings: ['IMSC'],
        sccDestinationSettings: ['SCC'],
        srtDestinationSettings: ['SRT'],
        teletextDestinationSettings: ['TELETEXT'],
        ttmlDestinationSettings: ['TTML'],
        webvttDestinationSettings: ['WEBVTT'],
      },
      needBlock: [],
    },
  ],
  [
    'CaptionSourceSettings',
    {
      tag: 'sourceType',
      blocks: {
        ancillarySourceSettings: ['ANCILLARY'],
        dvbSubSourceSettings: ['DVB_SUB'],
        embeddedSourceSettings: ['EMBEDDED', 'SCTE20'],
        fileSourceSettings: ['IMSC', 'SCC', 'SMI', 'SMPTE_TT', 'SRT', 'STL', 'TTML', 'WEBVTT'],
        teletextSourceSettings: ['TELETEXT'],
        trackSourceSettings: ['IMSC', 'TT_3GPP'],
        webvttHlsSourceSettings: ['WEBVTT'],
      },
      needBlock: [],
    },
  ],
  [
    'OutputGroupSettings',
    {
      tag: 'type',
      blocks: {
        cmafGroupSettings: ['CMAF_GROUP_SETTINGS'],
        dashIsoGroupSettings: ['DASH_ISO_GROUP_SETTINGS'],
        fileGroupSettings: ['FILE_GROUP_SETTINGS'],
        hlsGroupSettings: ['HLS_GROUP_SETTINGS'],
        msSmoothGroupSettings: ['MS_SMOOTH_GROUP_SETTINGS'],
      },
      needBlock: [
        'CMAF_GROUP_SETTINGS',
        'DASH_ISO_GROUP_SETTINGS',
        'FILE_GROUP_SETTINGS',
        'HLS_GROUP_SETTINGS',
        'MS_SMOOTH_GROUP_SETTINGS',
      ],
    },
  ],
  [
    'ContainerSettings',
    {
      tag: 'container',
      blocks: {
        cmfcSettings: ['CMFC'],
        f4vSettings: ['F4V'],
        m2tsSettings: ['M2TS'],
        m3u8Settings: ['M3U8'],
        movSettings: ['MOV'],
        mp4Settings: ['MP4'],
        mpdSettings: ['MPD'],
        mxfSettings: ['MXF'],
      },
      needBlock: [],
    },
  ],
  [
    'XavcSettings',
    {
      tag: 'profile',
      blocks: {
        xavc4kIntraCbgProfileSettings: ['XAVC_4K_INTRA_CBG'],
        xavc4kIntraVbrProfileSettings: ['XAVC_4K_INTRA_VBR'],
        xavc4kProfileSettings: ['XAVC_4K'],
        xavcHdIntraCbgProfileSettings: ['XAVC_HD_INTRA_CBG'],
        xavcHdProfileSettings: ['XAVC_HD'],
      },
      needBlock: ['XAVC_4K_INTRA_CBG', 'XAVC_4K_INTRA_VBR', 'XAVC_4K', 'XAVC_HD_INTRA_CBG', 'XAVC_HD'],
    },
  ],
  [
    'AvcIntraSettings',
    { tag: 'avcIntraClass', blocks: { avcIntraUhdSettings: ['CLASS_4K_2K'] }, needBlock: [] },
  ],
  [
    'NoiseReducer',
    {
      tag: 'filter',
      blocks: {
        filterSettings: ['BILATERAL', 'CONSERVE', 'GAUSSIAN', 'LANCZOS', 'MEAN', 'SHARPEN'],
        spatialFilterSettings: ['SPATIAL'],
        temporalFilterSettings: ['TEMPORAL'],
      },
      needBlock: [],
    },
  ],
  [
    'HlsEncryptionSettings',
    {
      tag: 'type',
      blocks: { spekeKeyProvider: ['SPEKE'], staticKeyProvider: ['STATIC_KEY'] },
      needBlock: ['SPEKE', 'STATIC_KEY'],
    },
  ],
  [
    'CmafEncryptionSettings',
    {
      tag: 'type',
      blocks: { spekeKeyProvider: ['SPEKE'], staticKeyProvider: ['STATIC_KEY'] },
      needBlock: ['SPEKE', 'STATIC_KEY'],
    },
  ],
  [
    'AutomatedAbrRule',
    {
      tag: 'type',
      blocks: {
        allowedRenditions: ['ALLOWED_RENDITIONS'],
        forceIncludeRenditions: ['FORCE_INCLUDE_RENDITIONS'],
        minBottomRenditionSize: ['MIN_BOTTOM_RENDITION_SIZE'],
        minTopRenditionSize: ['MIN_TOP_RENDITION_SIZE'],
      },
      needBlock: [
        'ALLOWED_RENDITIONS',
        'FORCE_INCLUDE_RENDITIONS',
        'MIN_BOTTOM_RENDITION_SIZE',
        'MIN_TOP_RENDITION_SIZE',
      ],
    },
  ],
]);
