import { ModelError } from '@infrafabric/ports'

/** An optional package that could not be loaded: not there, or broken. Nothing was sent. */
export function missingPackage(name: string, installed: string, cause: unknown): ModelError {
  const absent = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'
  const why = absent
    ? 'is not installed'
    : `does not load (${cause instanceof Error ? cause.message : String(cause)})`
  const packageName = installed.slice(0, installed.lastIndexOf('@'))
  const detail = `${name}: the package ${packageName} ${why}; install it with: npm install ${installed}`
  return new ModelError('invalid-request', detail, { billed: 'no', cause })
}
