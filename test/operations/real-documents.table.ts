/** Documents of the collection that a server refuses: what the answer says, and why the service would say it too. */
export const refusals: Readonly<Record<string, readonly [answer: string, reason: string]>> = {
  'amplify-video-01': ['nameModifier is a required property', 'documented: several outputs need modifiers'],
  'amplify-video-02': ['Should have at least 1 items', 'the program adds the outputs when it runs'],
  'amplify-video-04': ['nameModifier is a required property', 'documented: several outputs need modifiers'],
  'amplify-video-06': ['nameModifier is a required property', 'documented: several outputs need modifiers'],
  'cbs-orchestrator-01': ['destinationSettings: Should be an object', 'a value of program code'],
  'cbs-orchestrator-02': ['inputs is a required property', 'a unit test of a program, without input'],
  'cbs-orchestrator-03': ['Should be an object', 'a value of program code'],
  'cbs-orchestrator-08': [
    'aacSettings',
    'observed: AAC LC stereo at 48 kHz takes 64000 bits per second and more',
  ],
  'ets-migrate-02': ['BadRequestException', 'a fragment of program code: values are expressions'],
  'ets-migrate-03': ['BadRequestException', 'a fragment of program code: values are expressions'],
  'meema-laravel-02': [
    'fileInput is a required property',
    'a configuration file of a program, without input',
  ],
  'ocw-studio-01': [
    'fileInput is a required property',
    'the program adds input and destination when it runs',
  ],
  'odl-video-01': ['fileInput is a required property', 'the program adds input and destination when it runs'],
  'replay-engine-01': ['inputClippings/0/', 'the program writes the timecodes when it runs'],
  'sdk-examples-01': [
    'fileInput: Should match the pattern',
    'the input is a placeholder: a bucket without a key',
  ],
  'sdk-examples-02': ['fileInput is a required property', 'an example without input'],
  'tams-tools-02': ['outputs: Should be a list', 'a fragment of program code: values are expressions'],
  'video-summary-01': [
    'inputClippings: Should be a list',
    'a fragment of program code: values are expressions',
  ],
  'vod-on-aws-02': ['inputs is a required property', 'a fragment: the program adds inputs and outputs'],
  'yz-hls-01': ['codingMode is a required property', 'observed: the service refuses AAC without coding mode'],
  'yz-hls-02': ['staticKeyValue: Should match the pattern', 'the key is a placeholder'],
};
