/** Text values seen so far, each with a small integer code. Values are looked up by their bytes and decoded only once. */
export class TextDictionary {
  readonly labels: string[] = [];
  private readonly wires: Buffer[] = [];
  private slots = new Int32Array(64);
  private lastCode = -1;

  /** The code of the UTF-8 text at `bytes[from…from+length)`. */
  codeOf(bytes: Buffer, from: number, length: number): number {
    // columns are often constant over long runs
    if (this.lastCode >= 0 && isSame(this.wires[this.lastCode], bytes, from, length)) return this.lastCode;
    const mask = this.slots.length - 1;
    let slot = hashOf(bytes, from, length) & mask;
    for (let code = this.slots[slot] - 1; code >= 0; code = this.slots[slot] - 1) {
      if (isSame(this.wires[code], bytes, from, length)) return (this.lastCode = code);
      slot = (slot + 1) & mask;
    }
    return (this.lastCode = this.add(Buffer.from(bytes.subarray(from, from + length)), slot));
  }

  private add(wire: Buffer, slot: number): number {
    const code = this.labels.push(wire.toString('utf8')) - 1;
    this.wires.push(wire);
    this.slots[slot] = code + 1;
    if (this.labels.length * 2 > this.slots.length) this.grow();
    return code;
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    this.wires.forEach((wire, code) => {
      let slot = hashOf(wire, 0, wire.length) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = code + 1;
    });
    this.slots = slots;
  }
}

/** FNV-1a, folded so that the low bits depend on all of it. */
function hashOf(bytes: Buffer, from: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < from + length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash ^ (hash >>> 15);
}

function isSame(wire: Buffer, bytes: Buffer, from: number, length: number): boolean {
  if (wire.length !== length) return false;
  for (let i = 0; i < length; i++) if (wire[i] !== bytes[from + i]) return false;
  return true;
}
