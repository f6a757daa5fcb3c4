interface Unit {
  unit: string
  factor: bigint
}

/**
 * Units that convert exactly by a whole number share a base; all others stand for themselves. Metres and feet,
 * litres and gallons, kilowatts and horsepower stay apart, because conversions round.
 */
const UNITS: readonly [base: string, factor: bigint, written: string][] = [
  ['s', 1n, 's sec secs second seconds'],
  ['s', 60n, 'min mins minute minutes'],
  ['s', 3600n, 'h hr hrs hour hours heure heures stunden'],
  ['day', 1n, 'd day days'],
  ['day', 7n, 'week weeks'],
  ['month', 1n, 'month months'],
  ['month', 12n, 'year years yr yrs'],
  ['mm', 1n, 'mm millimetre millimetres millimeter millimeters'],
  ['mm', 10n, 'cm centimetre centimetres centimeter centimeters'],
  ['mm', 1000n, 'm metre metres meter meters'],
  ['mm', 1_000_000n, 'km kilometre kilometres kilometer kilometers'],
  ['in', 1n, 'in inch inches'],
  ['in', 12n, 'ft foot feet'],
  ['nmi', 1n, 'nm nmi'],
  ['mi', 1n, 'mile miles mi'],
  ['ml', 1n, 'ml millilitre millilitres milliliter milliliters'],
  ['ml', 1000n, 'l ltr litre litres liter liters'],
  ['ml', 1_000_000n, 'm3 m³'],
  ['gal', 1n, 'gal gallon gallons'],
  ['g', 1n, 'g gram grams'],
  ['g', 1000n, 'kg kilogram kilograms kilo kilos'],
  ['g', 1_000_000n, 't tonne tonnes'],
  ['lb', 1n, 'lb lbs'],
  ['W', 1n, 'w watt watts'],
  ['W', 1000n, 'kw'],
  ['hp', 1n, 'hp bhp'],
  ['Wh', 1n, 'wh'],
  ['Wh', 1000n, 'kwh'],
  ['V', 1n, 'v volt volts'],
  ['A', 1n, 'a amp amps ampere amperes'],
  ['Ah', 1n, 'ah'],
  ['Hz', 1n, 'hz'],
  ['Hz', 1000n, 'khz'],
  ['Hz', 1_000_000n, 'mhz'],
  ['Hz', 1_000_000_000n, 'ghz'],
  ['bar', 1n, 'bar'],
  ['°C', 1n, '°c ºc celsius'],
  ['°F', 1n, '°f ºf fahrenheit'],
  ['°', 1n, '° º degrees degree'],
  ['rpm', 1n, 'rpm'],
  ['kn', 1n, 'kn kts knot knots'],
  ['%', 1n, '% percent'],
  ['B', 1n, 'bytes byte'],
  ['B', 1000n, 'kb kilobytes'],
  ['B', 1_000_000n, 'mb megabytes'],
  ['B', 1_000_000_000n, 'gb gigabytes'],
  ['B', 1024n, 'kib'],
  ['B', 1_048_576n, 'mib'],
  ['B', 1_073_741_824n, 'gib'],
  ['s', 1n, 'seconds'],
  ['ms', 1n, 'ms milliseconds millisecond'],
  ['person', 1n, 'person persons people passengers adults'],
  ['EUR', 1n, 'eur euro euros €'],
  ['USD', 1n, 'usd dollar dollars $ us$'],
  ['GBP', 1n, 'gbp pounds £'],
  ['CHF', 1n, 'chf'],
  ['JPY', 1n, 'jpy yen ¥'],
  ['SEK', 1n, 'sek'],
  ['NOK', 1n, 'nok'],
  ['DKK', 1n, 'dkk'],
  ['CAD', 1n, 'cad'],
  ['AUD', 1n, 'aud'],
  ['CNY', 1n, 'cny rmb'],
  ['INR', 1n, 'inr ₹'],
]

const BY_WORD: ReadonlyMap<string, Unit> = new Map(
  UNITS.flatMap(([unit, factor, written]) =>
    written.split(' ').map((word) => [word, { unit, factor }] as const),
  ),
)

/** Unit words that also mean something else when they stand as a part of a column's name. */
const NOT_IN_A_LABEL: ReadonlySet<string> = new Set(
  'a d g h in l m s t v w b second minute min foot day'.split(' '),
)

export function unitOf(word: string): Unit | undefined {
  return BY_WORD.get(word.toLowerCase())
}

/** The unit a column's or field's name gives its bare numbers: `port_engine_hours`, `total EUR`. */
export function unitOfLabel(words: readonly string[]): Unit | undefined {
  const found = words
    .filter((word) => !NOT_IN_A_LABEL.has(word.toLowerCase()))
    .flatMap((word) => unitOf(word) ?? [])
  // `eur_per_litre` is neither euros nor litres.
  if (words.some((word) => word.toLowerCase() === 'per')) return undefined
  return found[0]
}
