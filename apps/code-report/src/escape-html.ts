const special = /[&<>"']/g
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Gives text that means itself in HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(special, (char) => entities[char] ?? char)
}

// Characters that turn the direction of text can make code look like what it is not, and control
// characters show as nothing.
const deceptive = /(?![\t\n\r])[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu

/** Gives source code as HTML: like `escapeHtml`, and invisible or misleading characters are named. */
export function escapeCode(code: string): string {
  return escapeHtml(code).replace(deceptive, (char) => {
    const point = char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    return `<span class="odd" title="U+${point}">U+${point}</span>`
  })
}
