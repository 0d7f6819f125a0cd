/**
 * Where settings name files that a job reads, and what an input policy says about them (spec iam-and-policy.md 5).
 */
import type { Policy } from './types.generated.ts';

/** An input policy with all its members. */
export type InputPolicy = { readonly [Member in keyof Policy]-?: NonNullable<Policy[Member]> };

/** What holds without a policy. */
export const everythingAllowed: InputPolicy = {
  httpInputs: 'ALLOWED',
  httpsInputs: 'ALLOWED',
  s3Inputs: 'ALLOWED',
};

/**
 * Members of the model that hold the location of a file to read. Every other member whose pattern admits `s3://` is a
 * destination; a test compares this list with the model.
 */
export const inputLocationMembers: ReadonlySet<string> = new Set([
  'fileInput',
  'supplementalImps',
  'dolbyVisionMetadataXml',
  'externalAudioFileInput',
  'sourceFile',
  'imageInserterInput',
  'imageInput',
  'availBlankingImage',
  // Of `motionImageInserter`; the members of that name elsewhere are objects.
  'input',
  'adiFilename',
  'fontFileBold',
  'fontFileBoldItalic',
  'fontFileItalic',
  'fontFileRegular',
]);

/** One location with its place in the settings. */
export interface InputLocation {
  /** JSON pointer below the settings. */
  readonly pointer: string;
  readonly url: string;
}

/** Every location of a file to read in a settings document, in document order. */
export function inputLocationsOf(settings: unknown): readonly InputLocation[] {
  if (typeof settings !== 'object' || settings === null) return [];
  return Object.entries(settings).flatMap(([name, value]) => {
    const isLocation = inputLocationMembers.has(name);
    return locationsBelow(value, isLocation).map(({ pointer, url }) => ({
      pointer: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}${pointer}`,
      url,
    }));
  });
}

function locationsBelow(value: unknown, isLocation: boolean): readonly InputLocation[] {
  if (typeof value === 'string') return isLocation ? [{ pointer: '', url: value }] : [];
  if (!Array.isArray(value)) return inputLocationsOf(value);
  return value.flatMap((item: unknown, index) =>
    locationsBelow(item, isLocation).map(({ pointer, url }) => ({ pointer: `/${index}${pointer}`, url })),
  );
}

/** True when the policy allows reading from this location; locations of other schemes are not its business. */
export function allowsInput(policy: InputPolicy, url: string): boolean {
  const [, scheme = ''] = /^([a-z0-9]+):/i.exec(url) ?? [];
  switch (scheme.toLowerCase()) {
    case 's3':
      return policy.s3Inputs === 'ALLOWED';
    case 'http':
      return policy.httpInputs === 'ALLOWED';
    case 'https':
      return policy.httpsInputs === 'ALLOWED';
    default:
      return true;
  }
}
