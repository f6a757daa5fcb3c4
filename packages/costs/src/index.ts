export { type PriceParsed, parsePrice, parsePriceOption } from './parse-price.ts'
export { describePrice, PRICE_BOOK, type PriceFound, type PriceOptions, priceOf } from './price-book.ts'
