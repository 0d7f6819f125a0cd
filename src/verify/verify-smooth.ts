/**
 * Are the manifests of a Smooth group true? The server manifest names files that were written, all of them; the client
 * manifest has the same bit rates, and chunks that last as long as the outputs. Shares nothing with the writer.
 */
import type { OutputGroupResult } from '../engine/protocol.ts';
import type { SmoothOutputGroup } from '../plan/group-plan.ts';
import { resolveUri } from './m3u8-reader.ts';
import type { OutputEvidence } from './output-evidence.ts';

/**
 * Longest difference of a stream's length to its output's, in milliseconds: a frame of sound at either end. Lengths count from
 * a stream's first chunk: sound begins as late as the first picture is shown, which is long at low frame rates.
 */
const lengthSlackMs = 150;

/** Defects of all manifests of the group. */
export function smoothDefects(
  group: SmoothOutputGroup,
  result: OutputGroupResult,
  { playlists }: Pick<OutputEvidence, 'playlists'>,
): string[] {
  const written = result.outputs.flatMap(({ objects }) => objects.map(({ location }) => location));
  return [group.smooth, ...group.smooth.additional].flatMap(({ location, clientLocation }, index) => {
    const server = textOf(playlists.get(location));
    const client = textOf(playlists.get(clientLocation));
    if (server === null) return [`${location} is missing`];
    if (client === null) return [`${clientLocation} is missing`];
    const named = valuesOf(server, 'src').map((uri) => resolveUri(location, uri));
    const rates = valuesOf(server, 'systemBitrate').sort();
    const longestMs = Math.max(...result.outputs.flatMap(lengthsMs));
    return [
      ...[...new Set(named)]
        .filter((file) => !written.includes(file))
        .map((file) => `${location} names ${file}, which was not written`),
      ...(index === 0 ? written.filter((file) => !named.includes(file)) : []).map(
        (file) => `${location} does not name ${file}`,
      ),
      ...(rates.join() === valuesOf(client, 'Bitrate').sort().join()
        ? []
        : [`${location} and ${clientLocation} have different bit rates`]),
      ...streamDefects(clientLocation, client, index === 0 ? longestMs : null),
    ];
  });
}

/** An output lasts as long as its pictures; sound may go on behind them. */
function lengthsMs({ durationMs, audio }: OutputGroupResult['outputs'][number]): number[] {
  return [
    durationMs,
    ...audio.map(({ samples, sampleRateHz }) => Math.round((samples / sampleRateHz) * 1000)),
  ];
}

function streamDefects(location: string, text: string, longestMs: number | null): string[] {
  const streams = [...text.matchAll(/<StreamIndex\s[\s\S]*?<\/StreamIndex>/g)].map(([stream]) => stream);
  const lengths = streams.map((stream) => {
    const chunks = [...stream.matchAll(/<c(\s[^>]*)\/>/g)].map(([, chunk = '']) => chunk);
    const start = Number(valuesOf(chunks[0] ?? '', 't')[0] ?? 0);
    return chunks.reduce(
      (length, chunk) =>
        Number(valuesOf(chunk, 't')[0] ?? start + length) - start + Number(valuesOf(chunk, 'd')[0]),
      0,
    );
  });
  const defects = streams.flatMap((stream) => {
    const counted = stream.match(/<c\s/g)?.length ?? 0;
    const announced = Number(valuesOf(stream, 'Chunks')[0]);
    return counted === announced ? [] : [`${location} announces ${announced} chunks and lists ${counted}`];
  });
  const longestStreamMs = Math.max(...lengths) / 10_000;
  if (longestMs !== null && !(Math.abs(longestStreamMs - longestMs) <= lengthSlackMs))
    defects.push(`${location} lasts ${Math.round(longestStreamMs)} ms, the outputs ${longestMs} ms`);
  return defects;
}

/** Values of all attributes of this name, in order. */
function valuesOf(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  );
}

function textOf(bytes: Uint8Array | undefined): string | null {
  if (bytes === undefined) return null;
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return Buffer.from(bytes).toString(isWide ? 'utf16le' : 'utf8');
}
