/**
 * Documents people really use whose streaming groups are refused, with the code and what the refusal says. All others run to
 * their end. Many are fragments that programs fill in before they send them: members are missing, or hold a placeholder.
 */
export const streamingExceptions: Readonly<
  Record<string, { readonly code: 400 | 1040; readonly because: string }>
> = {
  'mc-tools-01': { code: 400, because: 'outputs is a required property' },
  'mc-tools-02': { code: 1040, because: 'automatedEncodingSettings' },
  'video-summary-01': { code: 400, because: 'inputClippings: Should be a list' },
  'vod-on-aws-17': { code: 400, because: 'outputGroups: Should have at least 1 items' },
  'yz-hls-01': { code: 400, because: 'codingMode is a required property' },
  'yz-hls-02': { code: 400, because: 'staticKeyValue: Should match the pattern' },
  'sdk-examples-01': { code: 400, because: 'Codec: Is not an allowed property' },
  'sdk-examples-02': { code: 400, because: 'destination is a required property' },
  'amplify-video-01': { code: 400, because: 'nameModifier is a required property' },
  'amplify-video-02': { code: 400, because: 'outputs: Should have at least 1 items' },
  'amplify-video-04': { code: 400, because: 'nameModifier is a required property' },
  'amplify-video-05': { code: 400, because: 'destination is a required property' },
  'amplify-video-06': { code: 400, because: 'nameModifier is a required property' },
  'replay-engine-01': { code: 400, because: 'endTimecode: Should match the pattern' },
  'cbs-orchestrator-01': { code: 400, because: 'destinationSettings: Should be an object' },
  'cbs-orchestrator-03': { code: 400, because: 'Audio Selector 1: Should be an object' },
  'cbs-orchestrator-05': { code: 1040, because: 'no preset of this name was found' },
  'meema-laravel-02': { code: 400, because: 'nameModifier is a required property' },
  'ocw-studio-01': { code: 400, because: 'parNumerator is a required property' },
  'odl-video-01': { code: 400, because: 'manifestNameModifier is a required property' },
  'active-encode-04': { code: 1040, because: 'Invalid selector_sequence_id [0]' },
  'xjiaqing-01': { code: 400, because: 'type is a required property' },
  'xjiaqing-05': { code: 400, because: 'externalAudioFileInput: Should match the pattern' },
};
