import { describe, expect, it } from 'vitest'
import { isFiller, isLegalForm } from './filler.ts'

describe('isFiller', () => {
  it.each([
    "import { z } from 'zod';",
    'const value = await parse(input);',
    "const express = require('express')",
    'app.use(cors());',
    'items.map((item) => item.name)',
    'Thank you for your enquiry.',
    'Thank you for your enquiry of 9 February about the above policy.',
    'We look forward to welcoming you on board.',
    'https://example.org/a/long/path',
    '[Getting started](#getting-started)',
    'See https://github.com/evanw/esbuild and the JavaScript API documentation for details.',
    'For more information, visit [the documentation](https://example.org/docs).',
  ])('takes %j for filler', (text) => {
    expect(isFiller(text)).toBe(true)
  })

  it.each([
    'The yard asks for payment within thirty days.',
    'For the first month the owner must keep the log.',
    'If the wall is thinner, the elbow has to be replaced.',
    'This is a JavaScript bundler and minifier.',
    'license: ISC; author: Eemeli Aro; homepage: https://eemeli.org/yaml/',
    'Import duty of 4 % is payable on the yacht.',
    'See clause 7: the fee is payable on 1 April.',
    'Copyright (c) 2017 Joshua Wise',
    'The library is released under the ISC open source license, and the code is on https://github.com/eemeli/yaml.',
  ])('keeps %j', (text) => {
    expect(isFiller(text)).toBe(false)
  })
})

it('knows the words that stand alike in every licence', () => {
  expect(
    isLegalForm('The above copyright notice and this permission notice shall be included in all copies.'),
  ).toBe(true)
  expect(isLegalForm('The library is released under the ISC license.')).toBe(false)
})
