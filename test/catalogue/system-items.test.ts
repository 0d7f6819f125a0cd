/** System presets and job templates: every name of the grammar gives settings that are valid and, where built, plan. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  systemJobTemplate,
  systemJobTemplateNames,
} from '../../src/catalogue/system-items/system-job-templates.ts';
import { systemPreset, systemPresetNames } from '../../src/catalogue/system-items/system-presets.ts';
import { toWireNames } from '../../src/contract/document.ts';
import type { JsonValue } from '../../src/contract/json-text.ts';
import type { JobSettings, OutputGroup, PresetSettings } from '../../src/contract/types.generated.ts';
import { formatValidationMessage, validateRequest } from '../../src/contract/validate.ts';
import { validateJobSettings } from '../../src/contract/validate-job.ts';
import { mergeJob, toPlannable } from '../../src/operations/merge-job.ts';
import { errorsOf, planOf } from '../plan/plan-fixtures.ts';

const jobsFolder = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'jobs');

function settingsOf(name: string): PresetSettings {
  const item = systemPreset(name);
  if (item === null) throw new Error(`no system preset ${name}`);
  return item.settings;
}

function groupOf(settings: PresetSettings): OutputGroup['outputGroupSettings'] {
  const destination = 's3://out/made/';
  switch (settings.containerSettings?.container) {
    case 'M3U8':
      return {
        type: 'HLS_GROUP_SETTINGS',
        hlsGroupSettings: { destination, segmentLength: 6, minSegmentLength: 0 },
      };
    case 'MPD':
      return {
        type: 'DASH_ISO_GROUP_SETTINGS',
        dashIsoGroupSettings: { destination, segmentLength: 30, fragmentLength: 3 },
      };
    case 'CMFC':
      return {
        type: 'CMAF_GROUP_SETTINGS',
        cmafGroupSettings: { destination, segmentLength: 30, fragmentLength: 3 },
      };
    default:
      return { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: { destination } };
  }
}

function jobOf(name: string): JobSettings {
  const settings = settingsOf(name);
  return {
    inputs: [
      {
        fileInput: 's3://in/film.mp4',
        audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
      },
    ],
    outputGroups: [
      {
        outputGroupSettings: groupOf(settings),
        outputs: [{ nameModifier: '_made', ...settings } as NonNullable<OutputGroup['outputs']>[number]],
      },
    ],
  };
}

/** Presets of codecs, containers and groups that this release does not have. */
const notBuilt = new Map<string, string>();
afterAll(() => {
  for (const reason of new Set(notBuilt.values())) console.log(`presets that do not plan: ${reason}`);
});

function validationOf(name: string): string {
  return formatValidationMessage(validateJobSettings(jobOf(name)).findings);
}

describe('system presets', () => {
  it.each(systemPresetNames)('%s is valid and plans, or names what is not built', (name) => {
    expect(formatValidationMessage(validateRequest('PresetSettings', settingsOf(name)))).toBe('');
    expect(validationOf(name)).toBe('');
    const result = planOf(jobOf(name));
    for (const error of errorsOf(result)) expect(error).toMatch(/^1040 Setting \[/);
    if (result.plan === null) notBuilt.set(name, errorsOf(result)[0] ?? '');
  });

  it('plan where the codec and the group are those of this release', () => {
    const plain = systemPresetNames.filter((name) =>
      /^System-(Avc|Ott_Hls|Generic_.*_(Avc|Hevc|Hev1)_)/.test(name),
    );
    expect(plain.length).toBeGreaterThan(25);
    for (const name of plain) expect(errorsOf(planOf(jobOf(name))), name).toEqual([]);
  });

  it('say in their settings what they say in their names', () => {
    expect(
      settingsOf('System-Generic_Hd_Mp4_Hev1_Aac_16x9_Sdr_1280x720p_50Hz_4.25Mbps_Qvbr_Vq9'),
    ).toMatchObject({
      containerSettings: { container: 'MP4' },
      videoDescription: {
        width: 1280,
        height: 720,
        codecSettings: {
          codec: 'H_265',
          h265Settings: {
            rateControlMode: 'QVBR',
            maxBitrate: 4_250_000,
            qvbrSettings: { qvbrQualityLevel: 9 },
            framerateNumerator: 50,
            framerateDenominator: 1,
            writeMp4PackagingType: 'HEV1',
          },
        },
      },
      audioDescriptions: [{ codecSettings: { codec: 'AAC' } }],
    });
    expect(settingsOf('System-Avc_4x3_480p_29_97fps_600kbps').videoDescription).toMatchObject({
      width: 640,
      height: 480,
      codecSettings: {
        h264Settings: { bitrate: 600_000, framerateNumerator: 30_000, framerateDenominator: 1001 },
      },
    });
    expect(settingsOf('System-Ott_Cmaf_Cmfc_Aac_He_64Kbps')).toMatchObject({
      containerSettings: { container: 'CMFC' },
      audioDescriptions: [{ codecSettings: { aacSettings: { codecProfile: 'HEV1', bitrate: 64_000 } } }],
    });
    expect(
      settingsOf('System-Ott_Dash_Mp4_Avc_16x9_640x360p_30Hz_600Kbps').audioDescriptions,
    ).toBeUndefined();
    expect(settingsOf('System-Xdcam_HD_1080i_29_97fps_35mpbs')).toMatchObject({
      containerSettings: { container: 'MXF', mxfSettings: { profile: 'XDCAM' } },
      videoDescription: { codecSettings: { codec: 'MPEG2', mpeg2Settings: { bitrate: 35_000_000 } } },
    });
  });

  it.each([
    'System-',
    'System-Mine',
    'Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps',
    'System-Ott_Hls_Ts_Avc_Aac',
    'System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz',
    'System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_31Hz_3.5Mbps',
    'System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_0Mbps',
    'System-Ott_Hls_Ts_Avc_Aac_4x3_1280x720p_30Hz_3.5Mbps',
    'System-Ott_Hls_Ts_Avc_Aac_16x9_1281x721p_30Hz_3.5Mbps',
    'System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps_Qvbr_Vq11',
    'System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps_more',
    'System-Ott_Hls_Ts_Aac_He_96Kbps',
    'System-Ott_Dash_Mp4_Aac_He_97Kbps',
    'System-Ott_Dash_Mp4_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps',
    'System-Generic_Hd_Mp4_Avc_Aac_16x9_99999x99999p_24Hz_6Mbps',
    'System-Avc_16x0_720p_29_97fps_3500kbps',
    'System-Avc_16x9_720p_29_97fps_3500kbps ',
    'system-Avc_16x9_720p_29_97fps_3500kbps',
  ])('%j says nothing a preset could be', (name) => {
    expect(systemPreset(name)).toBeNull();
  });

  it('of any size, rate and bit rate that is read are valid', () => {
    const rates = ['15', '24', '25', '30', '50', '60'];
    const side = fc.integer({ min: 40, max: 2048 });
    const preset = fc
      .tuple(
        fc.constantFrom(
          'Generic_Hd_Mp4_Avc_Aac',
          'Generic_Hd_Mp4_Hev1_Aac',
          'Generic_Hd_Mp4_Av1_Aac',
          'Ott_Hls_Ts_Avc_Aac',
          'Ott_Dash_Mp4_Avc',
          'Ott_Cmaf_Cmfc_Avc',
        ),
        side,
        side,
        fc.constantFrom(...rates),
        fc.integer({ min: 1, max: 120_000 }),
        fc.constantFrom('', '_Cbr', '_Qvbr_Vq1', '_Qvbr_Vq10', '_Qvbr_Vq0'),
      )
      .map(
        ([codecs, width, height, rate, kilobits, control]) =>
          `System-${codecs}_${2 * width}x${2 * height}p_${rate}Hz_${kilobits}Kbps${control}`,
      );
    let read = 0;
    fc.assert(
      fc.property(preset, (name) => {
        if (systemPreset(name) === null) return;
        read += 1;
        expect(validationOf(name), name).toBe('');
      }),
      { numRuns: 120 },
    );
    expect(read).toBeGreaterThan(10);
  }, 60_000);

  it('have names in order, each once, each with a category and a description', () => {
    expect(systemPresetNames).toEqual([...new Set(systemPresetNames)].toSorted());
    for (const name of systemPresetNames) {
      expect(systemPreset(name)).toMatchObject({ name, category: expect.stringMatching(/^[A-Z-]+$/) });
      expect(systemPreset(name)?.description.length).toBeGreaterThan(5);
    }
  });
});

describe('system job templates', () => {
  it.each(systemJobTemplateNames)('%s: its presets resolve, and a job over it is valid', async (name) => {
    const template = systemJobTemplate(name);
    const { request } = await mergeJob(
      {
        role: 'r',
        jobTemplate: name,
        settings: {
          inputs: [
            {
              fileInput: 's3://in/film.mp4',
              audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
            },
          ],
          outputGroups: [{ outputGroupSettings: destination(template?.settings.outputGroups?.[0]) }],
        },
      },
      {
        jobTemplate: async () => ({ settings: template?.settings ?? {} }),
        preset: async (preset) => settingsOf(preset) as never,
      },
    );
    const validated = validateJobSettings(toPlannable(request.settings ?? {}));
    expect(formatValidationMessage(validated.findings)).toBe('');
    const outputs = request.settings?.outputGroups?.[0]?.outputs ?? [];
    expect(outputs.length).toBeGreaterThanOrEqual(6);
    expect(new Set(outputs.map(({ nameModifier }) => nameModifier)).size).toBe(outputs.length);
  });

  it('have other names than presets', () => {
    for (const name of systemJobTemplateNames) expect(systemPreset(name)).toBeNull();
    for (const name of systemPresetNames) expect(systemJobTemplate(name)).toBeNull();
  });
});

function destination(group: OutputGroup | undefined): NonNullable<OutputGroup['outputGroupSettings']> {
  const settings = group?.outputGroupSettings ?? {};
  return Object.fromEntries(
    Object.keys(settings)
      .filter((name) => name !== 'type')
      .map((name) => [name, { destination: 's3://out/made/' }]),
  );
}

const hasJobs = existsSync(jobsFolder);
if (!hasJobs) console.log(`skipped: no job documents at ${jobsFolder}`);

describe.skipIf(!hasJobs)('real documents', () => {
  const files = hasJobs ? readdirSync(jobsFolder).filter((file) => file.endsWith('.json')) : [];
  const texts = files.map((file) => [file, readFileSync(path.join(jobsFolder, file), 'utf8')] as const);

  it('name system items that exist', () => {
    const names = new Set(texts.flatMap(([, text]) => text.match(/System-[^"\\]+/g) ?? []));
    expect(names.size).toBeGreaterThan(20);
    for (const name of names) expect(systemPreset(name) ?? systemJobTemplate(name), name).not.toBeNull();
  });

  it('that show what a system preset supplied show the same settings', () => {
    let compared = 0;
    for (const [, text] of texts) {
      const { Settings } = JSON.parse(text) as { readonly Settings?: JsonValue };
      const settings = toWireNames('JobSettings', Settings ?? {}) as JobSettings;
      for (const output of (settings.outputGroups ?? []).flatMap((group) => group.outputs ?? [])) {
        const { preset, videoDescription, audioDescriptions, containerSettings } = output;
        if (preset === undefined || videoDescription === undefined) continue;
        compared += 1;
        const made = settingsOf(preset);
        expect(made.videoDescription, preset).toEqual(videoDescription);
        expect(made.containerSettings, preset).toEqual(containerSettings);
        // Answers leave out the selector that a job with one selector needs not name.
        const [shown] = audioDescriptions ?? [];
        expect(made.audioDescriptions?.[0], preset).toMatchObject(shown ?? {});
      }
    }
    expect(compared).toBeGreaterThanOrEqual(6);
  });
});
