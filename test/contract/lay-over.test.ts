/** What lies on top wins, and where lists, blocks and presets are concerned, how (spec api.md 6.4). */
import { describe, expect, it } from 'vitest';
import { layOver } from '../../src/contract/lay-over.ts';

const job = (below: object, over: object): unknown =>
  JSON.parse(JSON.stringify(layOver('JobSettings', below as never, over as never)));

describe('layOver', () => {
  it('merges objects member by member, and zero and false are values', () => {
    expect(
      job(
        { adAvailOffset: 5, followSource: 2, timecodeConfig: { source: 'EMBEDDED', start: '00:00:00:00' } },
        { adAvailOffset: 0, timecodeConfig: { source: 'ZEROBASED' } },
      ),
    ).toEqual({
      adAvailOffset: 0,
      followSource: 2,
      timecodeConfig: { source: 'ZEROBASED', start: '00:00:00:00' },
    });
  });

  it('merges inputs, groups, outputs and descriptions item by item; what is not reached stays', () => {
    const below = {
      inputs: [{ timecodeSource: 'ZEROBASED' }],
      outputGroups: [
        {
          name: 'A',
          outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: {} },
          outputs: [
            { nameModifier: '_1', audioDescriptions: [{ audioSourceName: 'a' }, { audioSourceName: 'b' }] },
            { nameModifier: '_2' },
          ],
        },
        { name: 'B' },
      ],
    };
    const over = {
      inputs: [{ fileInput: 's3://b/1' }, { fileInput: 's3://b/2' }],
      outputGroups: [
        {
          outputGroupSettings: { fileGroupSettings: { destination: 's3://b/' } },
          outputs: [{ extension: 'mov', audioDescriptions: [{ streamName: 's' }] }],
        },
      ],
    };
    expect(job(below, over)).toEqual({
      inputs: [{ timecodeSource: 'ZEROBASED', fileInput: 's3://b/1' }, { fileInput: 's3://b/2' }],
      outputGroups: [
        {
          name: 'A',
          outputGroupSettings: {
            type: 'FILE_GROUP_SETTINGS',
            fileGroupSettings: { destination: 's3://b/' },
          },
          outputs: [
            {
              nameModifier: '_1',
              extension: 'mov',
              audioDescriptions: [{ audioSourceName: 'a', streamName: 's' }, { audioSourceName: 'b' }],
            },
            { nameModifier: '_2' },
          ],
        },
        { name: 'B' },
      ],
    });
  });

  it('replaces every other list', () => {
    const inserted = (start: string) => ({ imageX: 0, imageY: 0, layer: 1, opacity: 50, startTime: start });
    expect(
      job(
        {
          inputs: [
            {
              inputClippings: [{ startTimecode: '1' }, { startTimecode: '2' }],
              imageInserter: { insertableImages: [inserted('1'), inserted('2')] },
              audioSelectors: { a: { tracks: [1, 2, 3], offset: 4 }, b: { offset: 1 } },
            },
          ],
        },
        {
          inputs: [
            {
              inputClippings: [{ endTimecode: '3' }],
              imageInserter: { insertableImages: [] },
              audioSelectors: { a: { tracks: [2] }, c: {} },
            },
          ],
        },
      ),
    ).toEqual({
      inputs: [
        {
          inputClippings: [{ endTimecode: '3' }],
          imageInserter: { insertableImages: [] },
          audioSelectors: { a: { tracks: [2], offset: 4 }, b: { offset: 1 }, c: {} },
        },
      ],
    });
  });

  it('drops the block of the codec that another codec replaces, and keeps it for the same codec', () => {
    const below = {
      videoDescription: { width: 640, codecSettings: { codec: 'H_264', h264Settings: { slices: 1 } } },
    };
    expect(
      layOver('PresetSettings', below, {
        videoDescription: { codecSettings: { codec: 'H_265', h265Settings: { tiles: 'DISABLED' } } },
      }),
    ).toMatchObject({
      videoDescription: {
        width: 640,
        codecSettings: { codec: 'H_265', h265Settings: { tiles: 'DISABLED' } },
      },
    });
    const codecs = layOver('PresetSettings', below, {
      videoDescription: { codecSettings: { codec: 'H_265' } },
    }) as { videoDescription: { codecSettings: object } };
    expect(Object.keys(codecs.videoDescription.codecSettings)).toEqual(['codec']);
    expect(
      layOver('PresetSettings', below, {
        videoDescription: { codecSettings: { codec: 'H_264', h264Settings: { bitrate: 9 } } },
      }),
    ).toMatchObject({ videoDescription: { codecSettings: { h264Settings: { slices: 1, bitrate: 9 } } } });
  });

  it('takes nothing of a lower output when the upper one names a preset, and no lower preset beside a container', () => {
    const container = {
      containerSettings: { container: 'MP4' },
      videoDescription: { width: 2 },
      extension: 'x',
    };
    expect(layOver('Output', container, { preset: 'P', nameModifier: '_n' })).toEqual({
      extension: 'x',
      preset: 'P',
      nameModifier: '_n',
    });
    expect(layOver('Output', { preset: 'P', extension: 'x' }, container)).toEqual(container);
    expect(layOver('Output', { preset: 'P', extension: 'x' }, { videoDescription: { width: 4 } })).toEqual({
      preset: 'P',
      extension: 'x',
      videoDescription: { width: 4 },
    });
  });

  it('changes neither document and reads no prototype', () => {
    const below = Object.freeze({ timecodeConfig: Object.freeze({ source: 'EMBEDDED' }) });
    const over = JSON.parse(
      '{"__proto__": {"polluted": 1}, "timecodeConfig": {"__proto__": {"polluted": 2}}}',
    );
    layOver('JobSettings', below, over);
    expect(Object.keys(below.timecodeConfig)).toEqual(['source']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
