/**
 * What jobs are found by: keys made of the settings when a job is stored, and of the filters when one is sought.
 * - `t:abc`: three letters in a row of an input's file name, lower case. A part of a name is in the name only when
 *   all its threes are, so the index finds few candidates, and the text itself decides;
 * - `u:…`: a digest of an input's whole URL;
 * - `a:AAC`, `v:H_264`: audio and video codecs of the outputs;
 * - `e:2026-11-01`: the job engine version asked for.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from './job-repository.ts';
import { toStorable } from './storable-text.ts';

/** What of a job is searched. */
export interface SearchedJob {
  /** Settings as stored: templates and presets merged. */
  readonly settings: JsonObject;
  readonly jobEngineVersionRequested: string | null;
}

/** The search row of a job. */
export interface SearchKeys {
  /** URLs of the inputs as written, one a line. */
  readonly inputUrls: string;
  /** Their file names in lower case, one a line. */
  readonly inputNames: string;
  readonly keys: readonly string[];
}

/** The search row of a job. */
export function searchKeysOf({ settings, jobEngineVersionRequested }: SearchedJob): SearchKeys {
  const urls = [...new Set(elements(settings['inputs']).flatMap((input) => texts(input, 'fileInput')))];
  const outputs = elements(settings['outputGroups']).flatMap((group) => elements(member(group, 'outputs')));
  const keys = new Set<string>();
  for (const url of urls) {
    keys.add(urlKey(url));
    for (const key of partKeys(fileNameOf(url))) keys.add(key);
  }
  for (const output of outputs) {
    const audios = elements(member(output, 'audioDescriptions'));
    for (const codec of audios.flatMap(codecsOf)) keys.add(audioCodecKey(codec));
    for (const codec of codecsOf(member(output, 'videoDescription'))) keys.add(videoCodecKey(codec));
  }
  if (jobEngineVersionRequested !== null) keys.add(engineVersionKey(jobEngineVersionRequested));
  return {
    inputUrls: urls.join('\n'),
    inputNames: urls.map((url) => fileNameOf(url).toLowerCase()).join('\n'),
    keys: [...keys],
  };
}

/** Key of a whole URL. A digest, because index entries are short and URLs are not. */
export function urlKey(url: string): string {
  return `u:${createHash('md5').update(url).digest('base64url')}`;
}

/** Keys that every name has that contains `part`; none for parts shorter than three characters. */
export function partKeys(part: string): readonly string[] {
  const letters = [...part.toLowerCase()];
  return [...new Set(letters.slice(2).map((_, index) => `t:${letters.slice(index, index + 3).join('')}`))];
}

/** Key of an audio codec, as `audioCodec` filters name it. */
export function audioCodecKey(codec: string): string {
  return `a:${codec}`;
}

/** Key of a video codec, as `videoCodec` filters name it. */
export function videoCodecKey(codec: string): string {
  return `v:${codec}`;
}

/** Key of the job engine version asked for. */
export function engineVersionKey(version: string): string {
  return `e:${version}`;
}

/** What follows the last slash; of web addresses without the query. */
export function fileNameOf(url: string): string {
  const path = /^https?:/i.test(url) ? url.replace(/\?.*$/s, '') : url;
  return path.slice(path.lastIndexOf('/') + 1);
}

function codecsOf(description: unknown): readonly string[] {
  return texts(member(description, 'codecSettings'), 'codec');
}

function texts(value: unknown, name: string): readonly string[] {
  const text = member(value, name);
  return typeof text === 'string' ? [toStorable(text)] : [];
}

function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
