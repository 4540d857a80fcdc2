/** An object while it is written: what was read, what became of it, what the server said. */

import { ApiError, asSentence, sentenceOf, type FieldProblem } from '../../api/problem';
import * as api from '../api/client';
import { namesOf, titleOf } from '../api/kinds';
import type { ObjectOf, WrittenKind } from '../api/objects';
import { at, onTop, same } from '../core/diff';
import { withoutKept } from '../core/secrets';
import { remember } from '../names.svelte';
import type { FormAround } from './form-context';

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}

/** How a kind's document is made: empty, and from an object that was read. */
export type Shape<Object, Spec> = {
  blank: () => Spec;
  specOf: (object: Object) => Spec;
  /** What a copy is called; it must not be called like the original. */
  renamed: (spec: Spec) => Spec;
  /** Fields that an object cannot be without. */
  required: readonly (keyof Spec & string)[];
};

type Conflict<Spec> = { before: Spec; mine: Spec; theirs: Spec; version: number };

export class ObjectForm<K extends WrittenKind, Spec extends object> implements FormAround {
  draft: Spec;
  object = $state.raw<ObjectOf[K]>();
  status = $state<'loading' | 'ready' | 'failed'>('loading');
  problem = $state('');
  saving = $state(false);
  errors = $state.raw<readonly FieldProblem[]>([]);
  warnings = $state.raw<readonly { field: string; message: string }[]>([]);
  /** Somebody else wrote it since it was read. */
  conflict = $state.raw<Conflict<Spec>>();
  /** Names of secrets that a copy does not have. */
  uncopied = $state.raw<string[]>([]);

  #before = $state.raw<Spec>();
  /** What the server or this form would not take. */
  #sent = $state.raw<Spec>();

  constructor(
    readonly kind: K,
    private readonly shape: Shape<ObjectOf[K], Spec>,
  ) {
    this.draft = $state(shape.blank());
    this.#before = shape.blank();
  }

  get isNew(): boolean {
    return this.object === undefined;
  }

  get dirty(): boolean {
    return this.status === 'ready' && !same($state.snapshot(this.draft), this.#before);
  }

  get title(): string {
    return this.object ? titleOf(this.kind, this.object) : `New ${namesOf(this.kind).one}`;
  }

  /** Begins a new object, with some of its fields. */
  begin(fields: Partial<Spec>): void {
    this.draft = { ...this.shape.blank(), ...fields };
    this.status = 'ready';
  }

  /** Begins a copy of another object. */
  async copy(id: string): Promise<void> {
    await this.#reading(async () => {
      const spec = this.shape.specOf(await api.find(this.kind, id));
      const { document, left } = withoutKept(this.shape.renamed(spec));
      this.uncopied = left;
      this.draft = document;
      this.status = 'ready';
    });
  }

  async load(id: string): Promise<void> {
    await this.#reading(async () => this.#take(await api.find(this.kind, id)));
  }

  /** Back to what was read. */
  discard(): void {
    this.errors = [];
    this.problem = '';
    this.draft = structuredClone(this.#before ?? this.shape.blank());
  }

  /** Writes it; tells whether it is written. `version` undefined writes over whatever is there. */
  async save(version = this.object?.version): Promise<boolean> {
    if (this.saving) return false;
    const spec = $state.snapshot(this.draft) as Spec;
    const empty = this.shape.required.filter((field) => isEmpty(spec[field]));
    if (empty.length > 0) {
      this.#tell(empty.map((field) => ({ field, code: 'required', message: 'this is needed' })));
      return false;
    }
    this.saving = true;
    this.errors = [];
    this.problem = '';
    try {
      const written = this.object
        ? await api.update(this.kind, this.object.id, spec, version)
        : await api.create(this.kind, spec);
      this.#take(written);
      this.warnings = written.warnings ?? [];
      return true;
    } catch (error) {
      await this.#refused(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** My changes on top of what somebody else wrote; nothing is saved yet. */
  merge(): void {
    if (!this.conflict || !this.object) return;
    const { before, mine, theirs, version } = this.conflict;
    this.object = { ...this.object, version };
    this.#before = theirs;
    this.draft = onTop(before, mine, theirs);
    this.conflict = undefined;
  }

  /** What was refused and has not been written anew since. */
  get standing(): readonly FieldProblem[] {
    return this.errors.filter(({ field }) => same(at(this.draft, field), at(this.#sent, field)));
  }

  errorOf = (field: string): string => {
    const found = this.standing.find((error) => error.field === field || error.field.startsWith(`${field}.`));
    return found ? asSentence(found.message) : '';
  };

  warningOf = (field: string): string => {
    const found = this.warnings.find((warning) => warning.field === field || warning.field.startsWith(`${field}.`));
    return found ? asSentence(found.message) : '';
  };

  /** What is wrong inside a field: `settings` gives errors by the setting's name. */
  inside(field: string): Record<string, string> {
    const entries = [...this.warnings, ...this.standing]
      .filter((error) => error.field.startsWith(`${field}.`))
      .map((error) => [error.field.slice(field.length + 1), asSentence(error.message)] as const);
    return Object.fromEntries(entries);
  }

  #take(object: ObjectOf[K]): void {
    remember(this.kind, object);
    this.object = object;
    const spec = this.shape.specOf(object);
    this.#before = structuredClone(spec);
    this.draft = spec;
    this.errors = [];
    this.warnings = [];
    this.uncopied = [];
    this.conflict = undefined;
    this.status = 'ready';
  }

  async #reading(read: () => Promise<void>): Promise<void> {
    this.status = 'loading';
    this.problem = '';
    try {
      await read();
    } catch (error) {
      this.problem = sentenceOf(error);
      this.status = 'failed';
    }
  }

  async #refused(error: unknown): Promise<void> {
    if (error instanceof ApiError && error.code === 'version_conflict' && this.object) {
      const theirs = await api.find(this.kind, this.object.id).catch(() => undefined);
      if (theirs) {
        this.conflict = {
          before: this.#before ?? this.shape.blank(),
          mine: $state.snapshot(this.draft) as Spec,
          theirs: this.shape.specOf(theirs),
          version: theirs.version,
        };
        return;
      }
    }
    if (error instanceof ApiError && error.errors.length > 0) this.#tell(error.errors);
    else this.problem = sentenceOf(error);
  }

  #tell(errors: readonly FieldProblem[]): void {
    this.#sent = $state.snapshot(this.draft) as Spec;
    this.errors = errors;
    this.problem = errors.length === 1 ? 'It is not saved: one field is wrong.' : `It is not saved: ${errors.length} fields are wrong.`;
  }
}
