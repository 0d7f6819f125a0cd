/** Job ids: `{epochMillis}-{6 × [a-z0-9]}` (spec api.md 4); they sort by creation time. */
import { randomInt } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A new id for a job created at that instant. */
export function createJobId(nowMs: number): string {
  const suffix = Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return `${nowMs}-${suffix}`;
}

/** True for texts that can be a job's id. */
export function isJobId(text: string): boolean {
  return /^\d{1,15}-[a-z0-9]{6}$/.test(text);
}
