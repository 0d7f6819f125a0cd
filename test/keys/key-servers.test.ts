/** Keys from a real HTTPS server that speaks SPEKE, and from one that misbehaves in every known way. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, keyOf } from '../../examples/key-server.mjs';
import { JobFault } from '../../src/catalogue/fault.ts';
import { askKeyServer, type KeyServerAccess } from '../../src/keys/ask-key-server.ts';
import { contractPresets } from '../../src/keys/contract-presets.table.ts';
import { drmSystems } from '../../src/keys/drm-systems.table.ts';
import { resolveKeys } from '../../src/keys/resolve-keys.ts';
import type { EncryptionPlan } from '../../src/plan/encryption-plan.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { mustPlan } from '../plan/plan-fixtures.ts';
import { type Certificates, makeCertificates } from '../provocations/certificates.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-keys-'));
const certificates: Certificates | null = makeCertificates(folder);

type Reply = { readonly status: number; readonly headers?: Record<string, string>; readonly body: string };

describe.skipIf(certificates === null)('a key server', () => {
  let server: Server;
  let url: string;
  let reply: (question: string) => Reply | 'reset' = answer;
  let questions: string[] = [];
  let access: KeyServerAccess;

  beforeAll(async () => {
    if (certificates === null) return;
    server = createServer(certificates.good, async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const question = Buffer.concat(parts).toString('utf8');
      questions.push(question);
      const made = reply(question);
      if (made === 'reset') request.socket.destroy();
      else response.writeHead(made.status, made.headers ?? {}).end(made.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    access = {
      allowedPrivateHosts: 'all',
      certificateAuthorities: [readFileSync(certificates.authorityFile, 'utf8')],
      timeoutMs: 10_000,
      retryDelaysMs: [0, 0],
      certificatesFolder: null,
    };
  });

  afterAll(async () => {
    await new Promise((resolve) => server?.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const planWith = (
    contract: { audio: string; video: string } | null,
    provider: object = {},
    encryptionMethod = 'AES_CTR',
  ): JobPlan =>
    mustPlan({
      inputs: [
        {
          fileInput: 's3://in/film.mp4',
          audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
        },
      ],
      outputGroups: [
        {
          outputGroupSettings: {
            type: 'CMAF_GROUP_SETTINGS',
            cmafGroupSettings: {
              destination: 's3://out/cmaf/main',
              segmentLength: 6,
              fragmentLength: 2,
              encryption: {
                encryptionMethod,
                type: 'SPEKE',
                spekeKeyProvider: {
                  url,
                  resourceId: 'film-1',
                  dashSignaledSystemIds: [drmSystems.widevine, drmSystems.playReady],
                  hlsSignaledSystemIds: [drmSystems.widevine],
                  ...provider,
                  ...(contract === null
                    ? {}
                    : {
                        encryptionContractConfiguration: {
                          spekeAudioPreset: contract.audio,
                          spekeVideoPreset: contract.video,
                        } as never,
                      }),
                },
              },
            },
          },
          outputs: [1080, 480].map((height) => ({
            nameModifier: `_${height}`,
            containerSettings: { container: 'CMFC' },
            videoDescription: {
              width: (height * 16) / 9 > 1000 ? 1920 : 854,
              height,
              codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'VBR', bitrate: 2_000_000 } },
            },
          })),
        },
      ],
    } as never);

  it('gives one key for everything with version 1, signalled as asked', async () => {
    reply = answer;
    questions = [];
    const [group] = await resolveKeys(planWith(null), {}, access, new AbortController().signal);
    const [key, ...others] = group?.keys ?? [];
    expect(others).toEqual([]);
    const [, keyId = ''] = /kid="([^"]+)"/.exec(questions[0] ?? '') ?? [];
    expect(key?.key).toBe(keyOf(keyId, 'demonstration').toString('hex'));
    expect(key?.tracks).toBeNull();
    expect(key?.mpdElements.map(({ attributes }) => attributes['schemeIdUri'])).toEqual([
      'urn:mpeg:dash:mp4protection:2011',
      `urn:uuid:${drmSystems.widevine}`,
      `urn:uuid:${drmSystems.playReady}`,
    ]);
    expect(key?.keyLines).toEqual([
      `#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="https://keys.invalid/${keyId}",KEYID=0x${keyId.replaceAll('-', '')},KEYFORMAT="urn:uuid:${drmSystems.widevine}",KEYFORMATVERSIONS="1"`,
    ]);
    expect(questions[0]).toContain('id="film-1"');
  });

  it('gives a key for each class of a contract with version 2, by the size of the pictures', async () => {
    reply = answer;
    questions = [];
    const plan = planWith({ audio: 'PRESET_AUDIO_2', video: 'PRESET_VIDEO_3' });
    const [group] = await resolveKeys(plan, {}, access, new AbortController().signal);
    expect(group?.keys.map(({ tracks }) => tracks?.map(({ outputIndex }) => outputIndex))).toEqual([
      [1],
      [0],
      [],
      [],
      [],
    ]);
    expect(questions[0]).toMatch(/contentId="film-1" version="2.3"/);
    expect(questions[0]?.match(/intendedTrackType="[^"]+"/g)).toEqual(
      ['PRESET_VIDEO_3', 'PRESET_AUDIO_2']
        .flatMap((preset) => contractPresets[preset] ?? [])
        .map(({ intendedTrackType }) => `intendedTrackType="${intendedTrackType}"`),
    );
    expect(questions[0]).toContain('<cpix:VideoFilter minPixels="589825" maxPixels="2073600"/>');
  });

  it.each([
    ['AES_CTR', 'SAMPLE-AES-CTR'],
    ['SAMPLE_AES', 'SAMPLE-AES'],
  ])('writes lines of version 2 for %s as %s, with the key id for Widevine', async (asked, method) => {
    reply = answer;
    const shared = { audio: 'SHARED', video: 'SHARED' };
    const systems = {
      hlsSignaledSystemIds: [
        drmSystems.widevine,
        asked === 'AES_CTR' ? drmSystems.playReady : drmSystems.fairPlay,
      ],
    };
    const [group] = await resolveKeys(
      planWith(shared, systems, asked),
      {},
      access,
      new AbortController().signal,
    );
    const [key] = group?.keys ?? [];
    expect(key?.keyLines).toHaveLength(2);
    for (const line of [...(key?.keyLines ?? []), ...(key?.sessionLines ?? [])])
      expect(line).toContain(`:METHOD=${method},`);
    expect(key?.keyLines[0]).toContain(`,KEYID=0x${key?.keyId},`);
    expect(key?.keyLines[1]).not.toContain('KEYID');
  });

  it('writes lines of version 2 for segments encrypted as wholes as AES-128', () => {
    const id = '00112233-4455-6677-8899-aabbccddeeff';
    const { body } = answer(
      `<CPIX contentId="film" version="2.3"><ContentKey kid="${id}"/><DRMSystem kid="${id}" systemId="${drmSystems.fairPlay}"><HLSSignalingData playlist="media"/></DRMSystem></CPIX>`,
    );
    const [, line = ''] = /<HLSSignalingData playlist="media">([^<]+)</.exec(body) ?? [];
    expect(Buffer.from(line, 'base64').toString()).toMatch(/^#EXT-X-KEY:METHOD=AES-128,/);
  });

  describe('asked for keys encrypted to a certificate', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/film-keys';

    beforeAll(() => {
      if (certificates === null) return;
      access = { ...access, certificatesFolder: path.join(folder, 'certificates') };
      for (const [id, { cert, key }] of Object.entries({
        'film-keys': certificates.good,
        mixed: { ...certificates.good, key: certificates.foreign.key },
      })) {
        mkdirSync(path.join(folder, 'certificates', id), { recursive: true });
        writeFileSync(path.join(folder, 'certificates', id, 'certificate.pem'), cert);
        writeFileSync(path.join(folder, 'certificates', id, 'private-key.pem'), key);
      }
    });

    it.each([
      ['SPEKE 1', null],
      ['SPEKE 2', { audio: 'PRESET_AUDIO_1', video: 'PRESET_VIDEO_1' }],
    ] as const)('gives them with %s, and no key crosses the wire in the clear', async (_, contract) => {
      questions = [];
      let said = '';
      reply = (question) => {
        const made = answer(question);
        said = made.body;
        return made;
      };
      const plan = planWith(contract, { certificateArn });
      const [group] = await resolveKeys(plan, {}, access, new AbortController().signal);
      const ids = [...(questions[0] ?? '').matchAll(/ContentKey kid="([^"]+)"/g)].map(([, id = '']) => id);
      expect(group?.keys.map(({ key }) => key)).toEqual(
        ids.map((id) => keyOf(id, 'demonstration').toString('hex')),
      );
      expect(questions[0]).toContain(`<ds:X509Certificate>${certificateOf(certificates)}<`);
      expect(said).not.toContain('PlainValue');
      for (const { key } of group?.keys ?? [])
        expect(said).not.toContain(Buffer.from(key, 'hex').toString('base64'));
    });

    it.each<readonly [string, string, (question: string) => Reply, RegExp]>([
      ['is not installed', 'none', answer, /certificate\/none\]: no such certificate is installed/],
      ['has another private key', 'mixed', answer, /its private key belongs to another certificate/],
      [
        'is not used by the server',
        'film-keys',
        (question) => answer(question.replace(/<cpix:DeliveryDataList>[\s\S]*<\/cpix:DeliveryDataList>/, '')),
        /the answer does not use it/,
      ],
      [
        'got a key that was changed on its way',
        'film-keys',
        (question) => {
          const made = answer(question);
          return { ...made, body: made.body.replace(/(<pskc:ValueMAC>)..../, '$1AAAA') };
        },
        /the MAC of a content key does not fit/,
      ],
    ])('that %s is fault 1091', async (_, id, behavior, message) => {
      reply = behavior;
      const fault = await asking({ certificateArn: certificateArn.replace('film-keys', id) });
      expect(fault.code).toBe(1091);
      expect(fault.message).toMatch(message);
    });
  });

  it.each([
    ['SPEKE 1', null],
    [
      'SPEKE 2',
      { encryptionContractConfiguration: { spekeAudioPreset: 'SHARED', spekeVideoPreset: 'SHARED' } },
    ],
  ] as const)('gives Smooth groups the PlayReady object with %s', async (_, contract) => {
    questions = [];
    reply = answer;
    const plan = mustPlan({
      inputs: [{ fileInput: 's3://in/film.mp4' }],
      outputGroups: [
        {
          outputGroupSettings: {
            type: 'MS_SMOOTH_GROUP_SETTINGS',
            msSmoothGroupSettings: {
              destination: 's3://out/smooth/main',
              encryption: { spekeKeyProvider: { url, resourceId: 'film-1', ...contract } },
            },
          },
          outputs: [
            {
              nameModifier: '_a',
              containerSettings: { container: 'ISMV' },
              videoDescription: {
                codecSettings: {
                  codec: 'H_264',
                  h264Settings: { rateControlMode: 'VBR', bitrate: 2_000_000 },
                },
              },
            },
          ],
        },
      ],
    } as never);
    const [group] = await resolveKeys(plan, {}, access, new AbortController().signal);
    const [header] = group?.keys[0]?.protectionHeaders ?? [];
    expect(header?.systemId).toBe(drmSystems.playReady);
    const object = Buffer.from(header?.data ?? '', 'base64');
    expect(object.readUInt32LE(0)).toBe(object.length);
    expect(object.subarray(10).toString('utf16le')).toMatch(/^<WRMHEADER .*<\/WRMHEADER>$/);
    expect(questions[0]).toContain(
      contract === null ? '<speke:ProtectionHeader/>' : '<cpix:SmoothStreamingProtectionHeaderData/>',
    );
  });

  const asking = async (provider: object = {}): Promise<JobFault> => {
    questions = [];
    const plan = planWith(null, provider);
    const found = plan.outputGroups.flatMap((group) =>
      group.type === 'CMAF_GROUP' ? (group.encryption ?? []) : [],
    );
    const encryption = found[0] as EncryptionPlan;
    if (encryption.provider.kind !== 'speke') throw new TypeError('no key server is planned');
    const wanted = [{ keyId: '00112233-4455-6677-8899-aabbccddeeff', contractClass: null, tracks: null }];
    const asked = askKeyServer(encryption.provider, encryption, wanted, access, new AbortController().signal);
    const fault: unknown = await asked.then(
      () => null,
      (error: unknown) => error,
    );
    if (!(fault instanceof JobFault)) throw new Error('nothing failed', { cause: fault });
    return fault;
  };

  it.each<readonly [string, (question: string) => Reply | 'reset', number, RegExp]>([
    [
      'gives an IV that is too short',
      (question) => answer(question.replace(/<cpix:ContentKey /, '$&explicitIV="AAEC" ')),
      1,
      /00112233-4455-6677-8899-aabbccddeeff: explicitIV of 16 bytes/,
    ],
    ['refuses', () => ({ status: 403, body: 'not your content' }), 1, /403.*not your content/],
    ['fails', () => ({ status: 500, body: 'out of keys' }), 3, /500.*out of keys/],
    ['answers rubbish', () => ({ status: 200, body: '<html>' }), 1, /Unable to parse response xml/],
    ['resets the connection', () => 'reset', 3, /ECONNRESET in connection to 127\.0\.0\.1/],
    [
      'leaves a key out',
      (question) => ({ status: 200, body: question }),
      1,
      /Failed to find key \[00112233-4455-6677-8899-aabbccddeeff\]/,
    ],
    [
      'leaves a system out',
      (question) => {
        const { status, body } = answer(question);
        return { status, body: body.replace(/<cpix:DRMSystem [^>]*9a04f079[\s\S]*?<\/cpix:DRMSystem>/, '') };
      },
      1,
      /for system 9a04f079/,
    ],
  ])('that %s is fault 1091', async (_, behavior, tries, message) => {
    reply = behavior;
    const fault = await asking();
    expect(fault.code).toBe(1091);
    expect(fault.message).toMatch(message);
    expect(questions).toHaveLength(tries);
    const key = keyOf('00112233-4455-6677-8899-aabbccddeeff', 'demonstration');
    expect(JSON.stringify(fault.record)).not.toMatch(
      new RegExp(`${key.toString('hex')}|${key.toString('base64')}`),
    );
  });

  it.each([
    [{}, ''],
    [{ 'x-speke-version': '1.0' }, '1.0'],
  ])('that answers SPEKE 2 with the headers %o is fault 1091', async (headers, said) => {
    reply = (question) => ({ ...answer(question), headers });
    const encryptionContractConfiguration = {
      spekeAudioPreset: 'PRESET_AUDIO_1',
      spekeVideoPreset: 'PRESET_VIDEO_1',
    };
    const fault = await asking({ encryptionContractConfiguration });
    expect(fault.code).toBe(1091);
    expect(fault.message).toContain(`X-Speke-Version of the answer is [${said}]`);
    expect(questions).toHaveLength(1);
  });

  it('that nobody vouches for, or at an address that is not public, is fault 1091', async () => {
    reply = answer;
    const trusting = access;
    access = { ...trusting, certificateAuthorities: null };
    expect((await asking()).message).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED/);
    access = { ...trusting, allowedPrivateHosts: [] };
    expect((await asking()).message).toContain('127.0.0.1 is not a public address');
    expect(questions).toEqual([]);
    access = trusting;
  });
});

/** The certificate's DER bytes as PEM writes them. */
function certificateOf(certificates: Certificates | null): string {
  return (certificates?.good.cert.toString() ?? '').replace(/-----[^-]+-----|\s/g, '');
}
