/**
 * Who may import whom (docs/architecture.md, "Layers"). Life of a request, top to bottom: imports point down, or
 * to `contract`, `catalogue`, `exact-time`, `language-codes`, `timecode` and `xml-elements`. Each rule forbids what its comment says.
 */
const only = (name, allowed) => ({
  name: `${name}-imports`,
  severity: 'error',
  comment: `${name} may import only itself and: ${allowed.join(', ')}`,
  from: { path: `^src/${name}/` },
  to: {
    path: '^src/',
    pathNot: [
      `^src/${name}/`,
      '^src/(exact-time|language-codes|timecode|xml-elements)\\.ts$',
      ...allowed.map((folder) => `^src/${folder}`),
    ],
  },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'circular imports hide who owns what',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('contract', ['catalogue/finding\\.ts', 'catalogue/codes\\.ts']),
    only('catalogue', ['contract/types\\.generated\\.ts']),
    // What signals are, as bytes and as times: no settings, no media, no files.
    only('signals', []),
    only('plan', ['contract/', 'catalogue/', 'signals/']),
    only('store', ['catalogue/']),
    only('package', [
      'catalogue/',
      'signals/',
      'plan/(plan|facts|loudness-plan|group-plan|file-plan|streaming-plan|encryption-plan|signal-plan)\\.ts',
      'engine/(objects|output-writer|protocol|transport/(packetizer|data-streams))\\.ts',
      'store/store\\.ts',
    ]),
    only('engine', [
      'catalogue/',
      'signals/',
      'plan/(plan|plan-luts|channel-mix|composition|picture-plan|rate-plan|facts|loudness-plan|group-plan|file-plan|streaming-plan|encryption-plan|signal-plan)\\.ts',
      'package/',
      'captions/',
      'store/',
    ]),
    only('verify', [
      'catalogue/',
      'plan/(plan|picture-plan|facts|loudness-plan|group-plan|file-plan|streaming-plan|encryption-plan|signal-plan)\\.ts',
      'engine/protocol\\.ts',
    ]),
    only('events', [
      'catalogue/',
      'contract/',
      'plan/(plan|facts|source-locations|loudness-plan|group-plan|file-plan|streaming-plan|encryption-plan|signal-plan)\\.ts',
      'engine/protocol\\.ts',
      'worker/observer\\.ts',
    ]),
    only('database', ['catalogue/', 'contract/', 'events/']),
    only('queue', ['catalogue/', 'contract/', 'database/', 'events/']),
    only('identity', ['catalogue/', 'contract/']),
    // The only client of key servers; what it finds goes to the engine in the run's message.
    only('keys', [
      'catalogue/',
      'plan/(plan|group-plan|encryption-plan)\\.ts',
      'package/(xml|encryption/content-keys)\\.ts',
      'store/http-address\\.ts',
    ]),
    only('worker', [
      'keys/',
      'package/encryption/content-keys\\.ts',
      'catalogue/',
      'contract/',
      'plan/',
      'store/',
      'verify/',
      'identity/',
      'engine/(protocol|object-channel|channel-protocol)\\.ts',
    ]),
    only('operations', ['catalogue/', 'contract/', 'plan/', 'queue/', 'database/', 'events/', 'identity/']),
    only('wire', ['catalogue/', 'contract/', 'operations/', 'identity/', 'database/']),
    {
      name: 'libraries-only-in-the-engine-child',
      severity: 'error',
      comment: 'native media libraries are loaded only by engine and package code (design D2)',
      from: { pathNot: '^src/(engine|package)/' },
      to: { path: 'node-av' },
    },
    {
      name: 'no-test-code-in-src',
      severity: 'error',
      comment: 'sources do not import tests, benches or scripts',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'dist/' },
  },
};
