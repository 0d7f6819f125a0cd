/** The operations of the API as the HTTP router needs them: method, path, status, and where each member travels. */

import { operationModels, structures } from './model.generated.ts';
import type { MemberModel } from './model.ts';

/** One member of an operation's request. */
export interface RequestMember {
  /** Wire name, also the label in the path or the key in the query. */
  readonly name: string;
  readonly location: 'path' | 'query' | 'body';
  /** Required by the client model; the service's text for a missing one is `The '{name}' field is required.`. */
  readonly isRequired: boolean;
  readonly model: MemberModel;
}

/** One operation. */
export interface Operation {
  /** As in the service model, e.g. `CreateJob`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path template with wire-named labels, e.g. `/2017-08-29/jobs/{id}`. Labels never span a raw `/`. */
  readonly path: string;
  /** HTTP status of success. */
  readonly status: number;
  /** Structure name of the request: what `validateRequest` takes. */
  readonly input: string;
  /** Structure name of the response. */
  readonly output: string;
  readonly members: readonly RequestMember[];
  /** True when a request carries a JSON body. */
  readonly hasBody: boolean;
}

/** All operations, by name order. */
export const operations: readonly Operation[] = Object.keys(operationModels).map(toOperation);

/** The operation of that name. Throws RangeError for an unknown one. */
export function operationNamed(name: string): Operation {
  const operation = operations.find((candidate) => candidate.name === name);
  if (operation === undefined) throw new RangeError(`the API has no operation ${name}`);
  return operation;
}

function toOperation(name: string): Operation {
  const model = operationModels[name];
  const input = model === undefined ? undefined : structures[model.input];
  if (model === undefined || input === undefined) throw new RangeError(`the model has no operation ${name}`);
  const members = Object.entries(input.members).map(
    ([memberName, member]): RequestMember => ({
      name: memberName,
      location: member.location ?? 'body',
      isRequired: input.required?.includes(memberName) ?? false,
      model: member,
    }),
  );
  return { name, ...model, members, hasBody: members.some((member) => member.location === 'body') };
}
