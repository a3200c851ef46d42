import { createStore } from "../ui/store";

/** A dossier takes no more. */
export const BASKET_MAX = 1_000;

const KEY = "dialer.basket";
const ID = /^[A-Za-z0-9][A-Za-z0-9._:/@~+-]{0,127}$/;

/** The attempts that somebody has laid aside, in the order in which they did. Ids only: they name nobody. */
export type Basket = readonly string[];

/** What is done with it. */
export type BasketEvent =
  | { readonly type: "put"; readonly attempts: readonly string[] }
  | { readonly type: "taken"; readonly attempts: readonly string[] }
  | { readonly type: "emptied" };

/** The basket after an act; it never holds more than a dossier takes, and nothing twice. */
export function basketAfter(basket: Basket, event: BasketEvent): Basket {
  switch (event.type) {
    case "put": {
      const fresh = event.attempts.filter((attempt, at, all) => !basket.includes(attempt) && all.indexOf(attempt) === at);
      return fresh.length === 0 ? basket : [...basket, ...fresh].slice(0, BASKET_MAX);
    }
    case "taken": {
      const left = basket.filter((attempt) => !event.attempts.includes(attempt));
      return left.length === basket.length ? basket : left;
    }
    case "emptied":
      return basket.length === 0 ? basket : [];
  }
}

/** A basket out of what was stored; what can't be read is an empty one. */
export function readBasket(stored: string | null): Basket {
  try {
    const value: unknown = JSON.parse(stored ?? "[]");
    if (!Array.isArray(value)) return [];
    const attempts = value.filter((one): one is string => typeof one === "string" && ID.test(one));
    return basketAfter([], { type: "put", attempts });
  } catch {
    return [];
  }
}

/** The basket of this tab: it outlives a reload and ends with the tab. */
export const basket = createStore(basketAfter, readBasket(sessionStorage.getItem(KEY)));

basket.subscribe(() => sessionStorage.setItem(KEY, JSON.stringify(basket.get())));
