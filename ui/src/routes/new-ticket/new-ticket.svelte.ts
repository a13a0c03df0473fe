// A new ticket can be begun anywhere, and from an answer: then the page is linked to it.

export interface Begun {
  subject?: string;
  sop?: { id: string; title: string };
}

class NewTicket {
  isOpen = $state(false);
  begun = $state.raw<Begun>({});

  open(begun: Begun = {}): void {
    this.begun = begun;
    this.isOpen = true;
  }
}

export const newTicket = new NewTicket();
