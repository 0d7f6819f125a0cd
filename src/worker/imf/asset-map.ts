/** Asset maps and packing lists of IMF packages (SMPTE ST 429-9, ST 2067-2): which object is which asset. Pure. */
import {
  childOf,
  childrenOf,
  identifierOf,
  type PackageElement,
  PackageError,
  parsePackageXml,
  textOf,
} from './package-xml.ts';

/** An asset as its map has it. */
export interface MappedAsset {
  readonly id: string;
  /** Relative to the asset map: a URI reference. */
  readonly path: string;
  readonly isPackingList: boolean;
}

/** Reads an asset map. Throws PackageError. */
export function readAssetMap(bytes: Uint8Array): readonly MappedAsset[] {
  const list = listOf(rootOf(bytes, 'AssetMap'), 'AssetList');
  return childrenOf(list, 'Asset').map((asset) => {
    const id = identifierOf(asset);
    const packingList = textOf(asset, 'PackingList');
    return { id, path: pathOf(asset, id), isPackingList: packingList === 'true' || packingList === '1' };
  });
}

/** Sizes of a package's assets by identifier, from its packing list. Throws PackageError. */
export function readPackingList(bytes: Uint8Array): ReadonlyMap<string, number> {
  const list = listOf(rootOf(bytes, 'PackingList'), 'AssetList');
  return new Map(
    childrenOf(list, 'Asset').map((asset) => {
      const id = identifierOf(asset);
      const size = textOf(asset, 'Size') ?? '';
      if (!/^\d{1,15}$/.test(size)) throw new PackageError(`Asset ${id} has no Size.`);
      return [id, Number(size)];
    }),
  );
}

function rootOf(bytes: Uint8Array, name: string): PackageElement {
  const root = parsePackageXml(bytes);
  if (root.name !== name) throw new PackageError(`It begins with ${root.name}, not with ${name}.`);
  return root;
}

function listOf(root: PackageElement, name: string): PackageElement {
  const list = childOf(root, name);
  if (list === null) throw new PackageError(`${root.name} has no ${name}.`);
  return list;
}

/** Track files of IMF lie in one piece, in the package itself (ST 2067-2 6). */
function pathOf(asset: PackageElement, id: string): string {
  const [chunk, ...more] = childrenOf(childOf(asset, 'ChunkList') ?? asset, 'Chunk');
  const path = chunk === undefined ? null : textOf(chunk, 'Path');
  if (path === null) throw new PackageError(`Asset ${id} has no Path.`);
  if (more.length > 0) throw new PackageError(`Asset ${id} is split into ${more.length + 1} chunks.`);
  if (/^[a-z][a-z0-9+.-]*:/i.test(path) || path.startsWith('/'))
    throw new PackageError(`The path of asset ${id} is '${path}', and must be relative to the asset map.`);
  try {
    decodeURIComponent(path);
    return path;
  } catch {
    throw new PackageError(`The path of asset ${id} is '${path}', which is no URI.`);
  }
}
