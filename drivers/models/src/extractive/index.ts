export { createExtractive } from './create-extractive.ts'
