/** `openconvert probe FILE|URL`: what is in a file, as the planner sees it. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { jobErrorEntry } from '../catalogue/codes.ts';
import { JobFault } from '../catalogue/fault.ts';
import { formatRational } from '../exact-time.ts';
import type { AudioTrackFacts, InputFacts, VideoTrackFacts } from '../plan/facts.ts';
import { keyOfPath } from '../store/local-names.ts';
import { probeLocations } from '../worker/run-job.ts';
import { exitCodes } from './options.ts';
import { formatDuration } from './progress-display.ts';
import { openResources, type StoreOptions } from './resources.ts';

/** Runs the command. Returns the exit code: 1 when the file is refused, with the code the service would give. */
export async function probeCommand(
  location: string,
  options: StoreOptions & { json: boolean },
): Promise<number> {
  const { target, buckets, shown } = toLocation(location, options.bucket);
  await using resources = await openResources(
    { ...options, bucket: buckets },
    { document: null, createsBuckets: false, spares: 1 },
  );
  try {
    const [facts] = await probeLocations([target], resources, new AbortController().signal);
    if (facts === undefined) throw new Error('the engine returned no facts');
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...facts, location }, null, 2)}\n`
        : `${formatFacts({ ...facts, location })}\n`,
    );
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    const { code } = error.record;
    const mediaFact = error.record.mediaFact === undefined ? undefined : shown(error.record.mediaFact);
    const message = shown(error.message);
    if (options.json)
      process.stdout.write(
        `${JSON.stringify({ errorCode: code, errorMessage: message, mediaFact }, null, 2)}\n`,
      );
    else
      process.stderr.write(
        `ERROR ${code}  ${message}\n${mediaFact === undefined ? '' : `  found:  ${mediaFact}\n`}  remedy: ${jobErrorEntry(code).remedy}\n`,
      );
    return exitCodes.failed;
  }
}

/** A plain file is an object of a bucket made of its folder, so that files and objects take one way. */
function toLocation(
  location: string,
  buckets: ReadonlyMap<string, string> = new Map(),
): { target: string; buckets: ReadonlyMap<string, string>; shown: (text: string) => string } {
  if (/^(?:s3|https?):\/\//.test(location)) return { target: location, buckets, shown: (text) => text };
  const file = path.resolve(location);
  const bucket = `folder-${Buffer.from(pathToFileURL(path.dirname(file)).href)
    .toString('hex')
    .slice(-40)}`;
  const folder = path.dirname(file);
  const target = `s3://${bucket}/${keyOfPath(path.basename(file))}`;
  return {
    target,
    buckets: new Map(buckets).set(bucket, folder),
    // Objects beside the file, which packages name, are files too.
    shown: (text) => text.replaceAll(target, location).replaceAll(`s3://${bucket}`, folder),
  };
}

function formatFacts(facts: InputFacts): string {
  const duration = facts.durationUs === null ? 'unknown duration' : formatDuration(facts.durationUs / 1000);
  return [
    `${facts.location}  ${facts.container}, ${duration}${facts.startTimecode === null ? '' : `, timecode ${facts.startTimecode}`}`,
    ...facts.videoTracks.map(formatVideo),
    ...facts.audioTracks.map(formatAudio),
    ...facts.dataTracks.map(({ trackId, codec, fourCc }) => `  data  ${trackId}  ${codec} ${fourCc}`),
    ...facts.programs.map(
      ({ programNumber, streamIndexes }) => `  program ${programNumber}: streams ${streamIndexes.join(', ')}`,
    ),
  ].join('\n');
}

function formatVideo(track: VideoTrackFacts): string {
  const parts = [
    `${track.codec}${track.profile === null ? '' : ` (${track.profile})`}`,
    `${track.widthPx}×${track.heightPx}`,
    track.frameRate === null
      ? 'no frame rate'
      : `${formatRational(track.frameRate)} fps${track.isVariableFrameRate ? ' variable' : ''}`,
    `${track.chroma} ${track.bitDepth} bit`,
    track.scan,
    [track.colorPrimaries, track.colorTransfer, track.colorMatrix].map((name) => name ?? '?').join('/'),
  ];
  if (track.rotationDegrees !== 0) parts.push(`rotated ${track.rotationDegrees}°`);
  if (track.hasEmbeddedCaptions) parts.push('embedded captions');
  return `  video ${track.trackId}  ${parts.join(', ')}`;
}

function formatAudio(track: AudioTrackFacts): string {
  return `  audio ${track.trackId}  ${track.codec}, ${track.channelLayout}, ${track.sampleRateHz} Hz${track.language === null ? '' : `, ${track.language}`}`;
}
