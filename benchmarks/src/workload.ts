import type { Variant } from './variant.ts'

/** What is measured, by one definition for all variants. */
export interface Workload {
  readonly name: string
  /** What is done, for people. */
  readonly title: string
  /** The unit of the values. */
  readonly unit: string
  /** Which of two values is the better one. */
  readonly better: 'lower' | 'higher'
  /** Whether quotients of two values say something; not when a value may be zero or negative. */
  readonly isComparable: boolean
  /** In how many rounds it is measured, when it takes long and its values vary little. */
  readonly maxRounds?: number
  /**
   * Measures a variant once, in a process that does nothing else.
   *
   * @throws {WrongAnswerError} When a result is not what the task had to give.
   */
  measure(variant: Variant, settings: MeasureSettings): Promise<Measurement>
}

/** How long to measure. */
interface MeasureSettings {
  /** The length of one measurement; counts of calls are in proportion to it. */
  readonly seconds: number
}

/** A measured value, and what else became known with it. */
export interface Measurement {
  /** In the workload's unit. */
  readonly value: number
  /** Further numbers for the results file, each with its unit in its name. */
  readonly details: Readonly<Record<string, number>>
}
