/** Reads an MPD for verification: the names it stands for. Shares nothing with the writer. */

/** The objects that the representations of an MPD name, in order, and the time the whole lasts. */
export interface ReadMpd {
  readonly uris: readonly string[];
  readonly durationSeconds: number;
}

/** Null for a text that is no static MPD. */
export function readMpd(body: Uint8Array): ReadMpd | null {
  const text = Buffer.from(body).toString('utf8');
  const root = /<MPD\s[^>]*>/.exec(text)?.[0];
  if (root === undefined || attribute(root, 'type') !== 'static' || !text.trimEnd().endsWith('</MPD>'))
    return null;
  const durationSeconds = seconds(attribute(root, 'mediaPresentationDuration') ?? '');
  const base = /<MPD[^>]*>\s*<BaseURL>([^<]*)</.exec(text)?.[1] ?? '';
  const uris = [...text.matchAll(/<AdaptationSet\s[\s\S]*?<\/AdaptationSet>/g)].flatMap(([set]) =>
    urisOfSet(set, durationSeconds),
  );
  return { uris: uris.map((uri) => unescaped(base) + uri), durationSeconds };
}

function urisOfSet(set: string, durationSeconds: number): string[] {
  const shared = set.slice(0, set.indexOf('<Representation'));
  const inherited = timesOf(shared);
  return [...set.matchAll(/<Representation\s[\s\S]*?<\/Representation>/g)].flatMap(([text]) => {
    const single = /<BaseURL>([^<]*)<\/BaseURL>/.exec(text)?.[1];
    if (single !== undefined) return [unescaped(single)];
    const own = /<SegmentTemplate\s[^>]*>/.exec(text.slice(text.indexOf('>') + 1))?.[0];
    const template = own ?? /<SegmentTemplate\s[^>]*>/.exec(shared)?.[0] ?? '';
    const times = timesOf(text) ?? inherited ?? timesOfDuration(template, durationSeconds);
    const media = unescaped(attribute(template, 'media') ?? '');
    const initialization = attribute(template, 'initialization');
    const first = initialization === undefined ? [] : [filled(unescaped(initialization), 0, 0)];
    return [...first, ...times.map((time, index) => filled(media, index + 1, time))];
  });
}

/** Start times of a timeline; null without one. */
function timesOf(text: string): number[] | null {
  const timeline = /<SegmentTimeline>([\s\S]*?)<\/SegmentTimeline>/.exec(text)?.[1];
  if (timeline === undefined) return null;
  const times: number[] = [];
  let next = 0;
  for (const [entry] of timeline.matchAll(/<S\s[^>]*>/g)) {
    next = Number(attribute(entry, 't') ?? next);
    for (let n = 0; n <= Number(attribute(entry, 'r') ?? 0); n += 1) {
      times.push(next);
      next += Number(attribute(entry, 'd'));
    }
  }
  return times;
}

/** As many as a player asks for: the last one begins before the end. */
function timesOfDuration(template: string, durationSeconds: number): number[] {
  const duration = Number(attribute(template, 'duration'));
  const timescale = Number(attribute(template, 'timescale') ?? 1);
  const count = Math.max(1, Math.ceil((durationSeconds * timescale) / duration - 1e-6));
  return Array.from({ length: count }, (_, index) => index * duration);
}

function filled(media: string, number: number, time: number): string {
  return media.replace(
    /\$(?:\$|(Number|Time)(?:%0(\d+)d)?\$)/g,
    (_, name: string | undefined, digits: string | undefined) =>
      name === undefined ? '$' : String(name === 'Number' ? number : time).padStart(Number(digits ?? 1), '0'),
  );
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
}

function seconds(duration: string): number {
  const [, hours = '0', minutes = '0', rest = '0'] =
    /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(duration) ?? [];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
