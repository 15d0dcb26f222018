'use strict'

// Runs in the head, before the page is drawn, so that it never shows in the wrong colours first.
const themes = ['system', 'light', 'dark']
applyTheme(storedTheme())

document.addEventListener('DOMContentLoaded', () => {
  labelThemeButton()
  document.querySelector('[data-action=theme]')?.addEventListener('click', () => {
    const next = themes[(themes.indexOf(storedTheme()) + 1) % themes.length]
    try {
      localStorage.setItem('code-report-theme', next)
    } catch {
      // Without storage the choice lasts for this page.
    }
    applyTheme(next)
    labelThemeButton()
  })
  for (const section of document.querySelectorAll('[data-files]')) enableTable(section)
})

function storedTheme() {
  try {
    const stored = localStorage.getItem('code-report-theme')
    if (themes.includes(stored)) return stored
  } catch {
    // Storage can be forbidden for files.
  }
  return document.documentElement.dataset.theme ?? 'system'
}

function applyTheme(theme) {
  document.documentElement.dataset.theme = theme
}

function labelThemeButton() {
  const button = document.querySelector('[data-action=theme]')
  if (button) button.textContent = `Colours: ${document.documentElement.dataset.theme}`
}

// Drawing thousands of rows at once is slow, and nobody reads them all.
const firstRows = 200

function enableTable(section) {
  const body = section.querySelector('tbody')
  const form = section.querySelector('[data-filters]')
  const output = form.querySelector('output')
  const more = section.querySelector('[data-action=more]')
  const rows = [...body.rows].map((row) => ({
    row,
    values: [...row.cells].map((cell) => cell.dataset.v),
    text: row.cells[0].dataset.v.toLowerCase(),
  }))
  const failedColumn = rows.length === 0 ? 0 : rows[0].values.length - 1
  let ordered = rows
  let limit = firstRows

  const show = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean)
    const language = form.elements.language.value
    const onlyFailed = form.elements.failed.checked
    let matches = 0
    for (const { row, values, text } of ordered) {
      const isMatch =
        words.every((word) => text.includes(word)) &&
        (language === '' || values[1] === language) &&
        (!onlyFailed || values[failedColumn] !== '0')
      if (isMatch) matches += 1
      row.hidden = !isMatch || matches > limit
    }
    output.textContent =
      matches === rows.length ? `${rows.length} files` : `${matches} of ${rows.length} files`
    more.hidden = matches <= limit
    more.textContent = `Show all ${matches} files`
  }

  const sort = (header, column) => {
    const isNumber = header.dataset.kind === 'number'
    const first = isNumber ? 'descending' : 'ascending'
    const second = isNumber ? 'ascending' : 'descending'
    const order = header.getAttribute('aria-sort') === first ? second : first
    for (const other of section.querySelectorAll('th')) other.removeAttribute('aria-sort')
    header.setAttribute('aria-sort', order)
    const sign = order === 'ascending' ? 1 : -1
    ordered = ordered.toSorted((a, b) =>
      compare(a.values[column], b.values[column], isNumber, sign),
    )
    body.append(...ordered.map(({ row }) => row))
    show()
  }

  section.querySelectorAll('th').forEach((header, column) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = header.textContent.trim()
    button.addEventListener('click', () => sort(header, column))
    header.replaceChildren(button)
  })
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('input', () => {
    limit = firstRows
    show()
  })
  more.addEventListener('click', () => {
    limit = Infinity
    show()
  })
  form.hidden = false
  show()
}

// What was not measured comes last in both orders.
function compare(a, b, isNumber, sign) {
  if (a === '' || b === '') return Number(a === '') - Number(b === '')
  if (isNumber) return sign * (Number(a) - Number(b))
  return a === b ? 0 : sign * (a < b ? -1 : 1)
}
