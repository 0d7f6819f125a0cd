/**
 * Reads what AC-3 and E-AC-3 say of themselves by the syntax tables of ATSC A/52:2018 (5.3.2, D.2.2, E.1.2.2), written as
 * lists of fields over a string of bits: it shares nothing with the probe.
 */

/** Fields by their names in the standard. */
export type DolbyFields = Readonly<Record<string, number>>;

/** The fields of each syncframe of an elementary stream, in order. Throws where no frame begins. */
export function readDolbyFrames(stream: Buffer): readonly DolbyFields[] {
  const frames: DolbyFields[] = [];
  for (let at = 0; at < stream.length; ) {
    if (stream.readUInt16BE(at) !== 0x0b77) throw new Error(`no frame begins at byte ${at}`);
    const bits = [...stream.subarray(at, at + 96)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const isPlus = Number.parseInt(bits.slice(40, 45), 2) > 10;
    const fields = isPlus ? plusFields(bits) : plainFields(bits);
    frames.push(fields);
    at += isPlus ? 2 * ((fields.frmsiz ?? 0) + 1) : plainSize(fields);
  }
  return frames;
}

/** At 48 kHz a frame lasts 32 ms. */
function plainSize({ fscod, frmsizecod = 0 }: DolbyFields): number {
  if (fscod !== 0) throw new Error('only 48 kHz is read');
  const kilobits = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
  return (kilobits[frmsizecod >> 1] ?? 0) * 4;
}

type When = (fields: DolbyFields) => boolean;
type Field = readonly [name: string, length: number, when?: When];

const is =
  (name: string): When =>
  (fields) =>
    fields[name] === 1;
const modes =
  (...list: readonly number[]): When =>
  ({ acmod = -1 }) =>
    list.includes(acmod);
const both =
  (...conditions: readonly When[]): When =>
  (fields) =>
    conditions.every((condition) => condition(fields));
const [center, surround, stereo, dual] = [modes(3, 5, 7), modes(4, 5, 6, 7), modes(2), modes(0)];

const plainSyntax: readonly Field[] = [
  ['syncword', 16],
  ['crc1', 16],
  ['fscod', 2],
  ['frmsizecod', 6],
  ['bsid', 5],
  ['bsmod', 3],
  ['acmod', 3],
  ['cmixlev', 2, center],
  ['surmixlev', 2, surround],
  ['dsurmod', 2, stereo],
  ['lfeon', 1],
  ['dialnorm', 5],
  ['compre', 1],
  ['compr', 8, is('compre')],
  ['langcode', 1],
  ['langcod', 8, is('langcode')],
  ['audprodie', 1],
  ['mixlevel', 5, is('audprodie')],
  ['roomtyp', 2, is('audprodie')],
  ['copyrightb', 1],
  ['origbs', 1],
  ...extension(({ bsid }) => bsid === 6),
];

function extension(annex: When): readonly Field[] {
  const first = both(annex, is('xbsi1e'));
  const second = both(annex, is('xbsi2e'));
  return [
    ['xbsi1e', 1, annex],
    ['dmixmod', 2, first],
    ['ltrtcmixlev', 3, first],
    ['ltrtsurmixlev', 3, first],
    ['lorocmixlev', 3, first],
    ['lorosurmixlev', 3, first],
    ['xbsi2e', 1, annex],
    ['dsurexmod', 2, second],
    ['dheadphonmod', 2, second],
    ['adconvtyp', 1, second],
  ];
}

const mix = is('mixmdate');
const info = is('infomdate');
const production = both(info, is('audprodie'));
const blocks: When = ({ numblkscod }) => numblkscod === 3;

const plusSyntax: readonly Field[] = [
  ['syncword', 16],
  ['strmtyp', 2],
  ['substreamid', 3],
  ['frmsiz', 11],
  ['fscod', 2],
  ['numblkscod', 2],
  ['acmod', 3],
  ['lfeon', 1],
  ['bsid', 5],
  ['dialnorm', 5],
  ['compre', 1],
  ['compr', 8, is('compre')],
  ['mixmdate', 1],
  ['dmixmod', 2, both(mix, modes(3, 4, 5, 6, 7))],
  ['ltrtcmixlev', 3, both(mix, center)],
  ['lorocmixlev', 3, both(mix, center)],
  ['ltrtsurmixlev', 3, both(mix, surround)],
  ['lorosurmixlev', 3, both(mix, surround)],
  ['lfemixlevcode', 1, both(mix, is('lfeon'))],
  ['lfemixlevcod', 5, both(mix, is('lfemixlevcode'))],
  ['pgmscle', 1, mix],
  ['pgmscl', 6, both(mix, is('pgmscle'))],
  ['extpgmscle', 1, mix],
  ['extpgmscl', 6, both(mix, is('extpgmscle'))],
  ['mixdef', 2, mix],
  ['paninfoe', 1, both(mix, modes(1))],
  ['frmmixcfginfoe', 1, both(mix, blocks)],
  ['infomdate', 1],
  ['bsmod', 3, info],
  ['copyrightb', 1, info],
  ['origbs', 1, info],
  ['dsurmod', 2, both(info, stereo)],
  ['dheadphonmod', 2, both(info, stereo)],
  ['dsurexmod', 2, both(info, modes(6, 7))],
  ['audprodie', 1, info],
  ['mixlevel', 5, production],
  ['roomtyp', 2, production],
  ['adconvtyp', 1, production],
];

const plainFields = (bits: string): DolbyFields => fieldsOf(bits, plainSyntax);

function plusFields(bits: string): DolbyFields {
  const fields = fieldsOf(bits, plusSyntax);
  if (dual(fields) || fields.mixdef || fields.paninfoe || fields.frmmixcfginfoe)
    throw new Error('mixing parameters are not read');
  return fields;
}

function fieldsOf(bits: string, syntax: readonly Field[]): DolbyFields {
  const fields: Record<string, number> = {};
  let at = 0;
  for (const [name, length, when] of syntax) {
    if (when !== undefined && !when(fields)) continue;
    fields[name] = Number.parseInt(bits.slice(at, at + length), 2);
    at += length;
  }
  return fields;
}
