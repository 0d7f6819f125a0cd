/** Containers of file groups: QuickTime, Flash video, transport streams, MXF (spec containers.md 5–7, 12). */
import { describe, expect, test } from 'vitest';
import { validateRelations } from '../../src/contract/relations.ts';
import type {
  AudioDescription,
  ContainerSettings,
  M2tsSettings,
  MxfSettings,
  Output,
} from '../../src/contract/types.generated.ts';
import type { FileOutput } from '../../src/plan/group-plan.ts';
import { audioTrack, hdFacts } from './facts-fixtures.ts';
import {
  errorsOf,
  fileGroup,
  h264Video,
  h265Video,
  jobWith,
  mustPlan,
  onlyVideo,
  planOf,
  stereo,
} from './plan-fixtures.ts';

const cbr = { rateControlMode: 'CBR', bitrate: 3_000_000 } as const;

function job(containerSettings: ContainerSettings, changes: Partial<Output> = {}) {
  return jobWith([
    fileGroup([
      { containerSettings, videoDescription: h264Video(cbr), audioDescriptions: [stereo], ...changes },
    ]),
  ]);
}

function fileOf(
  containerSettings: ContainerSettings,
  changes: Partial<Output> = {},
  facts = hdFacts(),
): FileOutput {
  const [group] = mustPlan(job(containerSettings, changes), facts).outputGroups;
  const output = group?.type === 'FILE_GROUP' ? group.outputs[0] : undefined;
  if (output === undefined) throw new Error('no output');
  return output;
}

const transportOf = (m2tsSettings: M2tsSettings, changes: Partial<Output> = {}) =>
  fileOf({ container: 'M2TS', m2tsSettings }, changes).transport;

/** Findings about a setting of a transport stream. */
const wordsOn = (setting: keyof M2tsSettings, m2tsSettings: M2tsSettings) =>
  planOf(job({ container: 'M2TS', m2tsSettings })).findings.filter(
    (finding) => finding.severity === 'notice' && finding.pointer.endsWith(`/${setting}`),
  );

describe('QuickTime and Flash video', () => {
  test('the index of QuickTime stands at the end; clean aperture and timecode as asked', () => {
    const video = h264Video(cbr, { timecodeTrack: 'ENABLED' });
    expect(
      fileOf(
        { container: 'MOV', movSettings: { clapAtom: 'INCLUDE', cslgAtom: 'EXCLUDE' } },
        { videoDescription: video },
      ),
    ).toMatchObject({
      muxer: 'mov',
      muxerOptions: { clap: '1', timecode: '00:00:00;00' },
      contentType: 'video/quicktime',
      location: 's3://out/folder/film.mov',
    });
  });

  test('H.265 in QuickTime is hvc1, whatever the setting for MP4', () => {
    const video = h265Video({ bitrate: 3_000_000, writeMp4PackagingType: 'HEV1' });
    expect(onlyVideo(mustPlan(job({ container: 'MOV' }, { videoDescription: video }))).encoder.codecTag).toBe(
      'hvc1',
    );
  });

  test('media outside of the file is refused, padding of edit lists is for the writer', () => {
    const external = { container: 'MOV', movSettings: { reference: 'EXTERNAL' } } as const;
    expect(errorsOf(planOf(job(external)))).toEqual([
      expect.stringMatching(/reference\] with value \[EXTERNAL\]/),
    ]);
    const padded = { container: 'MOV', movSettings: { paddingControl: 'OMNEON' } } as const;
    expect(fileOf(padded).muxerOptions).toMatchObject({ edit_padding: '1' });
  });

  test('Flash video', () => {
    const unshifted = { avoid_negative_ts: 'disabled' };
    expect(fileOf({ container: 'F4V', f4vSettings: { moovPlacement: 'NORMAL' } })).toMatchObject({
      muxer: 'f4v',
      muxerOptions: unshifted,
    });
    expect(fileOf({ container: 'F4V' }).muxerOptions).toEqual({ ...unshifted, movflags: '+faststart' });
  });
});

describe('transport streams', () => {
  test('what the service writes where nothing is said', () => {
    expect(transportOf({})).toMatchObject({
      programNumber: 1,
      transportStreamId: 1,
      pids: { pmt: 480, pcr: 481, video: 481, audio: [482] },
      isConstantRate: true,
      patIntervalMs: 100,
      pcrEveryPes: true,
      timestampOffsetMs: 2000,
      audioFramesPerPes: 2,
      sdt: null,
      nit: null,
      tdt: null,
      segmentation: null,
    });
  });

  test.each([
    [{ ptsOffsetMode: 'SECONDS', ptsOffset: 10 }, 10_000],
    [{ ptsOffsetMode: 'SECONDS', ptsOffset: 1 }, 1000],
    [{ ptsOffsetMode: 'MILLISECONDS', ptsOffset: 1500 }, 1500],
    [{ ptsOffsetMode: 'MILLISECONDS' }, 2000],
    [{ ptsOffset: 10 }, 2000],
  ] as const)('%o begins at %i ms', (settings, offsetMs) => {
    expect(transportOf(settings)?.timestampOffsetMs).toBe(offsetMs);
    const words = wordsOn('ptsOffset', settings).map(({ message }) => message);
    expect(words.filter((message) => message.startsWith('the first picture'))).toEqual([]);
  });

  test.each([
    [{ ptsOffsetMode: 'SECONDS', ptsOffset: 0 }, 1000],
    [{ ptsOffsetMode: 'MILLISECONDS', ptsOffset: 10 }, 1000],
    [{ ptsOffsetMode: 'SECONDS', ptsOffset: 1, audioPtsOffsetDelta: -600 }, 1600],
  ] as const)('%o would put times before 0: it begins at %i ms, with a notice', (settings, offsetMs) => {
    expect(transportOf(settings)?.timestampOffsetMs).toBe(offsetMs);
    expect(wordsOn('ptsOffset', settings)).toMatchObject([
      { severity: 'notice', reason: 'substituted', expected: `at least ${offsetMs} ms` },
    ]);
  });

  test('an automatic offset leaves room for sound that is early', () => {
    expect(transportOf({ audioPtsOffsetDelta: -10_000 })?.timestampOffsetMs).toBe(11_000);
  });

  test('clock references closer than usual get the room that they need, or a word where it is not given', () => {
    const rateOf = (maxPcrInterval: number) => transportOf({ maxPcrInterval })?.rateBps ?? 0;
    expect(rateOf(100)).toBe(rateOf(40));
    expect(rateOf(20) - rateOf(40)).toBe(38_000);
    expect(rateOf(5) - rateOf(40)).toBe(263_000);
    const slow = (maxPcrInterval: number) => ({ maxPcrInterval, bitrate: 4_000_000 });
    const wordsOf = (m2tsSettings: M2tsSettings) =>
      planOf(job({ container: 'M2TS', m2tsSettings })).findings.filter(({ pointer }) =>
        /maxPcr/.test(pointer),
      );
    expect(wordsOf(slow(1))).toHaveLength(0);
    expect(wordsOf({ maxPcrInterval: 1, bitrate: 3_000_000 })).toMatchObject([
      { message: expect.stringMatching(/two packets at 3000000 bit\/s take longer than 1 ms/) },
    ]);
  });

  describe('the service description', () => {
    const names = { providerName: 'Rai', serviceName: '\x05Rai 1' };
    const program = { programNumber: 1, streamIndexes: [0, 1] };
    const broadcast = hdFacts({ container: 'mpegts', programs: [{ ...program, service: names }] });
    const unnamed = hdFacts({ container: 'mpegts', programs: [program] });
    const sdtOf = (dvbSdtSettings: M2tsSettings['dvbSdtSettings'], facts = broadcast) =>
      fileOf({ container: 'M2TS', m2tsSettings: { dvbSdtSettings } }, {}, facts).transport?.sdt;
    const own = { serviceName: 'one', serviceProviderName: 'two', sdtInterval: 700 } as const;
    const followed = { intervalMs: 500, ...names, areNamesCoded: true };
    const written = { intervalMs: 700, serviceName: 'one', providerName: 'two' };

    test('follows that of the input, byte for byte, where nothing is said', () => {
      expect(sdtOf(undefined)).toEqual(followed);
      expect(sdtOf({ outputSdt: 'SDT_FOLLOW', sdtInterval: 700 })).toEqual({ ...followed, intervalMs: 700 });
      expect(sdtOf({ outputSdt: 'SDT_FOLLOW_IF_PRESENT', ...own })).toEqual({ ...followed, intervalMs: 700 });
      expect(sdtOf({ outputSdt: 'SDT_MANUAL', ...own })).toEqual(written);
      expect(sdtOf({ outputSdt: 'SDT_NONE' })).toBeNull();
    });

    test('where the input has none, one mode falls back on the names of the job, the other on no table', () => {
      for (const facts of [unnamed, hdFacts()]) {
        expect(sdtOf({ outputSdt: 'SDT_FOLLOW', ...own }, facts)).toBeNull();
        expect(sdtOf({ outputSdt: 'SDT_FOLLOW_IF_PRESENT' }, facts)).toBeNull();
        expect(sdtOf({ outputSdt: 'SDT_FOLLOW_IF_PRESENT', ...own }, facts)).toEqual(written);
      }
      const settings = { outputSdt: 'SDT_FOLLOW', ...own } as const;
      const { findings } = planOf(
        job({ container: 'M2TS', m2tsSettings: { dvbSdtSettings: settings } }),
        unnamed,
      );
      const notices = findings.filter(({ pointer }) => /dvbSdtSettings/.test(pointer));
      expect(notices.map(({ pointer }) => pointer.split('/').at(-1)).sort()).toEqual([
        'sdtInterval',
        'serviceName',
        'serviceProviderName',
      ]);
    });

    test('is that of the program that the job chooses, and of the first input', () => {
      const programs = [
        { programNumber: 1, streamIndexes: [0, 1], service: names },
        { programNumber: 9, streamIndexes: [0, 1], service: { providerName: 'P', serviceName: 'nine' } },
      ];
      const chosen = { ...job({ container: 'M2TS' }) };
      const facts = hdFacts({ container: 'mpegts', programs });
      const nine = { ...chosen, inputs: [{ ...chosen.inputs?.[0], programNumber: 9 }] };
      const sdt = (settings: typeof chosen) => {
        const group = mustPlan(settings, facts).outputGroups[0];
        return group?.type === 'FILE_GROUP' ? group.outputs[0]?.transport?.sdt?.serviceName : null;
      };
      expect([sdt(chosen), sdt(nine)]).toEqual(['\x05Rai 1', 'nine']);
    });

    test('names too long for their descriptor are refused', () => {
      const long = {
        outputSdt: 'SDT_MANUAL',
        serviceName: 'n'.repeat(200),
        serviceProviderName: 'é'.repeat(30),
      };
      const settings = (dvb: object): M2tsSettings => ({ dvbSdtSettings: dvb });
      expect(errorsOf(planOf(job({ container: 'M2TS', m2tsSettings: settings(long) })))).toEqual([
        expect.stringMatching(/250 bytes of a descriptor, and have 260/),
      ]);
      const network = { dvbNitSettings: { networkId: 1, networkName: 'é'.repeat(128) } };
      expect(errorsOf(planOf(job({ container: 'M2TS', m2tsSettings: network })))).toEqual([
        expect.stringMatching(/a descriptor holds 254 bytes, and the name has 256/),
      ]);
    });
  });

  test('the automatic rate holds tracks, headers and extra null packets', () => {
    expect(transportOf({})?.rateBps).toBe(Math.ceil((3_128_000 * 1.06 + 150_000) / 1000) * 1000);
    expect(transportOf({ nullPacketBitrate: 500_000 })?.rateBps).toBe(
      Math.ceil((3_128_000 * 1.06 + 650_000) / 1000) * 1000,
    );
  });

  test('a rate below the tracks is told; one below the tables alone is refused', () => {
    const narrow = planOf(job({ container: 'M2TS', m2tsSettings: { bitrate: 2_000_000 } }));
    expect(errorsOf(narrow)).toEqual([]);
    expect(narrow.findings).toContainEqual(
      expect.objectContaining({
        severity: 'notice',
        pointer: expect.stringMatching(/m2tsSettings\/bitrate$/),
        message: expect.stringMatching(/may need 3128000 bit\/s.*warning 260000/),
      }),
    );
    const refused = planOf(job({ container: 'M2TS', m2tsSettings: { bitrate: 100_000 } }));
    expect(errorsOf(refused)).toEqual([expect.stringMatching(/m2tsSettings\/bitrate.*alone need 150000/)]);
  });

  test('audio PIDs continue after the last given one; shared PIDs are refused', () => {
    const two = { audioDescriptions: [stereo, { ...stereo, languageCode: 'FRA' } as AudioDescription] };
    expect(transportOf({ audioPids: [600] }, two)?.pids.audio).toEqual([600, 601]);
    expect(errorsOf(planOf(job({ container: 'M2TS', m2tsSettings: { pmtPid: 481 } })))).toEqual([
      expect.stringMatching(/share a PID/),
    ]);
  });

  test('boundary points: their times, their tracks, and key frames to stand on', () => {
    const settings = {
      segmentationMarkers: 'EBP',
      segmentationTime: 2,
      fragmentTime: 0.5,
      minEbpInterval: 100,
      ebpPlacement: 'VIDEO_PID',
    } as const;
    const plan = mustPlan(job({ container: 'M2TS', m2tsSettings: settings }));
    expect(onlyVideo(plan).forcedKeyFrameSeconds).toEqual({ num: 2, den: 1 });
    expect(transportOf(settings)?.segmentation).toMatchObject({
      markers: 'EBP',
      fragmentSeconds: { num: 1, den: 2 },
      onAudio: false,
      minIntervalMs: 100,
    });
  });

  test('markers without a time are a mistake of the request', () => {
    const wrong = job({ container: 'M2TS', m2tsSettings: { segmentationMarkers: 'EBP' } });
    expect(validateRelations(wrong).map(({ message }) => message)).toEqual([
      'segmentationTime is a required property',
    ]);
  });

  test.each([
    [{ scte35Source: 'MANIFEST_CUES' }, 1040, /scte35Source/],
    [{ segmentationMarkers: 'EBP_LEGACY', segmentationTime: 2 }, 1040, /segmentationMarkers/],
    [{ nielsenId3: 'INSERT' }, 1601, /watermark/],
  ] as const)('%o is refused by name', (m2tsSettings, code, text) => {
    expect(errorsOf(planOf(job({ container: 'M2TS', m2tsSettings })))).toEqual([
      expect.stringMatching(new RegExp(`^${code} .*${text.source}`)),
    ]);
  });

  test('PCM has the counts of SMPTE ST 302', () => {
    const wave: AudioDescription = {
      ...stereo,
      codecSettings: { codec: 'WAV', wavSettings: { channels: 1 } },
    };
    expect(errorsOf(planOf(job({ container: 'M2TS' }, { audioDescriptions: [wave] })))).toEqual([
      expect.stringMatching(/ST 302/),
    ]);
  });
});

describe('MXF', () => {
  const mono = (count: number): readonly AudioDescription[] =>
    Array.from({ length: count }, () => ({
      audioSourceName: 'Audio Selector 1',
      codecSettings: { codec: 'WAV', wavSettings: { channels: 1, bitDepth: 24 } },
    }));
  const mxf = (mxfSettings: MxfSettings, audioDescriptions: readonly AudioDescription[]) =>
    job({ container: 'MXF', mxfSettings }, { audioDescriptions });
  const facts = hdFacts({ audioTracks: [audioTrack({ channels: 1, channelLayout: 'mono' })] });

  test('H.264 goes into OP1a', () => {
    expect(fileOf({ container: 'MXF' }, { audioDescriptions: mono(2) }, facts)).toMatchObject({
      muxer: 'mxf',
      contentType: 'application/mxf',
      location: 's3://out/folder/film.mxf',
    });
  });

  test('the default duration of XAVC is the same absent or written out: all frames, and a word', () => {
    const words = (xavcProfileSettings?: MxfSettings['xavcProfileSettings']) => {
      const profile = { profile: 'XAVC', ...(xavcProfileSettings && { xavcProfileSettings }) } as const;
      const { findings } = planOf(mxf(profile, mono(2)), facts);
      return findings.filter(({ pointer }) => /durationMode/.test(pointer));
    };
    const told = [
      {
        severity: 'notice',
        reason: 'left-out',
        message: expect.stringMatching(/as long as with ALLOW_ANY_DURATION/),
      },
    ];
    expect(words()).toMatchObject(told);
    expect(words({ durationMode: 'DROP_FRAMES_FOR_COMPLIANCE' })).toMatchObject(told);
    expect(words({ durationMode: 'ALLOW_ANY_DURATION' })).toEqual([]);
  });

  test('three tracks of one channel do not fit XDCAM', () => {
    const errors = errorsOf(planOf(mxf({ profile: 'XDCAM' }, mono(3)), facts));
    expect(errors).toContainEqual(expect.stringMatching(/^1080 MXF_muxer \[1\]: XDCAM carries MPEG2/));
    expect(errors).toContainEqual(
      expect.stringMatching(/^1080 .*XDCAM has 0, 2, 4, .* tracks of sound, not 3/),
    );
  });

  test('XDCAM has pictures of high definition alone', () => {
    const wide = (width: number, height: number) => {
      const job = mxf({ profile: 'XDCAM' }, mono(2));
      const video = job.outputGroups?.[0]?.outputs?.[0]?.videoDescription;
      const codecSettings = { codec: 'MPEG2', mpeg2Settings: { bitrate: 25_000_000 } } as const;
      Object.assign(video ?? {}, { width, height, codecSettings });
      return errorsOf(planOf(job, facts));
    };
    expect(wide(720, 576)).toContainEqual(
      expect.stringMatching(/^1080 .*XDCAM has pictures of 1280x720, 1440x1080, 1920x1080, not 720x576/),
    );
    expect(wide(1440, 1080)).toEqual([]);
  });

  test('D-10 with a track of two channels, and sound that is not 48 kHz, are refused', () => {
    const wave = (changes: object): AudioDescription => ({
      audioSourceName: 'Audio Selector 1',
      codecSettings: { codec: 'WAV', wavSettings: { channels: 2, ...changes } },
    });
    expect(errorsOf(planOf(mxf({ profile: 'D_10' }, [wave({})])))).toContainEqual(
      expect.stringMatching(/one track of 4 or 8 channels/),
    );
    expect(errorsOf(planOf(mxf({}, [wave({ sampleRate: 44_100 })])))).toContainEqual(
      expect.stringMatching(/^1080 .*48000 Hz, not 44100/),
    );
  });
});
