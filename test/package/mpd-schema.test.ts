/** MPDs against the schema of the standard, by an independent validator (xmllint). */

import { afterAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import type { GroupKeys } from '../../src/package/encryption/content-keys.ts';
import { element, textElement } from '../../src/package/xml.ts';
import type { EncryptionPlan } from '../../src/plan/encryption-plan.ts';
import type { MpdRules } from '../../src/plan/group-plan.ts';
import { audioTrackFile, cmafGroup, dashGroup, mpdRules, videoTrackFile } from './support/fragmented-plan.ts';
import { makeFragments } from './support/made-fragments.ts';
import { createTinyTracks } from './support/made-group.ts';
import { noMpdSchema, validateMpd } from './support/mpd-schema.ts';
import { textOf } from './support/read-playlists.ts';

if (noMpdSchema !== null) console.log(`mpd-schema.test.ts: skipped, ${noMpdSchema}`);

const tracks = createTinyTracks();
afterAll(() => tracks.free());

describe.skipIf(noMpdSchema !== null)('an MPD', () => {
  const video = tracks.video({ frames: 100, forcedKeyFrameSeconds: rational(1), globalHeader: true });
  const sound = tracks.audio({ seconds: 4, streamName: 'English' });
  const files = [videoTrackFile(0, '_a'), audioTrackFile(1, '_s')];
  const driven = [
    { outputIndex: 0, tracks: [video] },
    { outputIndex: 1, tracks: [sound] },
  ];
  const mpdOf = async (made: ReturnType<typeof makeFragments>): Promise<string> =>
    textOf((await made).objects, 's3://out/vod/clip.mpd');

  const forms: readonly (readonly [string, Partial<MpdRules>])[] = [
    ['timelines in representations', {}],
    ['durations', { hasTimelines: false }],
    ['one timeline for all', { style: 'COMPACT' }],
    ['timelines in every set', { style: 'FULL' }],
    ['HbbTV', { isHbbtv: true }],
    ['a base address', { baseUrl: 'https://cdn.example.com/a?b=1&c=2' }],
    [
      'the Dolby scheme, the largest rate',
      { channelScheme: 'DOLBY', bandwidthType: 'MAX', minBufferMs: 2500 },
    ],
  ];

  it.each(forms)('with %s validates', async (_, changes) => {
    validateMpd(await mpdOf(makeFragments(cmafGroup(files, { mpd: { ...mpdRules, ...changes } }), driven)));
  });

  it('of single files, of shifted presentations and of video with sound validates', async () => {
    const single = files.map((file) => ({
      ...file,
      initLocation: null,
      segmentLocation: file.segmentLocation.replace('_%09d', ''),
    }));
    const onDemand = { ...mpdRules, profile: 'ON_DEMAND_PROFILE' } as const;
    validateMpd(
      await mpdOf(makeFragments(cmafGroup(single, { segmentControl: 'SINGLE_FILE', mpd: onDemand }), driven)),
    );
    validateMpd(await mpdOf(makeFragments(dashGroup(files, { compositionOffsets: 'shift' }), driven)));
    const muxed = [videoTrackFile(0, '_a', { audioRenditionIds: ['s'], brand: 'iso6' })];
    validateMpd(await mpdOf(makeFragments(dashGroup(muxed), [{ outputIndex: 0, tracks: [video, sound] }])));
  });

  it('with protection of several systems validates', async () => {
    const protection = element(
      'ContentProtection',
      { schemeIdUri: 'urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95', value: 'MSPR 2.0' },
      [textElement('cenc:pssh', 'AAAA'), textElement('mspr:pro', 'AAAA')],
    );
    const keyId = element('ContentProtection', {
      schemeIdUri: 'urn:mpeg:dash:mp4protection:2011',
      value: 'cenc',
      'cenc:default_KID': '00112233-4455-6677-8899-aabbccddeeff',
    });
    const keys: GroupKeys = {
      groupIndex: 0,
      scheme: 'cenc',
      clearSegments: 0,
      keys: [
        {
          keyId: '00112233445566778899aabbccddeeff',
          key: 'a0b1c2d3e4f5061728394a5b6c7d8e9f',
          iv: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
          tracks: null,
          keyLines: [],
          sessionLines: [],
          mpdElements: [keyId, protection],
          headerBoxes: [],
          protectionHeaders: [],
        },
      ],
    };
    const encryption = { scheme: 'cenc' } as EncryptionPlan;
    validateMpd(await mpdOf(makeFragments(dashGroup(files, { encryption }), driven, keys)));
  });

  it('that says something else does not', async () => {
    const text = await mpdOf(makeFragments(dashGroup(files), driven));
    expect(() => validateMpd(text.replace('<Period', '<Periode').replace('</Period', '</Periode'))).toThrow();
    expect(() => validateMpd(text.replace('startWithSAP="1"', 'startWithSAP="often"'))).toThrow();
  });
});
