/**
 * What the runtime model is made of. The tables themselves are generated (`model.generated.ts`); validators, the
 * document parser, the HTTP router and the coverage report read them.
 */

/** One member of a structure, or the element of a list or map. */
export type MemberModel =
  | StringModel
  | EnumModel
  | NumberModel
  | TimestampModel
  | StructureReference
  | ListModel
  | MapModel;

interface MemberPlace {
  /** Where the member travels; absent: in the JSON body. */
  readonly location?: 'path' | 'query';
  /** True for a member of the baseline model generation that the newest dropped (spec api.md 18). */
  readonly older?: true;
}

/** Text. */
export interface StringModel extends MemberPlace {
  readonly kind: 'string';
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A regular expression source without flags. */
  readonly pattern?: string;
}

/** One of the values of an enumeration. */
export interface EnumModel extends MemberPlace {
  readonly kind: 'enum';
  /** Key into `enums`. */
  readonly enum: string;
}

/** A JSON number; `long` may exceed 32 bits. */
export interface NumberModel extends MemberPlace {
  readonly kind: 'integer' | 'long' | 'double';
  readonly min?: number;
  readonly max?: number;
  readonly exclusiveMin?: number;
  readonly exclusiveMax?: number;
  readonly multipleOf?: number;
  /** The documentation lists the only legal values. */
  readonly values?: readonly (number | string)[];
  /** Zero is legal although the range excludes it. */
  readonly orZero?: boolean;
  /** Declared as a double, documented as a whole number. */
  readonly integer?: boolean;
}

/** Epoch seconds, a JSON number. */
export interface TimestampModel extends MemberPlace {
  readonly kind: 'timestamp';
}

/** A member that is an object of a named structure. */
export interface StructureReference extends MemberPlace {
  readonly kind: 'structure';
  /** Key into `structures`. */
  readonly structure: string;
}

/** A JSON array. */
export interface ListModel extends MemberPlace {
  readonly kind: 'list';
  readonly member: MemberModel;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** Keys are the caller's data, never setting names. */
export interface MapModel extends MemberPlace {
  readonly kind: 'map';
  readonly value: MemberModel;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** What the keys must look like, where a limit is documented. */
  readonly keys?: { readonly minLength?: number; readonly maxLength?: number; readonly pattern?: string };
}

/** An object with named members. */
export interface StructureModel {
  /** Members by wire name. */
  readonly members: Readonly<Record<string, MemberModel>>;
  /** Wire names the client model requires. */
  readonly required?: readonly string[];
  /** Wire names the service refuses to miss although the client model calls them optional. */
  readonly serverRequired?: readonly string[];
}

/** One operation: how it is called and what it takes and gives. */
export interface OperationModel {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path template; labels are wire names, e.g. `/2017-08-29/jobs/{id}`. */
  readonly path: string;
  /** HTTP status of success. */
  readonly status: number;
  /** Structure names. */
  readonly input: string;
  readonly output: string;
}
