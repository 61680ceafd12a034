import Fastify, { type FastifyInstance } from 'fastify';

type ValidatorCompiler = NonNullable<FastifyInstance['validatorCompiler']>;
type SerializerCompiler = NonNullable<FastifyInstance['serializerCompiler']>;

/**
 * Fastify compiles the shapes of all routes before it is ready: a sixth of a start, for some hundred routes of which the first
 * citizen needs two. Here each is compiled when its route is first asked, or a moment after the start, whichever comes first.
 */
export interface LazySchemas {
  /** Shapes that are not compiled yet. */
  readonly waiting: () => number;
  /** Compiles one; false when none is left. Throws what is wrong with it. */
  compileNext(): boolean;
}

/** Under this name an instance shows them. */
export const LAZY_SCHEMAS = 'lazySchemas';

/** Every route of this instance that is added afterwards is compiled late, by the compilers that Fastify itself would use. */
export async function useLazySchemas(app: FastifyInstance): Promise<LazySchemas> {
  const { validator, serializer } = await (compilers ??= makeCompilers());
  const waiting = new Set<() => void>();
  const later = <Made>(make: () => Made): (() => Made) => {
    let made: { readonly value: Made } | null = null;
    const get = (): Made => {
      if (made === null) {
        made = { value: make() };
        waiting.delete(get);
      }
      return made.value;
    };
    waiting.add(get);
    return get;
  };
  const lateValidator: ValidatorCompiler = (route) => {
    const get = later(() => validator(route));
    const check: ReturnType<ValidatorCompiler> = (data) => {
      const validate = get();
      const answer = validate(data);
      check.errors = validate.errors ?? null;
      return answer;
    };
    return check;
  };
  const lateSerializer: SerializerCompiler = (route) => {
    const get = later(() => serializer(route));
    return (data) => get()(data);
  };
  app.setValidatorCompiler(lateValidator);
  app.setSerializerCompiler(lateSerializer);
  const schemas: LazySchemas = {
    waiting: () => waiting.size,
    compileNext: () => {
      const next = waiting.values().next();
      if (next.done === true) return false;
      // Whatever is wrong with it is told once here, and again to whoever asks that route.
      waiting.delete(next.value);
      next.value();
      return true;
    },
  };
  app.decorate(LAZY_SCHEMAS, schemas);
  return schemas;
}

interface Compilers {
  readonly validator: ValidatorCompiler;
  readonly serializer: SerializerCompiler;
}

/** Of this process: they cost a quarter of an instance, and keep nothing of one. */
let compilers: Promise<Compilers> | null = null;

/** Fastify shows its compilers once an instance with a shape is ready, so one is made for that. */
async function makeCompilers(): Promise<Compilers> {
  const model = Fastify();
  const schema = { type: 'object' } as const;
  model.post('/', { schema: { body: schema, response: { 200: schema } } }, async () => ({}));
  await model.ready();
  const { validatorCompiler: validator, serializerCompiler: serializer } = model;
  await model.close();
  if (validator === undefined || serializer === undefined) throw new Error('Fastify shows no compilers');
  return { validator, serializer };
}
