/** The middle value. */
export function median(values: readonly number[]): number;
