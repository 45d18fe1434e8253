import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Response } from 'supertest';

interface Media {
  schema?: object;
}
type Operation = { responses: Record<string, { content?: Record<string, Media> }> };
export interface Document {
  paths: Record<string, Record<string, Operation>>;
}

/** Compares answers with the OpenAPI document: their status, their media type, and a JSON body with its schema. */
export class DocumentedAnswers {
  readonly violations: string[] = [];
  readonly #validators = new Map<string, ValidateFunction>();
  // Formats like double are those of OpenAPI; Ajv does not know them.
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });

  constructor(private readonly document: Document) {
    this.#ajv.addSchema(document, 'document');
  }

  check(method: string, url: string, response: Response): void {
    const path = this.#pathOf(new URL(url, 'http://localhost').pathname);
    const operation = path === null ? undefined : this.document.paths[path]?.[method.toLowerCase()];
    if (path === null || !operation) return;
    const where = `${method} ${path} answered ${response.status}`;
    const documented = operation.responses[response.status];
    if (!documented) {
      this.violations.push(`${where}, which the document does not have: ${response.text?.slice(0, 300)}`);
      return;
    }
    if (response.status === 304 || response.status === 204) return;
    const mediaType = response.type;
    if (!documented.content?.[mediaType]) {
      this.violations.push(`${where} with ${mediaType}, not one of ${Object.keys(documented.content ?? {})}`);
    } else if (/[+/]json$/.test(mediaType)) {
      const pointer = ['paths', path, method.toLowerCase(), 'responses', `${response.status}`, 'content', mediaType];
      this.#checkBody(where, [...pointer, 'schema'], response.body);
    }
  }

  #checkBody(where: string, pointer: string[], body: unknown): void {
    const reference = `document#/${pointer.map((each) => encodeURIComponent(each.replaceAll('/', '~1'))).join('/')}`;
    const validate = this.#validators.get(reference) ?? this.#ajv.compile({ $ref: reference });
    this.#validators.set(reference, validate);
    // A test that reads text or bytes gets those of a problem too.
    const isParsed = typeof body === 'object' && !Buffer.isBuffer(body);
    if (!validate(isParsed ? body : JSON.parse(String(body)))) {
      const errors = validate.errors?.slice(0, 3).map((error) => `${error.instancePath} ${error.message}`);
      this.violations.push(`${where} with a body that its schema does not allow: ${errors?.join('; ')}`);
    }
  }

  #pathOf(pathname: string): string | null {
    const segments = pathname.split('/');
    const isLike = (path: string) => {
      const parts = path.split('/');
      return parts.length === segments.length && parts.every((part, i) => part.startsWith('{') || part === segments[i]);
    };
    const found = Object.keys(this.document.paths).filter(isLike);
    return found.find((path) => path === pathname) ?? found[0] ?? null;
  }
}
