/**
 * The golden vectors of the session protocol: the same files that the Rust
 * side reads. A vector is one message, as bytes and as the JSON of Protocol
 * Buffers; here each must decode to that JSON and encode to those bytes.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { fromBinary, fromJson, toBinary, toJson, type JsonObject } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';

import { ToNodeSchema, ToViewerSchema } from '../src/wire/generated/causeway/session/v1/session_pb';

type Vector = { name: string; direction: 'to_node' | 'to_viewer'; hex: string; json: JsonObject };

const FOLDER = fileURLToPath(new URL('../../crates/wire/golden', import.meta.url));

function load(): Vector[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.flatMap((file) => {
    const content = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Vector | Vector[];
    return Array.isArray(content) ? content : [content];
  });
}

const vectors = load();

describe('golden vectors', () => {
  it.each(vectors)('$direction $name', ({ direction, hex, json }) => {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    const schema = direction === 'to_node' ? ToNodeSchema : ToViewerSchema;
    const written = fromJson(schema, json);
    // The JSON may or may not name a field that has its default value.
    expect(toJson(schema, fromBinary(schema, bytes))).toEqual(toJson(schema, written));
    // The entries of a map (a failure's details) have no order on the wire.
    const ordered = (encoded: Uint8Array): Uint8Array => ('failure' in json ? encoded.toSorted() : encoded);
    expect(ordered(toBinary(schema, written))).toEqual(ordered(bytes));
  });

  it('cover every message', () => {
    for (const [direction, schema] of [
      ['to_node', ToNodeSchema],
      ['to_viewer', ToViewerSchema],
    ] as const) {
      const bodies = schema.oneofs.flatMap((oneof) => oneof.fields.map((field) => field.jsonName));
      const covered = new Set(
        vectors
          .filter((vector) => vector.direction === direction)
          .flatMap(({ json }) => Object.keys(json as object)),
      );
      expect(bodies.filter((body) => !covered.has(body))).toEqual([]);
    }
  });
});
