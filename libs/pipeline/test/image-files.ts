import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { EmscriptenBuiltinFilesystem } from '@electric-sql/pglite/basefs';

interface ImageFile {
  readonly path: string;
  /** null: a folder */
  readonly bytes: Uint8Array | null;
}

/** Where PostgreSQL looks for its files. */
const DATA = '/pglite/data';

/** Blocks of a tar archive. */
const BLOCK = 512;

/** Each start in memory writes zeros to all of the cache; the databases of tests are small, and what lies outside of it lies in memory too. */
const SMALL_CACHE = ['-c', 'shared_buffers=4MB'];

const unpacked = new WeakMap<Blob, Promise<ImageFile[]>>();

/**
 * A database in memory that begins as an image, as with `loadDataDir`, for half of its processor time: the archive is read
 * once for all databases, and files are put where they belong in one copy each.
 */
export async function openCopy(create: (options: PGliteOptions) => Promise<PGlite>, image: Blob): Promise<PGlite> {
  const files = unpacked.get(image) ?? image.arrayBuffer().then((archive) => filesOf(new Uint8Array(archive)));
  unpacked.set(image, files);
  return create({ fs: new ImageFiles(await files), startParams: [...PGlite.defaultStartParams, ...SMALL_CACHE] });
}

/** PGlite's file system in memory, filled at the start. */
class ImageFiles extends EmscriptenBuiltinFilesystem {
  private readonly files: readonly ImageFile[];

  constructor(files: readonly ImageFile[]) {
    super();
    this.files = files;
  }

  private get memory() {
    return (this.pg as PGlite).Module.FS;
  }

  override async initialSyncFs(): Promise<void> {
    const { memory } = this;
    memory.mkdirTree(DATA, 0o700);
    for (const { path, bytes } of this.files) {
      if (bytes === null) memory.mkdir(DATA + path, 0o700);
      else memory.writeFile(DATA + path, bytes.slice(), { mode: 0o600, canOwn: true });
    }
  }

  override async closeFs(): Promise<void> {
    this.memory.quit();
  }
}

/** The content of an archive that PGlite wrote. */
function filesOf(archive: Uint8Array): ImageFile[] {
  const files: ImageFile[] = [];
  const text = (at: number, length: number) => {
    const bytes = archive.subarray(at, at + length);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  };
  for (let at = 0; at < archive.length && archive[at] !== 0;) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const isFolder = text(at + 156, 1) === '5';
    const from = at + BLOCK;
    files.push({ path: text(at, 100), bytes: isFolder ? null : archive.subarray(from, from + size) });
    at = from + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
