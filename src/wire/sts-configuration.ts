import type { StsSettings } from '../identity/sts.ts';
import { baseUrl, number, objectMembers, type Reader } from './configuration-readers.ts';

/** Reads `sts`: an endpoint, AWS's own without; sessions last an hour unless told otherwise (STS: 900 s to 12 h). */
export const sts: Reader<StsSettings> = (value, pointer, problems) => {
  const { endpoint = null, sessionSeconds = 3600 } = objectMembers(
    value,
    pointer,
    { endpoint: baseUrl, sessionSeconds: number(900, 43_200) },
    problems,
  );
  return { endpoint, sessionSeconds };
};
