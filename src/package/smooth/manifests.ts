/** The two manifests of a Smooth presentation (spec packaging.md 11): `.ism` for servers, `.ismc` for players. */
import { smoothTimescale } from '../fmp4/track-clock.ts';
import { element, textElement, type XmlElement } from '../xml.ts';
import { audioFormat, videoPrivateData } from './codec-private-data.ts';
import type { SmoothLevel, SmoothStream } from './smooth-streams.ts';

/** The server manifest: which track of which file has which bit rate. `uriOf` gives addresses as it writes them. */
export function serverManifest(
  streams: readonly SmoothStream[],
  clientUri: string,
  uriOf: (location: string) => string,
): XmlElement {
  const parameter = (name: string, value: string): XmlElement =>
    element('param', { name, value, valuetype: 'data' });
  const tracks = streams.flatMap(({ kind, name, language, levels }) =>
    levels.map(({ file, trackId, bitrateBps }) =>
      element(
        kind,
        {
          src: uriOf(file.output.segmentLocation),
          systemBitrate: bitrateBps,
          systemLanguage: kind === 'audio' ? language : null,
        },
        [parameter('trackID', String(trackId)), parameter('trackName', name)],
      ),
    ),
  );
  return element('smil', { xmlns: 'http://www.w3.org/2001/SMIL20/Language' }, [
    element('head', {}, [element('meta', { name: 'clientManifestRelativePath', content: clientUri })]),
    element('body', {}, [element('switch', {}, tracks)]),
  ]);
}

/** The client manifest; `protectionHeaders` are what DRM systems gave, none for clear presentations. */
export function clientManifest(
  streams: readonly SmoothStream[],
  protectionHeaders: readonly { readonly systemId: string; readonly data: string }[],
): XmlElement {
  const protection = protectionHeaders.map(({ systemId, data }) =>
    textElement('ProtectionHeader', data, { SystemID: systemId }),
  );
  return element(
    'SmoothStreamingMedia',
    {
      MajorVersion: 2,
      MinorVersion: 1,
      TimeScale: smoothTimescale,
      Duration: String(durationOf(streams)),
    },
    [
      ...streams.map((stream) => (stream.kind === 'video' ? videoStream(stream) : audioStream(stream))),
      ...(protection.length === 0 ? [] : [element('Protection', {}, protection)]),
    ],
  );
}

/** To the end of the longest stream. */
function durationOf(streams: readonly SmoothStream[]): bigint {
  return streams.reduce((longest, { chunks }) => {
    const last = chunks.at(-1);
    const end = last === undefined ? 0n : last.startTicks + last.durationTicks;
    return end > longest ? end : longest;
  }, 0n);
}

function videoStream(stream: SmoothStream): XmlElement {
  const sizes = stream.levels.flatMap(({ file }) => file.tracks.video ?? []);
  const most = (side: 'widthPx' | 'heightPx'): number => Math.max(...sizes.map((size) => size[side]));
  return streamIndex(stream, { MaxWidth: most('widthPx'), MaxHeight: most('heightPx') }, videoLevel);
}

function audioStream(stream: SmoothStream): XmlElement {
  return streamIndex(stream, { Language: stream.language }, audioLevel);
}

function streamIndex(
  { kind, name, chunks, levels }: SmoothStream,
  attributes: XmlElement['attributes'],
  levelElement: (level: SmoothLevel, index: number) => XmlElement,
): XmlElement {
  return element(
    'StreamIndex',
    {
      Type: kind,
      Name: name,
      Chunks: chunks.length,
      QualityLevels: levels.length,
      ...attributes,
      Url: `QualityLevels({bitrate})/Fragments(${name}={start time})`,
    },
    [...levels.map(levelElement), ...chunkElements(chunks)],
  );
}

/** A time is written where it does not follow from the chunk before ([MS-SSTR] 2.2.2.6). */
function chunkElements(chunks: SmoothStream['chunks']): XmlElement[] {
  let next = 0n;
  return chunks.map(({ startTicks, durationTicks }) => {
    const t = startTicks === next ? null : String(startTicks);
    next = startTicks + durationTicks;
    return element('c', { t, d: String(durationTicks) });
  });
}

function videoLevel({ file, bitrateBps, sampleEntry }: SmoothLevel, index: number): XmlElement {
  const { widthPx = 0, heightPx = 0 } = file.tracks.video ?? {};
  return element('QualityLevel', {
    Index: index,
    Bitrate: bitrateBps,
    FourCC: 'H264',
    MaxWidth: widthPx,
    MaxHeight: heightPx,
    CodecPrivateData: videoPrivateData(sampleEntry),
  });
}

function audioLevel({ file, audioIndex, bitrateBps, sampleEntry }: SmoothLevel, index: number): XmlElement {
  const sound = file.tracks.audio[audioIndex ?? -1];
  if (sound === undefined) throw new TypeError(`no sound ${audioIndex} in ${file.output.pointer}`);
  const { fourCc, audioTag, packetSize, privateData } = audioFormat(sound, bitrateBps, sampleEntry);
  return element('QualityLevel', {
    Index: index,
    Bitrate: bitrateBps,
    FourCC: fourCc,
    SamplingRate: sound.sampleRateHz,
    Channels: sound.channels,
    BitsPerSample: 16,
    PacketSize: packetSize,
    AudioTag: audioTag,
    CodecPrivateData: privateData,
  });
}
