// What is asked at the first sign-in, and which field a refusal is about.
import type { Failure, Session, SignInRequest } from "./generated";
import { asFailure, run } from "./host";

export type About = "server" | "guild" | "name" | "password" | "certificate" | "form";
export type Troubles = Partial<Record<About, string>>;

/** What is there already when somebody signs in again: only the password is missing. */
export interface Known {
  server: string;
  guild: string;
  name: string;
}

export class SignIn {
  server = $state("");
  guild = $state("");
  name = $state("");
  password = $state("");
  device = $state("");
  certificate = $state("");
  usesKeyring = $state(false);
  troubles = $state.raw<Troubles>({});
  isBusy = $state(false);

  constructor(known: Known | null, keyringAnswers: boolean) {
    if (known !== null) Object.assign(this, known);
    this.usesKeyring = keyringAnswers;
  }

  /** The session, or null: then `troubles` says what is wrong, and where. */
  async send(): Promise<Session | null> {
    if (this.isBusy) return null;
    this.troubles = this.#missing();
    if (Object.keys(this.troubles).length > 0) return null;
    this.isBusy = true;
    try {
      return await run("sign_in", this.#request());
    } catch (thrown) {
      this.troubles = troublesOf(asFailure(thrown), this.certificate !== "");
      return null;
    } finally {
      this.isBusy = false;
    }
  }

  #missing(): Troubles {
    const troubles: Troubles = {};
    if (this.server.trim() === "") troubles.server = "Type the address of your guild's server. Whoever set it up knows it.";
    if (this.guild.trim() === "") troubles.guild = "Type the name of the guild on that server.";
    if (this.name.trim() === "") troubles.name = "Type your name or e-mail address.";
    if (this.password === "") troubles.password = "Type your password.";
    return troubles;
  }

  #request(): SignInRequest {
    const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());
    return {
      server: withScheme(this.server.trim()), guild: this.guild.trim(), name: this.name.trim(), password: this.password,
      device: orNull(this.device), use_keyring: this.usesKeyring, ca_file: orNull(this.certificate),
    };
  }
}

/** People type `guild.example`; what is meant is https. */
export function withScheme(address: string): string {
  return /^[a-z][a-z+.-]*:\/\//i.test(address) ? address : `https://${address}`;
}

/** The field that a refusal is about, by its code only. */
export function troublesOf({ code, message, hint }: Failure, hasCertificate = false): Troubles {
  const said = sentence(message);
  const words = hint === null || code === "locked" || code === "offline" ? said : `${said} ${hint}`;
  switch (code) {
    case "locked":
      return { password: words };
    case "offline":
    case "bad_request":
      return { server: words };
    case "not_found":
      return { guild: words };
    case "disagreement":
      return { name: words };
    case "no_profile":
      return { form: words };
    case "fault":
      return hasCertificate ? { certificate: words } : { form: words };
  }
}

/** Servers say it in half a sentence. */
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`;

const ORDER: About[] = ["server", "guild", "name", "password", "certificate"];

/** Where the person goes on typing. */
export function firstTrouble(troubles: Troubles): About | null {
  return ORDER.find((about) => troubles[about] !== undefined) ?? null;
}
