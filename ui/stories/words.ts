// Words that try a screen.
export const LONG =
  "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz and other long words of a subject that somebody wrote in one breath without ever coming to an end 🏌️‍♀️";
export const RTL = "الشاشة سوداء في الخليج الرابع والصوت يعمل";
