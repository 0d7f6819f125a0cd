/**
 * Library filters that mix a sample with those above and below it, and how they are kept inside of one field (what each
 * looks at is our reading of its documentation). `pictures`: each field is a picture of its own. `halves`: the filter
 * looks at the pictures before as well, so both fields stay in one picture, one above the other.
 */
export const fieldFilters: Readonly<Record<string, 'pictures' | 'halves'>> = {
  avgblur: 'pictures',
  bilateral: 'pictures',
  convolution: 'pictures',
  deblock: 'pictures',
  fftdnoiz: 'pictures',
  gblur: 'pictures',
  nlmeans: 'pictures',
  removegrain: 'pictures',
  unsharp: 'pictures',
  vaguedenoiser: 'pictures',
  hqdn3d: 'halves',
};
