/**
 * Reads job settings and remembers what was read (design D5): each planning step reads through this, and what is
 * present but unread at the end is refused by name (`unread-settings.ts`). A setting can be settled in three
 * ways: read (its value shapes the plan or is checked), declared to be without effect, or refused with a reason.
 */
import type { FindingLog } from './finding-log.ts';

/** Names of the members of `T` that hold a structure. */
type StructureKey<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends readonly unknown[]
    ? never
    : NonNullable<T[K]> extends object
      ? K
      : never;
}[keyof T] &
  string;

/** Names of the members of `T` that hold a list of structures. */
type ListKey<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends readonly (infer E)[] ? (E extends object ? K : never) : never;
}[keyof T] &
  string;

type ListElement<L> = NonNullable<L> extends readonly (infer E)[] ? (E extends object ? E : never) : never;

type MapValue<M> =
  NonNullable<M> extends Readonly<Record<string, infer V>> ? (V extends object ? V : never) : never;

/** What one planning run learned of the settings document. */
export interface SettingsTrace {
  /** Pointers that were read, declared or refused; a pointer covers everything below it. */
  readonly settled: Set<string>;
  /** Settings that changed nothing, with the reason. */
  readonly withoutEffect: Map<string, SettingWithoutEffect>;
}

/** Why a setting changed nothing. */
export interface SettingWithoutEffect {
  readonly reason: string;
  /**
   * Why: by its nature; because it acts only together with a feature that this release refuses; or because this release
   * does not do what it asks for, and leaves it out.
   */
  readonly kind: 'nature' | 'postponed' | 'left-out';
}

/** A view on one structure of the settings document. Absent structures have a view too: everything reads as absent. */
export interface SettingsReader<T extends object> {
  /** JSON pointer below `settings`, wire names. */
  readonly pointer: string;
  readonly isPresent: boolean;
  /** Pointer of a member. */
  at(key: keyof T & string): string;
  /** True when the member has a value; does not count as reading it. */
  has(key: keyof T & string): boolean;
  /** Reads a value, or a list of values. */
  read<K extends keyof T & string>(key: K): NonNullable<T[K]> | undefined;
  /** Reads a value that the job cannot be planned without; null, with a finding, when it is absent. */
  require<K extends keyof T & string>(key: K): NonNullable<T[K]> | null;
  child<K extends StructureKey<T>>(key: K): SettingsReader<NonNullable<T[K]>>;
  children<K extends ListKey<T>>(key: K): readonly SettingsReader<ListElement<T[K]>>[];
  entries<K extends StructureKey<T>>(key: K): ReadonlyMap<string, SettingsReader<MapValue<T[K]>>>;
  /**
   * Accepts the values whose behaviour this release has, and refuses every other value by name.
   * Returns true when the value was acceptable or absent.
   */
  accept<K extends keyof T & string>(key: K, values: readonly NonNullable<T[K]>[], reason: string): boolean;
  /** Refuses the member, whatever its value, when it is present. */
  refuse(key: keyof T & string, reason: string): void;
  /** Declares that the member changes nothing, and why; a notice is given unless its value is one of `usual`. */
  withoutEffect<K extends keyof T & string>(
    key: K,
    reason: string,
    usual?: readonly NonNullable<T[K]>[],
  ): void;
  /** The same for a member that acts only together with a feature that this release refuses. */
  postponed<K extends keyof T & string>(key: K, reason: string, usual?: readonly NonNullable<T[K]>[]): void;
  /** The same for a refinement that this release does not do, and without which the job is still worth running. */
  leftOut<K extends keyof T & string>(key: K, reason: string, usual?: readonly NonNullable<T[K]>[]): void;
  /** Declares a label: text for people, echoed by the API and used by nothing else. No notice. */
  label(key: keyof T & string): void;
}

/** Makes the view on a whole settings document. `null` members count as absent. */
export function readSettings<T extends object>(
  value: T | null | undefined,
  trace: SettingsTrace,
  findings: FindingLog,
  pointer = '',
): SettingsReader<T> {
  const members: Readonly<Record<string, unknown>> =
    value === null || value === undefined ? {} : { ...value };
  const at = (key: string): string => `${pointer}/${escapePointerToken(key)}`;
  const present = (key: string): boolean => members[key] !== undefined && members[key] !== null;
  const settle = (key: string): void => void trace.settled.add(at(key));

  const declare = (key: string, declared: SettingWithoutEffect, usual: readonly unknown[]): void => {
    if (!present(key)) return;
    settle(key);
    trace.withoutEffect.set(at(key), declared);
    if (usual.includes(members[key])) return;
    findings.notice(declared.kind === 'left-out' ? 'left-out' : 'no-effect', at(key), declared.reason);
  };

  return {
    pointer,
    isPresent: value !== null && value !== undefined,
    at,
    has: present,
    read<K extends keyof T & string>(key: K) {
      settle(key);
      return (present(key) ? members[key] : undefined) as NonNullable<T[K]> | undefined;
    },
    require<K extends keyof T & string>(key: K) {
      settle(key);
      if (present(key)) return members[key] as NonNullable<T[K]>;
      findings.incompatible(at(key), 'the setting is required here');
      return null;
    },
    child<K extends StructureKey<T>>(key: K) {
      return readSettings(members[key] as NonNullable<T[K]> | undefined, trace, findings, at(key));
    },
    children<K extends ListKey<T>>(key: K) {
      const list = (members[key] ?? []) as readonly ListElement<T[K]>[];
      return list.map((element, index) => readSettings(element, trace, findings, `${at(key)}/${index}`));
    },
    entries<K extends StructureKey<T>>(key: K) {
      const map = (members[key] ?? {}) as Readonly<Record<string, MapValue<T[K]>>>;
      return new Map(
        Object.entries(map).map(([name, entry]) => [
          name,
          readSettings(entry, trace, findings, `${at(key)}/${escapePointerToken(name)}`),
        ]),
      );
    },
    accept<K extends keyof T & string>(key: K, values: readonly NonNullable<T[K]>[], reason: string) {
      settle(key);
      if (!present(key) || values.includes(members[key] as NonNullable<T[K]>)) return true;
      findings.notSupported(at(key), members[key], reason);
      return false;
    },
    refuse(key, reason) {
      if (!present(key)) return;
      settle(key);
      findings.notSupported(at(key), members[key], reason);
    },
    withoutEffect<K extends keyof T & string>(
      key: K,
      reason: string,
      usual: readonly NonNullable<T[K]>[] = [],
    ) {
      declare(key, { reason, kind: 'nature' }, usual);
    },
    postponed<K extends keyof T & string>(key: K, reason: string, usual: readonly NonNullable<T[K]>[] = []) {
      declare(key, { reason, kind: 'postponed' }, usual);
    },
    leftOut<K extends keyof T & string>(key: K, reason: string, usual: readonly NonNullable<T[K]>[] = []) {
      declare(key, { reason, kind: 'left-out' }, usual);
    },
    label(key) {
      settle(key);
      const reason = 'a label for people: echoed by the API, used by nothing else';
      if (present(key)) trace.withoutEffect.set(at(key), { reason, kind: 'nature' });
    },
  };
}

/** RFC 6901 escaping of one reference token. */
export function escapePointerToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
