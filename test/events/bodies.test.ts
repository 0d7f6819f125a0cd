/** Event bodies against the real and documented samples of spec events.md; where each comes from is said there. */
import { describe, expect, it } from 'vitest';
import {
  canceledBody,
  type EventBody,
  errorBody,
  newWarningBody,
  progressingBody,
  queueHopBody,
  statusUpdateBody,
} from '../../src/events/bodies.ts';
import { completeBody } from '../../src/events/complete-body.ts';
import { type EventSubject, eventEnvelope } from '../../src/events/envelope.ts';
import { inputInformationBody } from '../../src/events/input-details.ts';
import { rational } from '../../src/exact-time.ts';
import type { AudioTrackFacts, InputFacts, VideoTrackFacts } from '../../src/plan/facts.ts';
import type { JobProgress } from '../../src/worker/observer.ts';

const subject: EventSubject = {
  accountId: '111122223333',
  region: 'us-west-2',
  jobId: '1671477617078-2886ye',
  jobArn: 'arn:aws:mediaconvert:us-west-2:111122223333:jobs/1671477617078-2886ye',
  queueArn: 'arn:aws:mediaconvert:us-west-2:111122223333:queues/Default',
  userMetadata: {},
};

function detailOf(body: EventBody): unknown {
  return JSON.parse(JSON.stringify(eventEnvelope(subject, body, 1_671_477_621_654).detail));
}

describe('the envelope', () => {
  it('is EventBridge’s, with the time cut to the second', () => {
    const event = eventEnvelope(subject, progressingBody(), 1_671_477_621_654);
    expect(JSON.parse(JSON.stringify(event))).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      'detail-type': 'MediaConvert Job State Change',
      source: 'aws.mediaconvert',
      account: '111122223333',
      time: '2022-12-19T19:20:21Z',
      region: 'us-west-2',
      resources: ['arn:aws:mediaconvert:us-west-2:111122223333:jobs/1671477617078-2886ye'],
      detail: expect.anything(),
    });
    expect(eventEnvelope(subject, progressingBody(), 0).id).not.toBe(event.id);
    expect(eventEnvelope(subject, progressingBody(), 0, event.id).id).toBe(event.id);
  });
});

describe('PROGRESSING', () => {
  it('is the documented sample', () => {
    expect(detailOf(progressingBody())).toEqual(
      JSON.parse(
        '{"timestamp":1671477621654,"accountId":"111122223333","queue":"arn:aws:mediaconvert:us-west-2:111122223333:queues/Default","jobId":"1671477617078-2886ye","status":"PROGRESSING","userMetadata":{}}',
      ),
    );
  });
});

const track = {
  streamIndex: 0,
  profile: null,
  timeBase: rational(1, 90_000),
  startTicks: 0,
  durationTicks: null,
  bitrateBps: null,
};
const picture: VideoTrackFacts = {
  ...track,
  kind: 'video',
  trackId: 1,
  codec: 'h264',
  fourCc: 'avc1',
  language: null,
  widthPx: 1920,
  heightPx: 1080,
  frameRate: rational(24_000, 1001),
  isVariableFrameRate: false,
  frameCount: 240,
  sampleAspectRatio: rational(1),
  bitDepth: 8,
  chroma: '4:2:0',
  pixelFormat: 'yuv420p',
  hasAlpha: false,
  scan: 'progressive',
  colorPrimaries: null,
  colorTransfer: null,
  colorMatrix: null,
  colorRange: null,
  rotationDegrees: 0,
  isAttachedPicture: false,
  level: 40,
  hasEmbeddedCaptions: false,
} as VideoTrackFacts;
const tone: AudioTrackFacts = {
  ...track,
  kind: 'audio',
  trackId: 2,
  codec: 'aac',
  fourCc: 'mp4a',
  language: 'eng',
  channels: 2,
  channelLayout: 'stereo',
  sampleRateHz: 44_100,
  bitDepth: 16,
  audioType: null,
} as AudioTrackFacts;

function input(changes: Partial<InputFacts>): InputFacts {
  return {
    location: 's3://in/film.mp4',
    container: 'mp4',
    videoTracks: [],
    audioTracks: [],
    dataTracks: [],
    programs: [],
    ...changes,
  } as InputFacts;
}

describe('INPUT_INFORMATION', () => {
  it('describes each input, and leaves out the kinds of tracks it does not have', () => {
    const unknown = { ...tone, codec: 'pcm_s16le', language: null, sampleRateHz: 48_000 };
    const body = inputInformationBody([
      input({ videoTracks: [picture], audioTracks: [tone] }),
      input({ location: 's3://in/voice.wav', audioTracks: [unknown] }),
    ]);
    expect(detailOf(body)).toMatchObject({
      status: 'INPUT_INFORMATION',
      inputDetails: [
        {
          id: 1,
          uri: 's3://in/film.mp4',
          video: [
            {
              streamId: 1,
              codec: 'H_264',
              fourCC: 'avc1',
              width: 1920,
              height: 1080,
              frameRate: 23.98,
              bitDepth: 8,
              colorFormat: 'YUV_420',
              interlaceMode: 'PROGRESSIVE',
              sar: '1:1',
              standard: 'UNSPECIFIED',
            },
          ],
          audio: [{ streamId: 2, codec: 'AAC', channels: 2, sampleRate: 44_100, language: 'ENG' }],
        },
        { id: 2, uri: 's3://in/voice.wav', audio: [{ codec: 'PCM', language: 'UND' }] },
      ],
    });
    expect(body.inputDetails[1]).not.toHaveProperty('video');
    expect(body.inputDetails[0]).not.toHaveProperty('data');
  });

  it('does not count cover art as video', () => {
    expect(
      inputInformationBody([input({ videoTracks: [{ ...picture, isAttachedPicture: true }] })])
        .inputDetails[0],
    ).toEqual({ id: 1, uri: 's3://in/film.mp4' });
  });
});

describe('STATUS_UPDATE', () => {
  const progress: JobProgress = {
    phase: 'TRANSCODING',
    phasePercent: { PROBING: 100, TRANSCODING: 2.7, UPLOADING: null },
    jobPercent: 7.3,
    framesDecoded: 122,
    inputBytesRead: 0,
    framesPerSecond: 30,
    speed: 1,
    etaMs: null,
  };

  it('names all phases, with whole percentages', () => {
    expect(detailOf(statusUpdateBody(progress, 1))).toMatchObject({
      status: 'STATUS_UPDATE',
      framesDecoded: 122,
      jobProgress: {
        jobPercentComplete: 7,
        currentPhase: 'TRANSCODING',
        retryCount: 1,
        phaseProgress: {
          PROBING: { status: 'COMPLETE', percentComplete: 100 },
          TRANSCODING: { status: 'PROGRESSING', percentComplete: 2 },
          UPLOADING: { status: 'PENDING', percentComplete: 0 },
        },
      },
    });
  });

  it('leaves out a percentage that is not known', () => {
    const uploading = {
      ...progress,
      phase: 'UPLOADING' as const,
      phasePercent: { PROBING: 100, TRANSCODING: 100, UPLOADING: null },
    };
    expect(statusUpdateBody(uploading, 0).jobProgress.phaseProgress.UPLOADING).toEqual({
      status: 'PROGRESSING',
    });
  });
});

describe('COMPLETE', () => {
  it('tells of files with paths, and of streams with playlists', () => {
    const body = completeBody({
      outputGroups: [
        {
          groupIndex: 1,
          type: 'HLS_GROUP',
          playlistLocations: ['s3://b/v.m3u8'],
          outputs: [
            {
              outputIndex: 0,
              locations: ['s3://b/vhls.m3u8'],
              objects: [],
              durationMs: 15_932,
              video: {
                widthPx: 900,
                heightPx: 720,
                frames: 478,
                bytes: 4_803_142,
                averageBitrateBps: 2_411_821,
              },
              audio: [],
            },
          ],
        },
        {
          groupIndex: 0,
          type: 'FILE_GROUP',
          playlistLocations: [],
          outputs: [
            {
              outputIndex: 1,
              locations: ['s3://b/v.aac'],
              objects: [],
              durationMs: 84_341.4,
              video: null,
              audio: [],
            },
            {
              outputIndex: 0,
              locations: ['s3://b/v_480w.mp4'],
              objects: [],
              durationMs: 84_360,
              video: {
                widthPx: 480,
                heightPx: 854,
                frames: 2531,
                bytes: 17_678_490,
                averageBitrateBps: 1_676_481,
              },
              audio: [],
            },
          ],
        },
      ],
      warnings: new Map([[230001, 2] as const]),
      blackVideo: { segments: [], insertedMs: 0 },
    });
    expect(detailOf(body)).toMatchObject({
      status: 'COMPLETE',
      outputGroupDetails: [
        {
          type: 'FILE_GROUP',
          outputDetails: [
            {
              outputFilePaths: ['s3://b/v_480w.mp4'],
              durationInMs: 84_360,
              videoDetails: { widthInPx: 480, heightInPx: 854, averageBitrate: 1_676_481 },
            },
            { outputFilePaths: ['s3://b/v.aac'], durationInMs: 84_341 },
          ],
        },
        {
          type: 'HLS_GROUP',
          playlistFilePaths: ['s3://b/v.m3u8'],
          outputDetails: [
            {
              outputFilePaths: ['s3://b/vhls.m3u8'],
              durationInMs: 15_932,
              videoDetails: { widthInPx: 900, heightInPx: 720, averageBitrate: 2_411_821 },
            },
          ],
        },
      ],
      paddingInserted: 0,
      warnings: [{ code: 230_001, count: 2 }],
    });
    expect(body.outputGroupDetails[0]).not.toHaveProperty('playlistFilePaths');
    expect(body.outputGroupDetails[0]?.outputDetails[1]).not.toHaveProperty('videoDetails');
    expect(body.blackVideoDetected).toBe(0);
    expect(body).not.toHaveProperty('blackVideoSegments');
  });

  it('tells the black of the source and the quality of QVBR', () => {
    const quality = { average: 7.166, lowest: 7, highest: 7.5, lowestAtMs: 83, highestAtMs: 542 };
    const video = {
      widthPx: 900,
      heightPx: 720,
      frames: 478,
      bytes: 4_803_142,
      averageBitrateBps: 1,
      quality,
    };
    const output = { outputIndex: 0, locations: [], objects: [], durationMs: 1, video, audio: [] };
    const body = completeBody({
      outputGroups: [{ groupIndex: 0, type: 'FILE_GROUP', playlistLocations: [], outputs: [output] }],
      warnings: new Map(),
      blackVideo: {
        segments: [
          { startMs: 0, endMs: 2000 },
          { startMs: 9000, endMs: 9600 },
        ],
        insertedMs: 0,
      },
    });
    expect(body.blackVideoDetected).toBe(2600);
    expect(body.blackVideoSegments).toEqual([
      { start: 0, end: 2000 },
      { start: 9000, end: 9600 },
    ]);
    expect(body.outputGroupDetails[0]?.outputDetails[0]?.videoDetails).toMatchObject({
      qvbrAvgQuality: 7.17,
      qvbrMinQuality: 7,
      qvbrMaxQuality: 7.5,
      qvbrMinQualityLocation: 83,
      qvbrMaxQualityLocation: 542,
    });
  });

  it('counts padding in every output with a picture', () => {
    const video = { widthPx: 320, heightPx: 180, frames: 250, bytes: 1, averageBitrateBps: 1 };
    const output = { outputIndex: 0, locations: [], objects: [], durationMs: 10_000, audio: [] };
    const outputs = [
      { ...output, video },
      { ...output, outputIndex: 1, video },
      { ...output, outputIndex: 2, video: null },
    ];
    const body = completeBody({
      outputGroups: [{ groupIndex: 0, type: 'FILE_GROUP', playlistLocations: [], outputs }],
      warnings: new Map(),
      blackVideo: { segments: [], insertedMs: 2000 },
    });
    expect(body).toMatchObject({ paddingInserted: 4000, blackVideoDetected: 0 });
  });

  it('has no warnings member when there was none', () => {
    expect(
      completeBody({
        outputGroups: [],
        warnings: new Map(),
        blackVideo: { segments: [], insertedMs: 0 },
      }),
    ).not.toHaveProperty('warnings');
  });
});

describe('the short bodies', () => {
  it('CANCELED has nothing but its status', () => {
    expect(canceledBody()).toEqual({ status: 'CANCELED' });
  });

  it('ERROR has the code as a number and the message', () => {
    expect(errorBody({ code: 1404, message: 'Unable to open input file [s3://in/a.mp4]' })).toEqual({
      status: 'ERROR',
      errorCode: 1404,
      errorMessage: 'Unable to open input file [s3://in/a.mp4]',
    });
    expect(errorBody({ code: 1040, message: 'x' }, new Map([[220000, 1] as const])).warnings).toEqual([
      { code: 220_000, count: 1 },
    ]);
  });

  it('NEW_WARNING has the code as a string', () => {
    expect(newWarningBody(230001, "Your input's color metadata is missing or incomplete.")).toEqual({
      status: 'NEW_WARNING',
      warningCode: '230001',
      warningMessage: "Your input's color metadata is missing or incomplete.",
    });
  });

  it('QUEUE_HOP is the documented sample', () => {
    const hop = queueHopBody('arn:aws:mediaconvert:us-west-2:111122223333:queues/Alternate', 0, 0);
    const event = eventEnvelope({ ...subject, jobId: '1515368087458-qnoxtd' }, hop, 1_515_368_120_764);
    expect(JSON.parse(JSON.stringify(event.detail))).toEqual(
      JSON.parse(
        '{"timestamp":1515368120764,"accountId":"111122223333","queue":"arn:aws:mediaconvert:us-west-2:111122223333:queues/Default","previousQueue":"arn:aws:mediaconvert:us-west-2:111122223333:queues/Alternate","priority":0,"previousPriority":0,"jobId":"1515368087458-qnoxtd","status":"QUEUE_HOP","userMetadata":{}}',
      ),
    );
  });
});
