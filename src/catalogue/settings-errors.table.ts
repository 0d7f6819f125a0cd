/**
 * Job errors about settings: valid by the schema, impossible with this input or in this combination
 * (spec errors.md 3, README "400 or 1040"; texts of 1040 and 1042 as observed, usage.md).
 */
import type { JobErrorEntry } from './codes.ts';

/** Codes 1040–1043, 1080, 1091, 1601–1700. */
export const settingsErrors = {
  1040: {
    code: 1040,
    name: 'Job settings compatibility error',
    phases: ['probe', 'encode'],
    causes: [
      'A setting follows the source and the source has nothing to follow, or gives a value the output cannot have.',
      'Objects of the job contradict each other: one output path twice, an output path equal to an input, a reference that names nothing.',
      'The encoder has no operating point for the asked combination, or openconvert has no encoder for it.',
    ],
    templates: {
      // {video}: 1-based ordinal of the video output.
      'no-resolution':
        'You did not specify resolution for Video description [{video}] and there is no input resolution to follow. Specify width and height.',
      'no-framerate':
        'You did not specify framerate for Video description [{video}] and there is no input framerate to follow. Specify a frame rate.',
      'no-framerate-in-stream':
        'Frame rate is set to follow, but there is no frame rate information in the input stream info',
      // {selector}: ordinal of the audio selector, {track}: track number, both from 1.
      'audio-track-missing':
        'Invalid audio track specified for audio_selector [{selector}]. Audio track [{track}] not found in input container.',
      // {selector}: from 0, {audio}: ordinal of the audio description from 1.
      'selector-missing':
        'Invalid selector_sequence_id [{selector}] specified for audio_description [{audio}].',
      'odd-resolution':
        'Invalid resolution [{width} x {height}], only even values are supported. video_description [{video}].',
      'position-outside':
        'Position rectangle [{width},{height},{x},{y}] lies outside output resolution [{outputWidth}x{outputHeight}] for video_description [{video}].',
      // {supported}: comma list of rates such as `25/1, 30000/1001`; {scan}: PROGRESSIVE or INTERLACED.
      'avc-intra-point':
        'video_description [{video}] is not a valid AVC-Intra operating point. Invalid frame rate [{framerate}]. Supported frame rates for AVC Intra class {class}, {width}x{height}, {scan} are [{supported}]',
      'input-equals-output': 'Duplicate input and output path [{url}] found in job.',
      'duplicate-output': 'Duplicate output paths [{url}] found in input job.',
      'level-framerate':
        'Error initializing encoder for video target [{video}] [initialization failed: Invalid level specified for the selected framerate or resolution.]',
      'level-resolution':
        'Error initializing encoder for video target [{video}] [initialization failed: Invalid level specified for the selected resolution.]',
      'level-buffer':
        'Error initializing encoder for video target [{video}] [initialization failed: Invalid level specified for the selected buffer size.]',
      // Any other encoder refusal. {reason}: our sentence, with a full stop.
      'encoder-refused':
        'Error initializing encoder for video target [{video}] [initialization failed: {reason}]',
      // Our texts from here on. {setting}: JSON path in the job; {reason}: a sentence with a full stop.
      'audio-encoder-refused':
        'Error initializing encoder for audio_description [{audio}] [initialization failed: {reason}]',
      'not-supported': 'Setting [{setting}] with value [{value}] is not supported: {reason}',
      incompatible: 'Setting [{setting}] is not compatible with this job: {reason}',
      'crop-outside':
        'Crop rectangle [{width},{height},{x},{y}] lies outside input resolution [{inputWidth}x{inputHeight}] for input [{input}].',
    },
    pointsAt: 'the setting that cannot hold',
    mediaFact: 'what the setting follows in the input, when it follows it',
    actor: 'submitter',
    retriable: false,
    remedy:
      'Run `openconvert check` on the job: it lists every such conflict at once, with the setting, the media fact and the value that would do.',
    provokedBy:
      'test/e2e/input-errors.test.ts: settings that do not go together, or not with the input provokes 1040',
  },
  1041: {
    code: 1041,
    name: 'Acceleration compatibility error',
    phases: ['probe'],
    causes: ['Acceleration is ENABLED and a setting of the job cannot run in chunks.'],
    templates: {
      // {advice}: a sentence without full stop; {output}: ordinal of the output.
      settings:
        "Your job settings aren't compatible with accelerated transcoding. Adjust your job settings as follows: [{advice} in the following output: [{output}]. Or disable accelerated transcoding.]",
      // The same for settings of the job or an input.
      'job-settings':
        "Your job settings aren't compatible with accelerated transcoding. Adjust your job settings as follows: [{advice}. Or disable accelerated transcoding.]",
    },
    neverSaid: [
      {
        // Observed in older releases of the service (errors.md 1041); README "Where pages disagree" decides for 1043.
        text: "The properties of your input file, combined with your job settings, aren't compatible with accelerated transcoding: [There is no initial timecode available in this input: [{input}]. …]",
        instead: 'the same is 1043, as in newer releases of the service',
      },
    ],
    pointsAt: 'the first setting that cannot run in chunks',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy: 'Follow the advice in the message, or set acceleration to PREFERRED or DISABLED.',
    provokedBy: 'test/provocations/settings.test.ts: settings that cannot be accelerated provokes 1041',
  },
  1042: {
    code: 1042,
    name: 'Acceleration requirement error',
    phases: ['probe'],
    causes: ['Acceleration is ENABLED for a job too small to gain from it.'],
    templates: {
      'too-small':
        "This job doesn't require enough processing power to benefit from accelerated transcoding. Disable accelerated transcoding, and resubmit your job.",
    },
    pointsAt: 'accelerationSettings',
    mediaFact: 'the predicted run time',
    actor: 'submitter',
    retriable: false,
    remedy: 'Set acceleration to PREFERRED or DISABLED.',
    provokedBy: 'test/provocations/settings.test.ts: a job too small to gain from acceleration provokes 1042',
  },
  1043: {
    code: 1043,
    name: 'Acceleration input error',
    phases: ['probe'],
    causes: [
      'Acceleration is ENABLED and the input cannot be split: codec, container, edit list, frame rate, timecode.',
    ],
    templates: {
      input:
        "Your input files aren't compatible with accelerated transcoding. Use other inputs, or disable accelerated transcoding.",
      // {reasons}: one or more of the sentences below.
      'input-reasons':
        "Your input files aren't compatible with accelerated transcoding for the following reasons: [{reasons}]",
    },
    // {input}: from 0 (observed). Those of codec and rate are ours, made like the observed one of empty edits.
    sentences: {
      'empty-edits':
        "You can't use accelerated transcoding with input files that have empty edit lists as in this input: [{input}].",
      'no-timecode': 'There is no initial timecode available in this input: [{input}].',
      'variable-rate':
        "You can't use accelerated transcoding with a variable frame rate as in this input: [{input}].",
      // {medium}: e.g. `mpeg4 video in a avi file`.
      codec: "You can't use accelerated transcoding with {medium} as in this input: [{input}].",
    },
    pointsAt: 'the fileInput of the input, or its timecodeSource when the timecode is what is missing',
    mediaFact: 'container, codec, edit list, frame rate or timecode that forbids it',
    actor: 'submitter',
    retriable: false,
    remedy: 'Set acceleration to PREFERRED or DISABLED, or use an input in the acceleration table.',
    provokedBy: 'test/provocations/settings.test.ts: an input that cannot be split provokes 1043',
  },
  1080: {
    code: 1080,
    name: 'MXF configuration error',
    phases: ['package'],
    causes: ['The video or audio of an MXF output does not fit its operational profile.'],
    templates: {
      // {muxer}: ordinal of the MXF output; {status}: CamelCase name; {hex} without 0x.
      muxer: 'MXF_muxer [{muxer}]: {status} (status 0x{hex})',
    },
    pointsAt: 'the MXF settings of the output',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy: 'Choose codec, bit rate and audio layout from the table of the MXF profile.',
    provokedBy: 'test/e2e/sound-outputs.test.ts: an MXF output that its profile does not allow provokes 1080',
  },
  1091: {
    code: 1091,
    name: 'Output encryption error',
    phases: ['package'],
    causes: [
      'The key server cannot be reached, refuses, or answers without the keys that were asked for.',
      'Video passes through whose slice headers, which must stay clear, cannot be told from what is encrypted.',
    ],
    templates: {
      'unparsable-answer':
        'SPEKE keyserver request failed:-Unable to parse response xml Response code [200]{headers}',
      // {answer}: status line and headers of the answer.
      status: 'SPEKE keyserver request failed:-Response code [{status}]{answer}',
      // SPEKE 2: a server that does not say the version may have read the question by another one.
      version: 'SPEKE keyserver request failed:-X-Speke-Version of the answer is [{version}], not [2.0]',
      // The handshake was cut by the server or by something between.
      'tls-reset':
        'SPEKE keyserver request failed:-OpenSSL SSL_connect: Connection reset by peer in connection to {host}:{port}',
      connection: 'SPEKE keyserver request failed:-{reason} in connection to {host}:{port}',
      'key-missing': '[GenerateKey] Failed to find key [{key}] for [{url}]',
      certificate: 'Content keys cannot be exchanged with certificate [{arn}]: {reason}.',
      // Of video that passes through: what must stay clear cannot be told from what is encrypted.
      'unreadable-headers': 'The pictures cannot be encrypted: their headers are not readable ({reason}).',
    },
    pointsAt: 'the key provider of the output group',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy:
      'Check the key server with the same request: its URL, its certificate, the rights of the role, the key ids.',
    provokedBy: 'test/provocations/key-servers.test.ts: an output that cannot be encrypted provokes 1091',
  },
  1601: {
    code: 1601,
    name: 'Nielsen watermark error',
    phases: ['encode'],
    causes: [
      'A Nielsen watermark is asked for: no engine for it is part of openconvert, or its server refuses.',
    ],
    templates: {
      'not-available': 'Nielsen watermarking failed: {reason}',
    },
    pointsAt: 'the Nielsen settings',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy:
      'Remove the Nielsen settings from the job; the watermark engine is licensed and not part of openconvert.',
    provokedBy: 'test/provocations/settings.test.ts: a Nielsen watermark provokes 1601',
  },
  1602: {
    code: 1602,
    name: 'NexGuard watermark error',
    phases: ['encode'],
    causes: [
      'A NexGuard watermark is asked for: no engine for it is part of openconvert, or its license is malformed.',
    ],
    templates: {
      'not-available': 'NexGuard watermarking failed: {reason}',
    },
    pointsAt: 'the NexGuard settings',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy:
      'Remove the NexGuard settings from the job; the watermark engine is licensed and not part of openconvert.',
    provokedBy: 'test/provocations/settings.test.ts: a NexGuard watermark provokes 1602',
  },
  1603: {
    code: 1603,
    name: 'Kantar watermark error',
    phases: ['encode'],
    causes: [
      'A Kantar watermark is asked for: no engine for it is part of openconvert, or its secret cannot be read.',
    ],
    templates: {
      'not-available': 'Kantar watermarking failed: {reason}',
    },
    pointsAt: 'the Kantar settings',
    mediaFact: null,
    actor: 'submitter',
    retriable: false,
    remedy:
      'Remove the Kantar settings from the job; the watermark engine is licensed and not part of openconvert.',
    provokedBy: 'test/provocations/settings.test.ts: a Kantar watermark provokes 1603',
  },
  1700: {
    code: 1700,
    name: 'Dolby preprocessor error',
    phases: ['probe', 'encode'],
    causes: ['Dolby Vision metadata of the input cannot be parsed.'],
    templates: {
      // {input}: from 0; {frame}: from 0.
      'invalid-metadata':
        'Your input [{input}] contains invalid Dolby Vision metadata on frame {frame}. Use an input with valid metadata.',
    },
    pointsAt: 'the Dolby Vision settings',
    mediaFact: 'input and frame of the metadata that does not parse',
    actor: 'submitter',
    retriable: false,
    remedy: 'Export the Dolby Vision metadata again, or turn Dolby Vision off.',
    provokedBy: null,
    awaits: 'Dolby Vision',
  },
} as const satisfies Partial<Record<number, JobErrorEntry>>;
