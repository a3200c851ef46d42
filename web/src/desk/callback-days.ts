import type { CallbackSlot } from "../api/models";
import { isoDay } from "../ui/time";

/** One day by the callee's clock, and how much of it may be chosen. */
export interface CallbackDay {
  readonly day: string;
  readonly slots: readonly CallbackSlot[];
  readonly lawful: number;
}

/** The week's slots by the callee's days, in their order; a day without any slot left isn't among them. */
export function callbackDays(slots: readonly CallbackSlot[], zone: string): readonly CallbackDay[] {
  const days = new Map<string, CallbackSlot[]>();
  for (const slot of slots) {
    const day = isoDay(slot.opens, zone);
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  return [...days].map(([day, found]) => ({ day, slots: found, lawful: found.filter(({ why }) => why === null).length }));
}

/** The day shown first: the first on which a callback may be agreed, otherwise the first. */
export function firstOpenDay(days: readonly CallbackDay[]): string | null {
  return (days.find(({ lawful }) => lawful > 0) ?? days[0])?.day ?? null;
}
