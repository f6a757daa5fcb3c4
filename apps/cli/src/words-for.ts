import type { Failure, Stop } from '@infrafabric/session'
import { oneLine } from './plain-text.ts'

/** `1 task`, `2 tasks`, `1,000 tasks`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A time that passed or is left, for people: `0.4 s`, `12 s`, `3m 05s`, `2h 10m`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1_000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}m ${String(whole % 60).padStart(2, '0')}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours}h ${String(minutes % 60).padStart(2, '0')}m`
  return `${Math.floor(hours / 24)}d ${hours % 24}h`
}

export function failureText(failure: Failure): string {
  return oneLine(failure.detail === '' ? failure.code : failure.detail, 160)
}

export function stopText(stop: Stop): string {
  switch (stop.is) {
    case 'completed':
      return 'done'
    case 'cancelled':
      return 'cancelled'
    case 'interrupted':
      return 'interrupted'
    case 'out-of-budget':
      return 'the budget is used up'
    case 'out-of-time':
      return 'the deadline is reached'
    case 'halted':
      return oneLine(stop.detail === '' ? stop.code : stop.detail, 300)
  }
}
