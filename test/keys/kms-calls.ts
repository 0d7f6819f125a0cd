/** Calls of a KMS that does not look at signatures, to prepare keys for tests. */

export interface KmsAnswer {
  readonly KeyMetadata?: { readonly KeyId: string };
  readonly CiphertextBlob?: string;
  readonly Plaintext?: string;
}

export async function callKms(endpoint: string, operation: string, body: object): Promise<KmsAnswer> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=00',
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`KMS ${operation}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as KmsAnswer;
}
