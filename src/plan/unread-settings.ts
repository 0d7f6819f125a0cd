/** The end of planning: whatever is present but was not read is refused by name, never ignored (design D5). */
import type { FindingLog } from './finding-log.ts';
import { escapePointerToken, type SettingsTrace } from './settings-reader.ts';

/** Adds one error finding for each topmost part of the document of which nothing was read. */
export function refuseUnreadSettings(settings: object, trace: SettingsTrace, findings: FindingLog): void {
  for (const { pointer, value } of unreadParts(settings, '', trace.settled).parts) {
    findings.notSupported(pointer, value, 'this release does not have the feature');
  }
}

interface Unread {
  /** True when nothing at or below the place was read and something is there. */
  readonly whole: boolean;
  readonly parts: readonly { readonly pointer: string; readonly value: unknown }[];
}

const nothingUnread: Unread = { whole: false, parts: [] };

function unreadParts(value: unknown, pointer: string, settled: ReadonlySet<string>): Unread {
  if (value === undefined || value === null || settled.has(pointer)) return nothingUnread;
  if (typeof value !== 'object') return { whole: true, parts: [{ pointer, value }] };
  const members = Object.entries(value).map(([key, member]) =>
    unreadParts(member, `${pointer}/${escapePointerToken(key)}`, settled),
  );
  const whole = pointer !== '' && members.length > 0 && members.every((member) => member.whole);
  return whole
    ? { whole, parts: [{ pointer, value }] }
    : { whole, parts: members.flatMap((member) => member.parts) };
}
