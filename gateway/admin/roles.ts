/**
 * Who may do what. `viewer` reads; `operator` runs markets, accounts and funding; `risk` sets limits and stops trading; `compliance`
 * verifies customers and decides held movements; `admin` may do everything, ending the process included.
 */
export const ROLES = ["viewer", "operator", "risk", "compliance", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Everybody who is anybody. */
export const READERS: readonly Role[] = [...ROLES];

export interface Principal {
  readonly name: string;
  readonly roles: readonly Role[];
}

/** `admin` need not be listed. */
export function mayCall(principal: Principal, allowed: readonly Role[]): boolean {
  return principal.roles.some((role) => role === "admin" || allowed.includes(role));
}

export function isRole(value: unknown): value is Role {
  return ROLES.includes(value as Role);
}
