// Each test begins with an empty page and with no program behind the door.
import { afterEach } from "vitest";
import { replaceHost } from "../host";

afterEach(() => replaceHost(null));
