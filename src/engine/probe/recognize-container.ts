/** Tells what an object is from its bytes alone: the name of a file proves nothing. */
import { InputFormat } from 'node-av/lib';
import { type JobFault, jobFault } from '../../catalogue/fault.ts';
import type { ByteSource } from './byte-source.ts';
import { acceptedDemuxers, burstDemuxer, refusedDemuxers, signatures } from './demuxers.table.ts';

/** The demuxer that fits the bytes best, and whether the service accepts its container. */
export interface Recognition {
  readonly demuxer: string;
  readonly isAccepted: boolean;
}

/** The first look, then a longer one when the first recognises nothing (long tags in front of the sound). */
const lookBytes = [64 * 1024, 1024 * 1024] as const;

/** Recognises the container. Throws fault 1010 for what is no media file, with what it is instead when known. */
export async function recognizeContainer(bytes: ByteSource, url: string): Promise<Recognition> {
  if (bytes.sizeBytes === 0) throw notMedia(url, 'the object is empty');
  let demuxer: string | null = null;
  for (const length of lookBytes) {
    const head = await bytes.read(0, length);
    refusePlaylist(head, url);
    refuseComposition(head, url);
    demuxer = isTransportStream(head) ? 'mpegts' : probed(head);
    if (demuxer !== null || head.length < length) break;
  }
  if (demuxer === null) throw notMedia(url, 'the bytes fit no known container');
  if (demuxer in acceptedDemuxers) return { demuxer, isAccepted: true };
  if (refusedDemuxers.has(demuxer)) return { demuxer, isAccepted: false };
  throw notMedia(url, `the bytes look like '${demuxer}', which is no media container`);
}

/** Length of a packet, and where in it the sync byte is: ISO/IEC 13818-1, and the same behind four bytes of arrival time (BDAV). */
const packetForms = [
  { length: 188, syncAt: 0 },
  { length: 192, syncAt: 4 },
] as const;
const syncByte = 0x47;
const leastPackets = 3;

/** A stream of a few packets is a program stream to the library, for the headers of its pictures; sync bytes all through are proof. */
function isTransportStream(head: Buffer): boolean {
  return packetForms.some(({ length, syncAt }) => {
    let at = syncAt;
    while (head[at] === syncByte) at += length;
    return at >= head.length && at >= leastPackets * length;
  });
}

function probed(head: Buffer): string | null {
  const name = InputFormat.probe(head)?.name ?? null;
  return name === null || name === burstDemuxer ? (bySignature(head) ?? name) : name;
}

function bySignature(head: Buffer): string | null {
  const found = signatures.find(({ at, bytes }) => head.toString('latin1', at, at + bytes.length) === bytes);
  return found?.demuxer ?? null;
}

/** HLS packages (spec inputs.md 7) are opened as one object by their name: a playlist that comes here has another one. */
function refusePlaylist(head: Buffer, url: string): void {
  if (!/^(\ufeff)?#EXTM3U/.test(head.toString('utf8', 0, 16))) return;
  throw jobFault(
    1010,
    'open-failed',
    { url, cause: 'an HLS playlist must be named .m3u8' },
    {
      component: 'probe',
      mediaFact: 'the object is an HLS playlist',
      expected: 'a media file, or a playlist whose name ends in .m3u8',
    },
  );
}

/** Compositions (spec inputs.md 8) are looked into by their name: a playlist that comes here has another one. */
function refuseComposition(head: Buffer, url: string): void {
  const root = /^[^<]*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?CompositionPlaylist[\s>]/s;
  if (!root.test(head.toString('utf8', 0, 4096))) return;
  throw jobFault(
    1010,
    'open-failed',
    { url, cause: 'the composition playlist of an IMF package must be named .xml' },
    {
      component: 'probe',
      mediaFact: 'the object is the composition playlist of an IMF package',
      expected: 'a media file, or a composition playlist whose name ends in .xml',
    },
  );
}

function notMedia(url: string, mediaFact: string): JobFault {
  return jobFault(
    1010,
    'no-parser',
    { url },
    { component: 'probe', mediaFact, expected: 'a media file in a documented container' },
  );
}
