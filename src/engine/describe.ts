/**
 * Says what the media libraries of this installation are, as one line of JSON on standard output. A program of its
 * own, so that `doctor` never loads the libraries into its process (design D2).
 */
import { Codec, getFFmpegInfo } from 'node-av/lib';

/** What `doctor` shows of the libraries. */
export interface LibraryDescription {
  readonly version: string;
  readonly configuration: string;
  /** `GPL version 3 or later` and the like, as the build reports it. */
  readonly license: string;
  /** Encoder names we use, and whether this build has them. */
  readonly encoders: Readonly<Record<string, boolean>>;
}

/** Encoders that plans may name (src/plan). */
const wantedEncoders = ['libx264', 'libx265', 'aac', 'libfdk_aac', 'mjpeg'] as const;

/** Reads the description from the loaded libraries. */
export function describeLibraries(): LibraryDescription {
  const info = getFFmpegInfo() as Readonly<Record<string, unknown>>;
  const configuration = String(info['configuration'] ?? '');
  return {
    version: String(info['version'] ?? 'unknown'),
    configuration,
    license: licenseOf(configuration),
    encoders: Object.fromEntries(
      wantedEncoders.map((name) => [name, Codec.findEncoderByName(name as never) !== null]),
    ),
  };
}

/** The licence follows from the configure switches (FFmpeg LICENSE.md). */
function licenseOf(configuration: string): string {
  if (configuration.includes('--enable-nonfree')) return 'not redistributable';
  const version = configuration.includes('--enable-version3') ? 3 : 2;
  return configuration.includes('--enable-gpl')
    ? `GPL version ${version} or later`
    : `LGPL version ${version} or later`;
}

if (process.argv[1] !== undefined && import.meta.url.endsWith('/engine/describe.js')) {
  process.stdout.write(`${JSON.stringify(describeLibraries())}\n`);
}
