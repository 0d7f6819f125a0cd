/** Writes the manifests of a finished Smooth group: per presentation the client's first, which the server's names. */
import type { EngineObjects } from '../../engine/objects.ts';
import type { SmoothOutputGroup } from '../../plan/group-plan.ts';
import type { GroupKeys } from '../encryption/content-keys.ts';
import { manifestContentTypes, writeOptions } from '../object-options.ts';
import { relativeUri } from '../relative-uri.ts';
import { formatXml, type XmlElement } from '../xml.ts';
import { clientManifest, serverManifest } from './manifests.ts';
import { type MeasuredFile, smoothStreams } from './smooth-streams.ts';

/** Resolves with the locations of the server manifests, the group's own first. */
export async function writeSmoothManifests(
  group: SmoothOutputGroup,
  files: readonly MeasuredFile[],
  keys: GroupKeys | null,
  objects: EngineObjects,
): Promise<readonly string[]> {
  const { smooth, objectSettings } = group;
  const options = writeOptions(objectSettings, manifestContentTypes.smooth);
  const write = async (location: string, root: XmlElement): Promise<void> => {
    const object = objects.create(location, options);
    try {
      object.write(encoded(formatXml(root, smooth.encoding), smooth.encoding));
      await object.publish();
    } catch (error) {
      await object.abort();
      throw error;
    }
  };
  const headers = new Map(
    (keys?.keys ?? []).flatMap(({ protectionHeaders }) =>
      protectionHeaders.map((header) => [header.data, header] as const),
    ),
  );
  const locations: string[] = [];
  for (const { location, clientLocation, outputIndexes } of [
    { ...smooth, outputIndexes: null },
    ...smooth.additional,
  ]) {
    const chosen = files.filter(
      ({ output }) => outputIndexes === null || outputIndexes.includes(output.outputIndex),
    );
    const streams = smoothStreams(chosen);
    await write(clientLocation, clientManifest(streams, [...headers.values()]));
    const uriOf = (target: string): string => relativeUri(location, target);
    await write(location, serverManifest(streams, uriOf(clientLocation), uriOf));
    locations.push(location);
  }
  return locations;
}

/** UTF-16 begins with a mark of its byte order (spec packaging.md 11); UTF-8 needs none. */
function encoded(text: string, encoding: SmoothOutputGroup['smooth']['encoding']): Buffer {
  return encoding === 'UTF-8' ? Buffer.from(text) : Buffer.from(`\ufeff${text}`, 'utf16le');
}
