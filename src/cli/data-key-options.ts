/** Where keys of encrypted inputs come from, as the options of a command say it. */
import { createDataKeys, type DataKeys, readKeyFile } from '../keys/data-keys.ts';
import { UsageError } from './options.ts';

const timeoutMs = 10_000;
/** Three tries within about three seconds. */
const retryDelaysMs = [500, 2000];

/** Opens the sources. Throws UsageError for a file that is none of keys, and for an endpoint that is no URL. */
export async function openDataKeys(
  options: { readonly decryptionKeys?: string; readonly kmsEndpoint?: string },
  region: string,
): Promise<DataKeys> {
  const { decryptionKeys, kmsEndpoint } = options;
  const known =
    decryptionKeys === undefined
      ? new Map<string, Buffer>()
      : await readKeyFile(decryptionKeys).catch((error: Error) => {
          throw new UsageError(error.message);
        });
  if (kmsEndpoint === undefined) return createDataKeys({ known, kms: null });
  if (kmsEndpoint !== 'aws' && !/^https?:$/.test(protocolOf(kmsEndpoint)))
    throw new UsageError(`--kms-endpoint takes an http(s) URL or aws, not '${kmsEndpoint}'`);
  const endpoint = kmsEndpoint === 'aws' ? null : kmsEndpoint;
  return createDataKeys({
    known,
    kms: { endpoint, region, credentials: deploymentCredentials(region), timeoutMs, retryDelaysMs },
  });
}

function protocolOf(text: string): string {
  try {
    return new URL(text).protocol;
  } catch {
    return '';
  }
}

/** As the SDK finds them: environment, files, instance. */
function deploymentCredentials(region: string) {
  // The SDK costs a tenth of a second to load; most jobs never ask KMS.
  return async () => {
    const { STSClient } = await import('@aws-sdk/client-sts');
    const client = new STSClient({ region });
    try {
      return await client.config.credentials();
    } finally {
      client.destroy();
    }
  };
}
