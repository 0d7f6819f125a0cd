/** `s3://bucket/key` as the job writes it: the key is taken as it stands, nothing in it is decoded. */

/** The two halves of an S3 location. */
export interface S3Location {
  readonly bucket: string;
  /** '' when the location names the bucket itself. */
  readonly key: string;
}

/** Splits a location; null when it is no `s3://` location or has no bucket. */
export function parseS3Location(location: string): S3Location | null {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(location);
  const bucket = match?.[1];
  return bucket === undefined ? null : { bucket, key: match?.[2] ?? '' };
}
