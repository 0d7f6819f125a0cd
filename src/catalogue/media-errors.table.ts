/**
 * Job errors about input media (spec errors.md 2; exact texts of 1010, 1021, 1075, 1076 as observed, usage.md).
 * Stems are interface strings; where a published text breaks off with `…` the sentence after the stem is ours.
 */
import type { JobErrorEntry } from './codes.ts';

/** Codes 1010–1093 that an input provokes. */
export const mediaErrors = {
  1010: {
    code: 1010,
    name: 'File access error',
    phases: ['probe'],
    causes: [
      'The object can be read, but no container parser recognises its bytes (a text file, an empty file, random bytes).',
      'The media is encrypted, keeps its samples in another file, or is a fragment without its initialization segment.',
      'An HLS playlist breaks the syntax, version or duration rules while it is opened.',
      'A document of an IMF package is not as it must be, or its track files are not what its playlist plays.',
      'A caption sidecar is not of the declared type, an overlay image cannot be fetched, or a 3D LUT is no .cube table.',
    ],
    templates: {
      'no-parser': 'Unable to open input file [{url}]: [Failed probe/open: [No parser found for container]]',
      // {cause}: our own sentence for a container that is recognised and refused (encrypted, external data, bare fragment, HLS).
      'open-failed': 'Unable to open input file [{url}]: [Failed probe/open: [{cause}]]',
      'playlist-version-repeated':
        "Unable to open input file [{url}]: [Failed probe/open: [The manifest file at this URL isn't formed correctly: [{manifestUrl}]. It contains more than one #EXT-X-VERSION tag. Keep a single version tag.]]",
      'playlist-version-too-new':
        'Unable to open input file [{url}]: [Failed probe/open: [The version of the manifest file at this URL is more recent than we support: [{manifestUrl}]. We support versions up to [4].]]',
      'playlist-segment-too-long':
        "Unable to open input file [{url}]: [Failed probe/open: [The child manifest at this URL isn't formed correctly: [{manifestUrl}]. It specifies a larger segment duration in #EXTINF than in #EXT-X-TARGETDURATION. The problem is on this line: [{line}]. Raise the target duration or shorten the segment.]]",
      'playlist-malformed':
        "Unable to open input file [{url}]: [Failed probe/open: [The manifest file at this URL isn't formed correctly: [{manifestUrl}]. {reason}]]",
      // {documentUrl}: the document of an IMF package; {reason}: our own sentence.
      'package-malformed':
        "Unable to open input file [{url}]: [Failed probe/open: [The IMF package document at this URL isn't usable: [{documentUrl}]. {reason}]]",
      'caption-type':
        'Failed to initialize pipeline [Caption file [{url}] does not appear to be the correct type.]. (IS)',
      'overlay-download': 'Failed to download {url}',
      'lut-unusable': 'Unable to use 3D LUT file [{url}]: {reason}.',
    },
    pointsAt: 'the fileInput of the input',
    mediaFact: 'why no parser takes the bytes, or what the parser that took them found',
    actor: 'submitter',
    retriable: false,
    remedy:
      'Open the file with `openconvert probe`; check that it is complete, not encrypted, and in one of the documented input containers. The file name does not matter, the bytes do.',
    provokedBy: 'test/e2e/input-errors.test.ts: an input file that cannot be opened provokes 1010',
  },
  1020: {
    code: 1020,
    name: 'Missing video error',
    phases: ['probe', 'decode'],
    causes: [
      'The container was read, but nothing in it can be decoded as the video the job needs.',
      'The selected program or PID does not exist or carries no video.',
      'Too few frames of the video track decode.',
    ],
    templates: {
      'no-usable-video':
        "Your input file [{url}] doesn't have video that the transcoder can consume. Use an input whose video track holds decodable frames.",
      'too-few-frames': 'Video sync did not read enough good frames to process successfully',
      'program-without-video': 'No video found in program [{program}]',
      // {index}: stream index from 0; {pid} decimal.
      'pid-without-video': 'No video found for stream index [{index}] with PID [{pid}].',
      'invalid-program': 'Invalid program id specified for job. {program} is not a valid program id.',
    },
    pointsAt: 'the program, PID or track of the video selector, or the fileInput',
    mediaFact: 'what decoded of the video track, or which programs and tracks there are',
    actor: 'submitter',
    retriable: false,
    remedy:
      'Compare the program number, PID or track of the video selector with what `openconvert probe` lists, and replace inputs whose video is damaged.',
    provokedBy: 'test/e2e/input-errors.test.ts: an input in which no video can be found provokes 1020',
  },
  1021: {
    code: 1021,
    name: 'Missing audio error',
    phases: ['decode'],
    causes: [
      'A selected audio track exists but not one of its packets decodes.',
      'A selected audio track has no sample description.',
    ],
    templates: {
      // {selector}: name in the job, {track}: number of the track from 1.
      'no-frames-drc': 'No audio frames decoded on [selector-({selector})-track-{track}-drc]',
      'no-frames': 'No audio frames decoded on [selector-({selector})-track-{track}]',
      // Found while probing, when no selector is concerned yet.
      'no-frames-of-track': 'No audio frames decoded on [track-{track}]',
      canceled:
        'Demuxer and decoder cancelled on [selector-({selector})-track-{track}-drc] before any frames were decoded',
    },
    pointsAt: 'the audio selector',
    mediaFact: 'how many packets of the track were refused, or what the track lacks',
    actor: 'submitter',
    retriable: false,
    remedy: 'Select another audio track, or replace the input: the selected one holds no sound that decodes.',
    provokedBy: 'test/provocations/media.test.ts: an input in which no sound can be found provokes 1021',
  },
  1022: {
    code: 1022,
    name: 'Timecode error',
    phases: ['probe'],
    causes: ['The job takes its timecode from MDPM user data and the input has none.'],
    templates: {
      'no-mdpm':
        'You set Embedded timecode override (embeddedTimecodeOverride) to Use MDPM (USE_MDPM), but no MDPM timecode was found in your input. Choose another timecode source, or an input with MDPM timecode.',
    },
    pointsAt: 'embeddedTimecodeOverride of the video selector',
    mediaFact: 'which timecodes were found instead',
    actor: 'submitter',
    retriable: false,
    remedy: 'Set embeddedTimecodeOverride to NONE, or use an AVCHD input that carries MDPM timecode.',
    provokedBy: 'test/provocations/clips.test.ts: which the input does not have provokes 1022',
  },
  1030: {
    code: 1030,
    name: 'Unsupported codec error',
    phases: ['probe'],
    causes: [
      'A track uses a codec that is not documented for its container, even when the library could decode it.',
      'The codec profile is outside the supported ones, such as H.264 High 4:4:4 Predictive.',
    ],
    templates: {
      // {codec}: FFmpeg short name; {track}: audio track from 1.
      'audio-codec': 'Audio codec [{codec}] for track [{track}] is not a supported input audio codec',
      // {what}: `High 4:4:4 Predictive profile` or another property in words.
      'video-property': 'Unsupported video input: [{what} is unsupported]',
      'video-codec': 'Video codec [{codec}] is not a supported input video codec',
    },
    pointsAt: 'the fileInput of the input',
    mediaFact: 'codec, profile and pixel format that were found',
    actor: 'submitter',
    retriable: false,
    remedy:
      'Convert the input to a documented codec for its container first; `openconvert probe` names codec, profile and container.',
    provokedBy:
      'test/e2e/input-errors.test.ts: an input of a codec or container that is not supported provokes 1030',
  },
  1056: {
    code: 1056,
    name: 'File open error',
    phases: ['probe', 'decode'],
    causes: [
      'A file named by another file cannot be read as media: an HLS segment, a motion graphic.',
      'An output object cannot be opened: its key is too long, or would be both an object and a folder.',
    ],
    templates: {
      'hls-segment':
        "Demuxer: [The transcoder can't read this media segment: [{segmentUrl}]. The segment is listed in this HLS child manifest: [{manifestUrl}]. Replace the segment with a readable one.]",
      'motion-image-format': 'MGILoaderMOV [{url}] file contains unsupported pixel format.',
      // {averror}: the library's error number, e.g. -1094995529.
      'motion-image-open': 'MGILoaderMOV unable to open [{url}] file : [{averror}]',
      // Our text (no published sample): an output the muxer cannot open.
      'output-open': 'Unable to open output file [{url}]: [{cause}]',
    },
    pointsAt: 'the location of the file, or the destination of the output group',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy: 'Check the named file: it exists, but cannot be read as what the job or the playlist says it is.',
    remedyOf: {
      'output-open':
        'Give the output another name: change the destination or the nameModifier, as the message says.',
    },
    provokedBy:
      'test/e2e/input-errors.test.ts: a file of the job that cannot be opened for use provokes 1056',
  },
  1060: {
    code: 1060,
    name: 'Timecode clipping error',
    phases: ['decode'],
    causes: ['A clip starts outside the input timeline, or nothing is left of it.'],
    templates: {
      // {timecode} as in the job; {input} from 1.
      'start-not-found': 'The clipping start timecode [{timecode}] was not found in input number [{input}]',
      'region-not-found': 'The clipping region [{start}] to [{end}] was not found in input number [{input}]',
      'seek-failed': 'Demuxer unable to seek to clipping start timecode [{timecode}]',
      'no-pictures': 'Decoder closed. No pictures decoded.',
      // Ours: the service's words for clips of inputs without video are not known.
      'no-sound': 'Decoder closed. No sound decoded.',
    },
    pointsAt: 'the clip',
    mediaFact: 'start and end of the input timeline',
    actor: 'submitter',
    retriable: false,
    remedy:
      'Compare the clip with the input timeline: `openconvert probe` prints the start timecode and the length; timecodeSource decides where it starts.',
    provokedBy: 'test/provocations/clips.test.ts: a clip whose timecodes are not in its input provokes 1060',
  },
  1075: {
    code: 1075,
    name: 'Demux structure error',
    phases: ['probe', 'decode'],
    causes: [
      'The container is recognised but its structure is broken: no `moov` box, an initialization segment without fragments, boxes out of place.',
      'An external audio or caption file does not fit its declared use.',
    ],
    templates: {
      'no-moov': 'Unable to open input file [{url}]: [Failed probe/open: [no moov box found in file]]',
      // {cause}: our sentence for any other broken structure found while opening.
      'broken-structure': 'Unable to open input file [{url}]: [Failed probe/open: [{cause}]]',
      'incompatible-audio': 'Error initializing demux info for file [{url}] (Incompatible audio stream)',
      'incompatible-headers':
        'Error initializing demux info for file [{url}] (Incompatible container headers)',
      'edit-list-outside-track': 'Demuxer: [elst box outside of track]',
      'invalid-avc-header': 'Demuxer: [invalid AVC header]',
    },
    pointsAt: 'the fileInput of the input',
    mediaFact: 'the box or structure that is broken',
    actor: 'submitter',
    retriable: false,
    remedy:
      'Make the file again or copy it again: a recording or upload was probably cut off before its index was written.',
    provokedBy: 'test/e2e/input-errors.test.ts: a file whose structure defeats the demuxer provokes 1075',
  },
  1076: {
    code: 1076,
    name: 'File truncation error',
    phases: ['probe', 'decode'],
    causes: ['The index at the head of the file declares samples beyond the end of the object.'],
    templates: {
      // {bytes}: length of the object that was reached.
      truncated:
        'Demuxer: [ReadPacketData File read failed - end of file hit at length [{bytes}]. Is file truncated?]',
      'truncated-audio':
        'Audio input pipeline error: [ Demuxer: [ReadPacketData File read failed - end of file hit at length [{bytes}]. Is file truncated?] ]',
    },
    pointsAt: 'the fileInput of the input',
    mediaFact: 'the length that was reached',
    actor: 'submitter',
    retriable: false,
    remedy: 'Copy or upload the file again; compare its size with the original.',
    provokedBy: 'test/e2e/input-errors.test.ts: an input that ends before it should provokes 1076',
  },
  1092: {
    code: 1092,
    name: 'Audio decode error',
    phases: ['decode'],
    causes: ['The decoder of a supported audio codec cannot start or find a frame header.'],
    templates: {
      'dolby-header':
        "Decoder: [Dolby decoder error: The transcoder couldn't decode the audio frame header in the first 100 frames of your input. Use an input with valid Dolby audio.]",
      // {cause}: what the decoder of another codec reported, our sentence.
      'decoder-failed': 'Decoder: [{cause}]',
    },
    pointsAt: 'the audio selector',
    mediaFact: 'how many packets of the track were refused',
    actor: 'submitter',
    retriable: false,
    remedy:
      'The audio bytes are not what the container declares: make the file again, or select another track.',
    provokedBy:
      'test/provocations/media.test.ts: sound of a supported codec that the decoder cannot start on provokes 1092',
  },
  1093: {
    code: 1093,
    name: 'Audio description error',
    phases: ['decode'],
    causes: ['Audio description mixing is on, but the data channel carries no description data stream.'],
    templates: {
      'no-data-stream':
        'You specified an audio description (AD) data channel that does not contain an AD data stream. Point audioDescriptionDataChannel at the channel that carries it.',
    },
    pointsAt: 'audioDescriptionDataChannel of the remix settings',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy:
      'Set audioDescriptionDataChannel to the channel with the AD data stream, or remove both AD channels.',
    provokedBy: 'test/e2e/sound-outputs.test.ts: a data channel of plain sound provokes 1093',
  },
} as const satisfies Partial<Record<number, JobErrorEntry>>;
