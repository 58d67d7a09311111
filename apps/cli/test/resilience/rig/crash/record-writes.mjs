// node --import record-writes.mjs …: keeps a record of everything that is done to the files under TA_RECORD_DIR, in order, with
// what is asked to be on the disk, in the file TA_RECORD_TO. `globalThis.recordMark(n)` puts a mark into it.
// Each entry: a line of JSON, then as many bytes as its `bytes` says.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

const root = fs.realpathSync(process.env.TA_RECORD_DIR);
const out = fs.openSync(process.env.TA_RECORD_TO, 'w');
const original = { ...fs, promises: { ...fs.promises } };
/** Open files under the root: descriptor to the number of the file. */
const opened = new Map();
/** Files by path, as they are named now. */
const files = new Map();
let lastFile = 0;

const inside = (name) => {
  const full = path.resolve(String(name));
  return full === root || full.startsWith(root + path.sep) ? path.relative(root, full) || '.' : null;
};

function put(entry, data) {
  original.writeSync(out, `${JSON.stringify({ ...entry, bytes: data?.length ?? 0 })}\n`);
  if (data !== undefined) original.writeSync(out, data);
}

function fileAt(name) {
  if (!files.has(name)) files.set(name, { number: ++lastFile, isAnnounced: false });
  return files.get(name);
}

/** The number of a file that is there; a new one is noted as made. */
function known(name, isNew) {
  const file = fileAt(name);
  if (isNew || !file.isAnnounced) put({ what: isNew ? 'create' : 'find', path: name, file: file.number });
  file.isAnnounced = true;
  return file.number;
}

const isFolder = (name) => original.statSync(path.join(root, name), { throwIfNoEntry: false })?.isDirectory() === true;

fs.openSync = (name, flags, ...rest) => {
  const at = inside(name);
  if (at === null) return original.openSync(name, flags, ...rest);
  const wasThere = original.existsSync(name);
  const fd = original.openSync(name, flags, ...rest);
  if (isFolder(at)) opened.set(fd, at);
  else {
    const number = known(at, !wasThere);
    opened.set(fd, number);
    const truncates = typeof flags === 'number' ? (flags & fs.constants.O_TRUNC) !== 0 : /w/.test(flags);
    if (wasThere && truncates) put({ what: 'truncate', file: number, size: 0 });
  }
  return fd;
};
fs.closeSync = (fd) => (opened.delete(fd), original.closeSync(fd));
fs.writeSync = (fd, data, ...rest) => {
  const [offset = 0, length = data.length - offset, position = null] = rest;
  const at = opened.has(fd) ? (position ?? original.fstatSync(fd).size) : 0;
  const written = original.writeSync(fd, data, ...rest);
  if (opened.has(fd)) {
    const bytes =
      typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const part = typeof data === 'string' ? bytes : bytes.subarray(offset, offset + Math.min(length, written));
    put({ what: 'write', file: opened.get(fd), at }, part);
  }
  return written;
};
fs.ftruncateSync = (fd, size = 0) => {
  original.ftruncateSync(fd, size);
  if (opened.has(fd)) put({ what: 'truncate', file: opened.get(fd), size });
};
fs.truncateSync = (name, size = 0) => {
  original.truncateSync(name, size);
  const at = inside(name);
  if (at !== null) put({ what: 'truncate', file: known(at, false), size });
};
fs.fsyncSync = (fd) => {
  original.fsyncSync(fd);
  const file = opened.get(fd);
  if (file !== undefined) put(typeof file === 'number' ? { what: 'sync', file } : { what: 'syncFolder', path: file });
};
const writeFile = (name, data) => {
  const at = inside(name);
  if (at === null) return;
  const number = known(at, true);
  put({ what: 'truncate', file: number, size: 0 });
  if (data.length > 0) put({ what: 'write', file: number, at: 0 }, Buffer.from(data));
};
fs.writeFileSync = (name, data, ...rest) => (original.writeFileSync(name, data, ...rest), writeFile(name, data));
fs.promises.writeFile = async (name, data, ...rest) => {
  await original.promises.writeFile(name, data, ...rest);
  writeFile(name, data);
};
fs.cpSync = (from, to, options) => {
  original.cpSync(from, to, options);
  if (inside(to) === null) return;
  for (const entry of original.readdirSync(from, { recursive: true, withFileTypes: true })) {
    const name = path.join(to, path.relative(from, entry.parentPath), entry.name);
    if (!original.existsSync(name)) continue;
    if (entry.isDirectory()) put({ what: 'mkdir', path: inside(name) });
    else writeFile(name, original.readFileSync(name));
  }
};
fs.renameSync = (from, to) => {
  original.renameSync(from, to);
  const [a, b] = [inside(from), inside(to)];
  if (a === null) return;
  put({ what: 'rename', path: a, to: b });
  for (const [name, file] of [...files]) {
    if (name !== a && !name.startsWith(a + path.sep)) continue;
    files.delete(name);
    files.set(b + name.slice(a.length), file);
  }
};
const unlink = (name) => {
  const at = inside(name);
  if (at === null) return;
  put({ what: 'unlink', path: at });
  files.delete(at);
};
fs.unlinkSync = (name) => (original.unlinkSync(name), unlink(name));
fs.promises.rm = async (name, ...rest) => {
  await original.promises.rm(name, ...rest);
  unlink(name);
};
fs.mkdirSync = (name, ...rest) => {
  const at = inside(name);
  const wasThere = original.existsSync(name);
  const made = original.mkdirSync(name, ...rest);
  if (at !== null && !wasThere) put({ what: 'mkdir', path: at });
  return made;
};
fs.rmdirSync = (name, ...rest) => {
  original.rmdirSync(name, ...rest);
  const at = inside(name);
  if (at !== null) put({ what: 'rmdir', path: at });
};
fs.promises.open = async (name, ...rest) => {
  const handle = await original.promises.open(name, ...rest);
  const at = inside(name);
  if (at === null) return handle;
  const sync = handle.sync.bind(handle);
  handle.sync = async () => {
    await sync();
    put(isFolder(at) ? { what: 'syncFolder', path: at } : { what: 'sync', file: known(at, false) });
  };
  return handle;
};
globalThis.recordMark = (mark) => put({ what: 'mark', mark });
syncBuiltinESMExports();
