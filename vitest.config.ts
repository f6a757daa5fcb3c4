import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{packages,drivers,apps}/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
