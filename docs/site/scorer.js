// Of two pages with the word that was looked for, the one that says what it means comes first.
const FIRST = [["reference/", 3], ["how-to/", 2], ["tutorial", 2], ["explanation/", 1]];

var Scorer = {
  score: ([page, , , , score]) => score + (FIRST.find(([folder]) => page.startsWith(folder))?.[1] ?? 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
