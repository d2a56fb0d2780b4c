// Arguments made from a tool's input schema and from nothing else: what is required, each value as its schema wants it.

const DEPTH = 8;

/** A value this schema allows; `root` is where its local references lead. Other documents are never fetched. */
export function valueFor(schema, root = schema, depth = 0) {
  if (schema === true || schema === undefined || schema === null || depth > DEPTH) return {};
  if ('const' in schema) return schema.const;
  if ('default' in schema) return schema.default;
  if (schema.enum?.length) return schema.enum[0];
  if (schema.examples?.length) return schema.examples[0];
  const local = typeof schema.$ref === 'string' && schema.$ref.startsWith('#') && resolved(schema.$ref, root);
  if (local) return valueFor(local, root, depth + 1);
  const [first] = schema.oneOf ?? schema.anyOf ?? [];
  if (first && !schema.type) return valueFor(first, root, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type.find(one => one !== 'null') : schema.type;
  switch (type) {
    case 'number':
    case 'integer': return between(schema);
    case 'boolean': return true;
    case 'null': return null;
    case 'array': return Array.from({ length: schema.minItems ?? 0 }, () => valueFor(schema.items, root, depth + 1));
    case 'string': return text(schema);
    default: return argumentsFor(schema, root, depth + 1);
  }
}

/** The arguments of one call: the required properties. */
export const argumentsFor = (schema = {}, root = schema, depth = 0) => Object.fromEntries((schema.required ?? [])
  .map(name => [name, valueFor(schema.properties?.[name] ?? { type: 'string' }, root, depth)]));

const resolved = (reference, root) => reference.slice(1).split('/').filter(Boolean)
  .reduce((at, key) => at?.[key.replace(/~1/g, '/').replace(/~0/g, '~')], root);

function between({ minimum, exclusiveMinimum, maximum, multipleOf = 1 }) {
  const least = Math.max(minimum ?? 1, exclusiveMinimum === undefined ? 1 : exclusiveMinimum + multipleOf);
  const value = Math.ceil(least / multipleOf) * multipleOf;
  return maximum === undefined ? value : Math.min(value, maximum);
}

const FORMATS = { email: 'someone@example.org', uri: 'https://example.org/', date: '2026-07-28', 'date-time': '2026-07-28T00:00:00Z' };

const text = ({ format, minLength = 0, maxLength = Infinity }) => (FORMATS[format] ?? 'example'.padEnd(minLength, '.')).slice(0, maxLength);
