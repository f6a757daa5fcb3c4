import { visible } from './visible.ts'

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Somebody's text for a text node or a quoted attribute; line breaks stay. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (one) => ENTITIES[one] ?? '')
}
