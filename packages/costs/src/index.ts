export { describePrice, PRICE_BOOK, type PriceFound, type PriceOptions, priceOf } from './price-book.ts'
