/**
 * Settings that tests measure in finished outputs: decoded pictures and samples, headers, boxes, tables. Beside the test
 * that every leaf has, that its change changes the plan. `settings-coverage.test.ts` holds each line to the model and to
 * the file it names.
 */

/** Ends of paths in the model, as `block/leaf`, by test file. */
export const measuredSettings: Readonly<Record<string, readonly string[]>> = {
  'test/engine/stream-structure.test.ts': [
    ...blocksOf(['h264Settings', 'h265Settings', 'mpeg2Settings'], [
      'codecProfile',
      'codecLevel',
      'gopSize',
      'gopSizeUnits',
      'gopClosedCadence',
      'minIInterval',
      'sceneChangeDetect',
      'numberBFramesBetweenReferenceFrames',
      'dynamicSubGop',
    ]),
    ...blocksOf(['h264Settings', 'h265Settings'], ['gopBReference', 'slices', 'numberReferenceFrames']),
    'h264Settings/entropyEncoding',
    'h264Settings/interlaceMode',
    'mpeg2Settings/interlaceMode',
    'mpeg2Settings/intraDcPrecision',
    ...blocksOf(['av1Settings'], ['bitDepth', 'filmGrainSynthesis', 'slices', 'gopSize']),
    ...blocksOf(['vp8Settings', 'vp9Settings'], ['gopSize']),
    'avcIntraSettings/avcIntraClass',
    'xavcSettings/profile',
    'vc3Settings/vc3Class',
    'vc3Settings/interlaceMode',
    'proresSettings/codecProfile',
  ],
  'test/engine/passed-data.test.ts': ['audioSelectors{}/smpte337Passthrough'],
  'test/engine/coded-structure.test.ts': [
    'h264Settings/interlaceMode',
    'h264Settings/writeMp4PackagingType',
    'h265Settings/codecProfile',
    'mpeg2Settings/gopSize',
  ],
  'test/engine/h265-buffer.test.ts': blocksOf(
    ['h265Settings'],
    ['bitrate', 'maxBitrate', 'hrdBufferSize', 'hrdBufferInitialFillPercentage'],
  ),
  'test/engine/deinterlacer.test.ts': blocksOf(['deinterlacer'], ['mode', 'algorithm', 'control']),
  'test/engine/cleaning-filters.test.ts': [
    'noiseReducer/filter',
    'filterSettings/strength',
    ...blocksOf(['spatialFilterSettings'], ['strength', 'speed']),
    ...blocksOf(['temporalFilterSettings'], ['strength', 'speed', 'aggressiveMode', 'postTemporalSharpening']),
    'h264Settings/bandwidthReductionFilter/strength',
  ],
  'test/engine/tone-mapping.test.ts': [
    ...blocksOf(['colorCorrector'], ['colorSpaceConversion', 'hdrToSdrToneMapper', 'sdrReferenceWhiteLevel']),
    ...blocksOf(['videoSelector'], ['colorSpace', 'colorSpaceUsage']),
    ...blocksOf(['videoSelector/hdr10Metadata'], ['maxLuminance', 'maxContentLightLevel']),
  ],
  'test/engine/color-tables.test.ts': blocksOf(
    ['colorConversion3DLUTSettings'],
    ['fileInput', 'inputColorSpace', 'outputColorSpace'],
  ),
  'test/engine/video-processing.test.ts': [
    ...blocksOf(['h264Settings'], ['telecine', 'slowPal', 'repeatPps', 'perFrameMetrics']),
    ...blocksOf(['h264Settings/qvbrSettings'], ['qvbrQualityLevel', 'maxAverageBitrate']),
    ...blocksOf(['timecodeBurnin'], ['fontSize', 'position']),
    ...blocksOf(['colorCorrector'], ['brightness', 'contrast', 'sampleRangeConversion']),
    ...blocksOf(['clipLimits'], ['minimumYUV', 'maximumYUV']),
    ...blocksOf(['colorCorrector/hdr10Metadata'], ['maxContentLightLevel', 'maxFrameAverageLightLevel', 'maxLuminance']),
    ...blocksOf(['videoDescription'], ['timecodeInsertion', 'afdSignaling', 'fixedAfd']),
    'h265Settings/unregisteredSeiTimecode',
    'avcIntraSettings/avcIntraClass',
    'vc3Settings/vc3Class',
  ],
  'test/engine/frame-rates.test.ts': blocksOf(
    ['h264Settings'],
    ['framerateControl', 'framerateNumerator', 'framerateDenominator', 'framerateConversionAlgorithm', 'slowPal'],
  ),
  'test/engine/picture-quality.slow.test.ts': [
    ...blocksOf(
      ['h264Settings', 'h265Settings', 'av1Settings', 'mpeg2Settings', 'proresSettings', 'avcIntraSettings', 'xavcSettings'],
      ['perFrameMetrics'],
    ),
    'uncompressedSettings/fourcc',
  ],
  'test/engine/loudness-outputs.test.ts': blocksOf(
    ['audioNormalizationSettings'],
    ['algorithm', 'algorithmControl', 'targetLkfs', 'truePeakLimiterThreshold'],
  ),
  'test/engine/file-formats.test.ts': [
    'movSettings/mpeg2FourCCControl',
    'movSettings/clapAtom',
    'audioDescriptions/customLanguageCode',
    'mxfSettings/profile',
  ],
  'test/engine/input-filters.test.ts': [
    ...blocksOf(['inputs'], ['filterEnable', 'filterStrength', 'denoiseFilter', 'deblockFilter', 'advancedInputFilter']),
    ...blocksOf(['advancedInputFilterSettings'], ['sharpening', 'addTexture']),
  ],
  'test/engine/made-pictures.test.ts': [
    ...blocksOf(['videoGenerator'], ['duration', 'width', 'height', 'framerateNumerator']),
    'videoSelector/padVideo',
  ],
  'test/engine/clips.test.ts': blocksOf(['inputClippings'], ['startTimecode', 'endTimecode']),
  'test/e2e/sound-outputs.test.ts': [
    ...blocksOf(['wavSettings'], ['bitDepth', 'channels', 'format']),
    ...blocksOf(['mp3Settings', 'flacSettings', 'opusSettings', 'vorbisSettings'], ['sampleRate']),
    'audioChannelTaggingSettings/channelTags',
    'aacSettings/rawFormat',
    'movSettings/clapAtom',
    'videoDescription/timecodeTrack',
  ],
};

function blocksOf(blocks: readonly string[], leaves: readonly string[]): readonly string[] {
  return blocks.flatMap((block) => leaves.map((leaf) => `${block}/${leaf}`));
}

/** Files that measure a leaf of the model, in the order of the table. */
export function measuringTests(path: string): readonly string[] {
  return Object.entries(measuredSettings)
    .filter(([, settings]) => settings.some((setting) => isAt(path, setting)))
    .map(([file]) => file);
}

/** Whether a path of the model ends as a line of the table says. */
export function isAt(path: string, setting: string): boolean {
  return `/${path.replaceAll('[]', '')}`.endsWith(`/${setting}`);
}
